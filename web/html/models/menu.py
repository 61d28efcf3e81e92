"""The menu of models as HTML, and the hint that there is none yet."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from fastcore.xml import FT

from apps.models import calls_tools, is_local
from apps.types.unix_time import MINUTES, date_and_time
from bus.messages import LlmListed, Values
from bus.servers.titles import called
from web.html.chat.progress import REHEARSAL
from web.html.parts.dialogs import GET_MODEL
from web.html.parts.elements import (
    Button,
    Details,
    Div,
    Input,
    Li,
    P,
    Span,
    Summary,
    Ul,
    command_form,
    commands,
    icon_button,
    sentence,
)
from web.html.parts.fragments import fitting
from web.state.page_view import PageView
from web.state.servers import OLLAMA
from web.state.words import count, id_part, size_in_words

GET = GET_MODEL
SERVERS = "servers"
"""Id of the dialog of the servers."""
LEAVES = "leaves this machine"
SEARCHED_FROM = 20
"""With more models than this the menu has a field to search them."""
MOST_SHOWN = 20
MOST_BYTES = 12_000
"""Models in the menu at once, and bytes of HTML that they have; the others are found by a search."""
LONGEST_WORDS = 100
"""Characters of a search for models."""
FOR_GOOD_SECONDS = 30 * 24 * 3600.0
"""A server that unloads a model only after such a time was told to keep it."""
DAY = "%d %b %Y"
"""The beginning of `MINUTES`."""


def model_menu(view: PageView) -> FT:
    """Return the menu of models. When there is none, it says what to do."""
    listed = view.models
    models = listed.models if listed else []
    problem = listed.problem if listed else ""
    name = view.model  # once: it looks through all models
    playing = next((model for model in models if model["name"] == name), {})
    return Details(
        Summary(
            Span(_model_name(playing or {"name": name}) or "Looking for models …", cls="chosen"),
            Span("↗", cls="badge warning", title=where_it_goes(playing, listed)) if is_elsewhere(playing) else None,
            Span("!", cls="badge warning", title="Open the menu to see a problem") if problem else None,
            title="Models",
        ),
        Div(
            P(*sentence(problem), cls="problem") if problem else None,
            *(P(*sentence(one), cls="problem") for one in _problems(listed)),
            _search(view) if len(models) > SEARCHED_FROM else None,
            model_list(view),
            Div(
                Button("Get a model …", type="button", id="get-model-button", cls="choice", data_dialog=GET),
                Button("Servers …", type="button", id="servers-button", cls="choice", data_dialog=SERVERS),
                cls="more-models",
            ),
            cls="panel",
        ),
        id="model-menu",
        cls="menu",
    )


def _problems(listed: LlmListed | None) -> Iterator[str]:
    """Yield what is wrong with servers other than Ollama, whose problem counts only when nothing else plays."""
    for server in listed.servers if listed else ():
        if server.get("problem") and server.get("name") != OLLAMA and listed and server["problem"] != listed.problem:
            yield str(server["problem"])


def _model_name(model: Values) -> str:
    """Return what people call a model."""
    name = str(model["name"])
    return "Rehearsal (no model)" if name == REHEARSAL else str(model.get("title") or called(name))


# --- the list ---


def _search(view: PageView) -> FT:
    """Return the field that searches the models. The server does it: a page with thousands of models would be slow."""
    return command_form(
        "models-search",
        Input(
            type="text",
            name="words",
            id="model-words",
            value=view.model_words,
            placeholder="Search the models",
            aria_label="Search the models",
            aria_controls="model-list",
            autocomplete="off",
            spellcheck="false",
            maxlength=str(LONGEST_WORDS),
        ),
        values={},
        id="model-search",
        hx_trigger="input delay:120ms, submit",
        data_stays=True,
        data_repeats=True,
    )


def model_list(view: PageView) -> FT:
    """Return the models that fit what is searched for, and how many are not shown."""
    found = found_models(view.models.models if view.models else (), view.model_words)
    playing = view.model
    shown = fitting((Li(*_model(model, view, playing)) for model in shown_models(found, playing)), MOST_BYTES)
    hidden = len(found) - len(shown)
    more = f"{count(hidden, 'more model')} {'is' if hidden == 1 else 'are'} not shown. Search for a part of the name."
    return Div(
        Ul(*shown),
        P("No model has all these words in its name.", cls="note") if view.model_words and not found else None,
        P(more, cls="note") if hidden else None,
        id="model-list",
        role="group",
        aria_label="Models",
    )


def found_models(models: Sequence[Values], words: str) -> list[Values]:
    """Return the models whose name and server contain all the words."""
    wanted = words.casefold().split()

    def fits(model: Values) -> bool:
        text = f"{model['name']} {model.get('server', '')} {model.get('title', '')}".casefold()
        return all(word in text for word in wanted)

    return [model for model in models if fits(model)]


def shown_models(found: Sequence[Values], playing: str) -> list[Values]:
    """Return the first models; the one that plays is among them if it was found."""
    shown = list(found[:MOST_SHOWN])
    beyond = next((model for model in found[MOST_SHOWN:] if model["name"] == playing), None)
    return [beyond, *shown[:-1]] if beyond else shown  # first, so that it also fits


def _model(model: Values, view: PageView, playing: str) -> Iterator[FT]:
    name = str(model["name"])
    yield Button(
        Span(_model_name(model), cls="chosen"),
        Span(*_marks(model, view), cls="marks"),
        type="button",
        id=f"model-{id_part(name)}",
        cls="choice",
        aria_current="true" if name == playing else None,
        **commands("set", key="model", value=name),
    )
    if name != REHEARSAL:
        settings = f"settings-of-{id_part(name)}"
        yield icon_button("menu", f"Settings of {_model_name(model)}", id=settings, **commands("model-ask", model=name))


def _marks(model: Values, view: PageView) -> Iterator[FT]:
    """Yield what to know before a model is chosen: its size and server, how it acts, and where it runs."""
    if model["name"] == REHEARSAL:
        yield Span("built-in rules", cls="size")
        return
    server = str(model.get("server") or "")
    facts = (size_of(model), server if server != OLLAMA else "")
    yield Span(" · ".join(fact for fact in facts if fact), cls="size")
    yield _path_mark(model, view.settings.get("paths"))
    if model.get("form"):
        words = (
            "Taught to carry out orders in your lists. It knows little of the world: it can hand such questions over"
        )
        yield Span("lists, not the world", cls="badge", title=words)
    if not model.get("plays", True):
        yield only_talks()
    if "thinking" in (model.get("capabilities") or ()):
        yield Span("thinks", cls="badge", title="Can think before it answers")
    if view.settings.get("remark_model") == model["name"]:
        yield Span("remarks", cls="badge", title="Remarks and sums up, whichever model answers")
    if view.settings.get("general_model") == model["name"]:
        words = "Answers what is beyond a player of Pianola's own"
        yield Span("questions", cls="badge", title=words)
    if model.get("loaded"):
        yield Span(_loaded(model), cls="badge", title="Already in memory: answers at once")
    if is_elsewhere(model):
        yield Span(LEAVES, cls="badge warning", title=where_it_goes(model, view.models))


def only_talks() -> FT:
    """Return the badge of a model that is too small to change anything."""
    return Span("only talks", cls="badge warning", title="It answers, but changes nothing: it understands no orders")


def _path_mark(model: Values, paths: object) -> FT:
    """Return how a model acts, as a badge. `paths`: a setting, which says what was chosen and what failed."""
    if calls_tools(model, paths):
        return Span("tools", cls="badge", title="Acts by calling tools")
    return Span("text", cls="badge", title="Acts by writing instructions in its text")


def size_of(model: Values) -> str:
    """Return the size of a model's file in words; "" if unknown."""
    size = int(model.get("size") or 0)
    return size_in_words(size) if size else ""


def _loaded(model: Values) -> str:
    """Return that a model is in memory, and until when, if the worker says so (`loaded_until`, Unix seconds)."""
    until, now = model.get("loaded_until"), datetime.now().astimezone()
    if not isinstance(until, int | float) or until <= now.timestamp():
        return "loaded"
    if until - now.timestamp() > FOR_GOOD_SECONDS:
        return "stays loaded"
    moment = date_and_time(until, MINUTES)
    today = moment.startswith(date_and_time(now.timestamp(), DAY))
    return f"loaded until {moment.rpartition(' ')[2] if today else moment}"


def is_elsewhere(model: Values) -> bool:
    """Return whether a model runs on another machine."""
    return bool(model) and not is_local(model)


def where_it_goes(model: Values, listed: LlmListed | None) -> str:
    """Return what it means that a model is elsewhere."""
    servers = (one for one in (listed.servers if listed else ()) if one.get("name") == model.get("server"))
    address = str(next(servers, {}).get("address", ""))
    to = f" to {address}" if address and not model.get("cloud") else ""
    return f"It runs on another machine: what you write, and the rows that it is shown, are sent{to}."


# --- when there is none ---


def no_model_hint(view: PageView) -> FT:
    """Return the line above the chat's field that leads to a first model; hidden as soon as there is one."""
    nothing = view.models is not None and all(model["name"] == REHEARSAL for model in view.models.models)
    return Div(
        Span("No model yet: a few rules answer."),
        Button("Get a model …", type="button", id="first-model-button", cls="small", data_dialog=GET),
        id="model-hint",
        hidden=not nothing,
    )

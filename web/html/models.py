"""The models as HTML: the menu in which one is chosen, and the dialog that says how one is asked."""

from collections.abc import Iterator, Mapping

from fastcore.xml import FT

from apps.field_types import MINUTES, date_and_time
from apps.models import calls_tools, is_local
from apps.tables import Row
from bus.messages import LlmListed, Values
from web.html.chat.progress import REHEARSAL
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    Button,
    Dd,
    Details,
    Div,
    Dl,
    Dt,
    Footer,
    Input,
    Label,
    Li,
    Option,
    P,
    Select,
    Span,
    Summary,
    Ul,
    command_button,
    command_form,
    commands,
    icon_button,
    sentence,
)
from web.html.parts.fragments import replace
from web.state.model_settings import KEEP_ALIVE, NUMBERS, THINK, settings_of, typed
from web.state.page_view import PageView

NAME = "model-settings"
"""Id of the dialog."""
OLLAMA = "ollama"
"""Name of the server that is there without a setting."""
LEAVES = "leaves this machine"
CAPABILITIES = {
    "completion": "chat",
    "tools": "call tools",
    "thinking": "think first",
    "vision": "look at pictures",
    "insert": "fill in text",
    "embedding": "compare texts",
}
"""What a model can do, in words, by the name in `llm.listed`."""


# --- the menu ---


def model_menu(view: PageView) -> FT:
    """Return the menu of models. When there is none, it says what to do."""
    listed = view.models
    models = listed.models if listed else []
    problem = listed.problem if listed else ""
    playing = next((model for model in models if model["name"] == view.model), {})
    return Details(
        Summary(
            Span(_model_name(view.model) or "Looking for models …", cls="chosen"),
            Span("↗", cls="badge warning", title=_where(playing, listed)) if is_elsewhere(playing) else None,
            Span("!", cls="badge warning", title="Open the menu to see a problem") if problem else None,
            title="Models",
        ),
        Div(
            P(*sentence(problem), cls="problem") if problem else None,
            *(P(*sentence(one), cls="problem") for one in _problems(listed)),
            Ul(*(Li(*_model(model, view)) for model in models)),
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


def _model_name(name: str) -> str:
    return "Rehearsal (no model)" if name == REHEARSAL else name


def _model(model: Values, view: PageView) -> Iterator[FT]:
    name = str(model["name"])
    yield Button(
        Span(_model_name(name), cls="chosen"),
        Span(*_marks(model, view), cls="marks"),
        type="button",
        cls="choice",
        aria_current="true" if name == view.model else None,
        **commands("set", key="model", value=name),
    )
    if name != REHEARSAL:
        yield icon_button("menu", f"Settings of {name}", **commands("model-ask", model=name))


def _marks(model: Values, view: PageView) -> Iterator[FT]:
    """Yield what to know before a model is chosen: its size and server, how it acts, and where it runs."""
    if model["name"] == REHEARSAL:
        yield Span("built-in rules", cls="size")
        return
    server = str(model.get("server") or "")
    facts = (size_in_words(model), server if server != OLLAMA else "")
    yield Span(" · ".join(fact for fact in facts if fact), cls="size")
    yield _path_mark(model, view.settings.get("paths"))
    if "thinking" in (model.get("capabilities") or ()):
        yield Span("thinks", cls="badge", title="Can think before it answers")
    if view.settings.get("remark_model") == model["name"]:
        yield Span("remarks", cls="badge", title="Remarks and sums up, whichever model answers")
    if model.get("loaded"):
        yield Span(_loaded(model), cls="badge", title="Already in memory: answers at once")
    if is_elsewhere(model):
        yield Span(LEAVES, cls="badge warning", title=_where(model, view.models))


def _path_mark(model: Values, paths: object) -> FT:
    """Return how a model acts, as a badge. `paths`: a setting, which says what was chosen and what failed."""
    if calls_tools(model, paths):
        return Span("tools", cls="badge", title="Acts by calling tools")
    return Span("text", cls="badge", title="Acts by writing instructions in its text")


def size_in_words(model: Values) -> str:
    """Return the size of a model's file; "" if unknown."""
    size = int(model.get("size") or 0)
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size else ""


def _loaded(model: Values) -> str:
    """Return that a model is in memory, and until when, if the worker says so (`loaded_until`, Unix seconds)."""
    until = model.get("loaded_until")
    moment = date_and_time(until, MINUTES) if type(until) in (int, float) and until else ""
    return f"loaded until {moment.rpartition(' ')[2]}" if moment else "loaded"


def is_elsewhere(model: Values) -> bool:
    """Return whether a model runs on another machine."""
    return bool(model) and not is_local(model)


def _where(model: Values, listed: LlmListed | None) -> str:
    """Return what it means that a model is elsewhere."""
    servers = (one for one in (listed.servers if listed else ()) if one.get("name") == model.get("server"))
    address = str(next(servers, {}).get("address", ""))
    to = f" to {address}" if address and not model.get("cloud") else ""
    return f"It runs on another machine: what you write, and the rows that it is shown, are sent{to}."


# --- the dialog ---


def model_dialog(model: Values, view: PageView) -> FT:
    """Return the dialog about a model: what is known of it, and how it is asked."""
    name = str(model["name"])
    values = typed(settings_of(view.settings, name))
    return dialog(
        NAME,
        name,
        Dl(*(part for term, words in _facts(model, view) for part in (Dt(term), Dd(words))), cls="facts"),
        P(_where(model, view.models), cls="problem") if is_elsewhere(model) else None,
        command_form(
            "model-set",
            *(_number(one, values[one]) for one in NUMBERS),
            _choice("keep_alive", "Stays in memory after an answer", KEEP_ALIVE, values["keep_alive"]),
            _choice("think", "Thinks before it answers", THINK, values["think"]),
            P("An empty field means the default. A larger window needs more memory.", cls="note"),
            Footer(
                Button("Save", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                command_button("Unload it now", "model-unload", model=name) if can_unload(model) else None,
                _remarks_button(name, view),
                cls="tools",
            ),
            values={"model": name},
            id=f"{NAME}-form",
            cls="fields",
            novalidate=True,
            data_stays=True,
        ),
    )


def _remarks_button(name: str, view: PageView) -> FT:
    """Return the button that gives remarks and summaries to this model, or back to the one that answers."""
    if view.settings.get("remark_model") == name:
        return command_button("Remarks by the model that answers", "set", key="remark_model", value="")
    return command_button("Remarks by this model", "set", key="remark_model", value=name)


def can_unload(model: Values) -> bool:
    """Return whether a model takes memory of this machine that can be freed."""
    return bool(model.get("loaded")) and model["name"] != REHEARSAL and is_local(model)


def _facts(model: Values, view: PageView) -> Iterator[tuple[str, str]]:
    if size := size_in_words(model):
        yield "Size", f"{size}, {'in memory now' if model.get('loaded') else 'not in memory now'}"
    if context := model.get("context"):
        yield "Largest window", f"{context:,} tokens"
    if capabilities := model.get("capabilities"):
        yield "It can", ", ".join(CAPABILITIES.get(one, str(one)) for one in capabilities)
    if server := model.get("server"):
        known = (one.get("address") for one in (view.models.servers if view.models else ()) if one["name"] == server)
        yield "Server", " at ".join(part for part in (str(server), str(next(known, ""))) if part)


def _number(name: str, value: str) -> FT:
    mode = "numeric" if NUMBERS[name].whole else "decimal"
    field = Input(
        type="text",
        inputmode=mode,
        name=name,
        id=f"{NAME}-{name}",
        value=value,
        autocomplete="off",
        placeholder="default",
        aria_describedby=f"{NAME}-{name}-problem",
        maxlength="40",
    )
    return Div(Label(Span(NUMBERS[name].label), field, cls="field"), problem_of(name, ""))


def _choice(name: str, label: str, choices: Mapping[str, str], value: str) -> FT:
    known = choices if value in choices else {**choices, value: f"{value} seconds"}
    options = (Option(words, value=one, selected=one == value) for one, words in known.items())
    described = {"aria_describedby": f"{NAME}-{name}-problem"}
    field = Select(*options, name=name, id=f"{NAME}-{name}", **described)
    return Div(Label(Span(label), field, cls="field"), problem_of(name, ""))


def problem_of(name: str, problem: str) -> FT:
    """Return the sentence below a field; hidden while there is none."""
    return P(problem, id=f"{NAME}-{name}-problem", cls="problem", role="alert", hidden=not problem)


def draw_problems(problems: Mapping[str, str]) -> str:
    """Draw the sentence of each field, in place of the one before. The fields stay as they were typed."""
    return "".join(replace(problem_of(name, problems.get(name, ""))) for name in (*NUMBERS, "keep_alive", "think"))


def model_named(listed: LlmListed | None, name: str) -> Row | None:
    """Return a model of the list; None if there is none of that name."""
    return next((model for model in (listed.models if listed else ()) if model["name"] == name), None)

"""The dialog about one model as HTML: what is known of it, and how it is asked."""

from collections.abc import Iterator, Mapping

from fastcore.xml import FT

from apps.core import DEFAULT_HAND_OVER, HAND_OVERS
from apps.models import is_local
from bus.messages import Values
from bus.servers.titles import called
from web.html.assistant_settings import persona_title, personas_of
from web.html.chat.progress import REHEARSAL
from web.html.controls import switch
from web.html.models.menu import is_elsewhere, size_of, where_it_goes
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    Button,
    Dd,
    Div,
    Dl,
    Dt,
    Footer,
    Input,
    Label,
    Option,
    P,
    Section,
    Select,
    Span,
    command_button,
    command_form,
)
from web.html.parts.fragments import replace
from web.state.model_settings import KEEP_ALIVE, NUMBERS, THINK, settings_of, typed
from web.state.page_view import PageView

NAME = "model-settings"
"""Id of the dialog."""
CAPABILITIES = {
    "completion": "chat",
    "tools": "call tools",
    "thinking": "think first",
    "vision": "look at pictures",
    "insert": "fill in text",
    "embedding": "compare texts",
}
"""What a model can do, in words, by the name in `llm.listed`."""

HAND_OVER_LABELS = {
    "ask": ("Offer", "Below its answer, a player of Pianola's own offers to ask a general model"),
    "always": ("Hand over", "A general model answers them instead of a player of Pianola's own"),
    "never": ("Keep", "A player of Pianola's own answers them as well as it can"),
}
OTHER_VALUES = {"keep_alive": "{value} seconds", "think": "{value}", "persona": "{value} (is missing)"}
"""How a stored value is shown that is none of the choices, by the name of the field."""
DESCRIBED = (*NUMBERS, "keep_alive", "think", "persona")
"""Fields that have a sentence below them when their value is bad."""


def model_dialog(model: Values, view: PageView) -> FT:
    """Return the dialog about a model: what is known of it, and how it is asked."""
    name = str(model["name"])
    values = typed(settings_of(view.settings, name))
    return dialog(
        NAME,
        str(model.get("title") or called(name)),
        Dl(*(part for term, words in _facts(model, view) for part in (Dt(term), Dd(words))), cls="facts"),
        P(where_it_goes(model, view.models), cls="problem") if is_elsewhere(model) else None,
        _about_the_world(view) if model.get("form") else None,
        command_form(
            "model-set",
            *(_number(one, values[one]) for one in NUMBERS),
            _choice("keep_alive", "Stays in memory after an answer", KEEP_ALIVE, values["keep_alive"]),
            _choice("think", "Thinks before it answers", THINK, values["think"]),
            _choice("persona", "Speaks as", _personas(view), values["persona"]),
            P("An empty field means the default. A larger window needs more memory.", cls="note"),
            Footer(
                Button("Save", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                command_button("Unload it now", "model-unload", model=name) if can_unload(model) else None,
                _remarks_button(name, view),
                None if model.get("form") else _questions_button(name, view),
                cls="tools",
            ),
            values={"model": name},
            id=f"{NAME}-form",
            cls="fields",
            novalidate=True,
            data_stays=True,
        ),
    )


def _about_the_world(view: PageView) -> FT:
    """Return what a player of our own is good at, and the switch for what it is not."""
    return Section(
        P("Questions about the world", cls="label-line"),
        hand_over_switch(view),
        P("It was taught to carry out orders in your lists. It knows little of the world.", cls="note"),
    )


def hand_over_switch(view: PageView) -> FT:
    """Return the switch for when a player of our own hands a question about the world to a general model."""
    chosen = view.settings.get("hand_over")
    options = ((wish, *HAND_OVER_LABELS[wish]) for wish in HAND_OVERS)
    return switch(
        "hand_over",
        "Questions about the world",
        options=options,
        chosen=chosen if chosen in HAND_OVERS else DEFAULT_HAND_OVER,
    )


def _remarks_button(name: str, view: PageView) -> FT:
    """Return the button that gives remarks and summaries to this model, or back to the one that answers."""
    if view.settings.get("remark_model") == name:
        return command_button("Remarks by the model that answers", "set", key="remark_model", value="")
    return command_button("Remarks by this model", "set", key="remark_model", value=name)


def _questions_button(name: str, view: PageView) -> FT:
    """Return the button that gives this model the questions that are beyond a player of our own, or takes them back."""
    if view.settings.get("general_model") == name:
        return command_button("Questions about the world by the best model", "set", key="general_model", value="")
    return command_button("Questions about the world by this model", "set", key="general_model", value=name)


def can_unload(model: Values) -> bool:
    """Return whether a model takes memory of this machine that can be freed."""
    return bool(model.get("loaded")) and model["name"] != REHEARSAL and is_local(model)


def _facts(model: Values, view: PageView) -> Iterator[tuple[str, str]]:
    if size := size_of(model):
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


def _personas(view: PageView) -> dict[str, str]:
    """Return the choices of a persona, by the value of the form."""
    return {"": "As chosen in the bar", **{str(one["name"]): persona_title(one) for one in personas_of(view)}}


def _choice(name: str, label: str, choices: Mapping[str, str], value: str) -> FT:
    known = choices if value in choices else {**choices, value: OTHER_VALUES[name].format(value=value)}
    options = (Option(words, value=one, selected=one == value) for one, words in known.items())
    described = {"aria_describedby": f"{NAME}-{name}-problem"}
    field = Select(*options, name=name, id=f"{NAME}-{name}", **described)
    return Div(Label(Span(label), field, cls="field"), problem_of(name, ""))


def problem_of(name: str, problem: str) -> FT:
    """Return the sentence below a field; hidden while there is none."""
    return P(problem, id=f"{NAME}-{name}-problem", cls="problem", role="alert", hidden=not problem)


def draw_problems(problems: Mapping[str, str]) -> str:
    """Draw the sentence of each field, in place of the one before. The fields stay as they were typed."""
    return "".join(replace(problem_of(name, problems.get(name, ""))) for name in DESCRIBED)

"""Controls of the top bar as HTML: the menu of models, the switches for mode and colours, and the status light."""

from fastcore.xml import FT

from apps.core import MODES
from apps.models import calls_tools
from bus.messages import Values
from web.html.chat.progress import REHEARSAL
from web.html.parts.elements import (
    Button,
    Details,
    Div,
    Fieldset,
    Input,
    Label,
    Legend,
    Li,
    P,
    Span,
    Summary,
    Ul,
    command_form,
    commands,
    sentence,
)
from web.state.page_view import PageView

MODE_MANUAL = {
    "quiet": "Answers only when you ask",
    "ambient": "Makes a remark when something is worth one",
    "chatty": "Makes a remark about everything you do",
}

THEMES = {"": "System", "light": "Light", "dark": "Dark", "matrix": "Matrix"}


# --- models ---


def model_menu(view: PageView) -> FT:
    """Return the menu of models. When there is none, it says what to do."""
    listed = view.models
    models = listed.models if listed else []
    problem = listed.problem if listed else ""
    return Details(
        Summary(
            Span(_model_name(view.model) or "Looking for models …", cls="chosen"),
            Span("!", cls="badge warning", title="Open the menu to see a problem") if problem else None,
            title="Models",
        ),
        Div(
            P(*sentence(problem), cls="problem") if problem else None,
            Ul(*(Li(_model(model, view.model, view.settings.get("paths"))) for model in models)),
            cls="panel",
        ),
        id="model-menu",
        cls="menu",
    )


def _model_name(name: str) -> str:
    return "Rehearsal (no model)" if name == REHEARSAL else name


def _model(model: Values, playing: str, paths: object) -> FT:
    name = str(model["name"])
    return Button(
        Span(_model_name(name), cls="chosen"),
        Span(*_model_marks(model, paths), cls="marks"),
        type="button",
        cls="choice",
        aria_current="true" if name == playing else None,
        **commands("set", key="model", value=name),
    )


def _model_marks(model: Values, paths: object) -> list[FT]:
    """Return the badges of a model: size, how it acts, whether it is loaded or in the cloud."""
    if model["name"] == REHEARSAL:
        return [Span("built-in rules", cls="size")]
    marks = [Span(_size(int(model.get("size") or 0)), cls="size"), _path_mark(model, paths)]
    if model.get("loaded"):
        marks.append(Span("loaded", cls="badge", title="Already in memory: answers at once"))
    if model.get("cloud"):
        marks.append(Span("cloud", cls="badge warning", title="Runs on another machine: what you write is sent there"))
    return marks


def _path_mark(model: Values, paths: object) -> FT:
    """Return how a model acts, as a badge. `paths`: a setting; the agent notes there which models cannot use tools."""
    if calls_tools(model, paths):
        return Span("tools", cls="badge", title="Acts by calling tools")
    return Span("text", cls="badge", title="Acts by writing instructions in its text")


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size else ""


# --- switches ---


def mode_switch(view: PageView) -> FT:
    """Return the switch for how much the assistant says without being asked."""
    options = ((mode, mode.capitalize(), MODE_MANUAL[mode]) for mode in MODES)
    return switch("mode", "How much the assistant says", options=options, chosen=view.mode)


def theme_switch(view: PageView) -> FT:
    """Return the switch for the colours. The page's script reads its `data-theme` after it was replaced."""
    options = ((theme, label, label) for theme, label in THEMES.items())
    return switch("theme", "Colours", options=options, chosen=view.theme, data_theme=view.theme)


def switch(key: str, legend: str, *, options: object, chosen: str, **attributes: object) -> FT:
    """Return radio buttons that set the setting `key`. `options`: triples of value, label, tooltip."""
    return command_form(
        "set",
        Fieldset(
            Legend(legend, cls="hidden"),
            *(_option(key, value, label, manual, chosen) for value, label, manual in options),  # type: ignore[attr-defined]
        ),
        values={"key": key},
        id=f"{key}-switch",
        cls=f"switch {key}",
        hx_trigger="change",
        **attributes,
    )


def _option(key: str, value: str, label: str, manual: str, chosen: str) -> FT:
    name = f"{key}-{value or 'system'}"
    return Label(
        Input(type="radio", name="value", value=value, id=name, checked=value == chosen),
        Span(label, cls=f"label {name}"),
        title=manual,
    )


# --- the state of the system ---


def status_light(view: PageView) -> FT:
    """Return the light that shows whether all processes are ready, or which ones are missing."""
    missing = view.missing
    state = f"Waiting for {', '.join(missing)}" if missing else "Ready"
    return Span(
        Span(cls="light", aria_hidden="true"),
        Span(state, cls="sentence"),
        id="status",
        role="status",
        data_state="missing" if missing else "ready",
        title=f"{state}. Run `pianola status` to see more." if missing else "All processes are ready",
    )

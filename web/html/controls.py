"""Controls of the top bar as HTML: the switches for mode and colours, and the status light."""

from fastcore.xml import FT

from apps.core import MODES
from web.html.parts.elements import (
    Fieldset,
    Input,
    Label,
    Legend,
    Span,
    command_form,
)
from web.state.page_view import PageView

MODE_MANUAL = {
    "quiet": "Answers only when you ask",
    "ambient": "Makes a remark when something is worth one",
    "chatty": "Makes a remark about everything you do",
}

THEMES = {"": "System", "light": "Light", "dark": "Dark", "matrix": "Matrix"}


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
    """Return the light that shows whether all processes are ready, which ones are missing, or that an update waits."""
    state, sentence, more = _status(view)
    return Span(
        Span(cls="light", aria_hidden="true"),
        Span(sentence, cls="sentence"),
        id="status",
        role="status",
        data_state=state,
        title=more,
    )


def _status(view: PageView) -> tuple[str, str, str]:
    """Return the state as the page calls it, the sentence for people, and what they are told when they point at it."""
    waiting = f"Waiting for {', '.join(view.missing)}"
    if view.outdated:
        more = f" {waiting}." if view.missing else ""
        title = f"Files of Pianola were replaced. Run `pianola restart`.{more}"
        return "outdated", "Restart to finish the update", title
    if view.missing:
        return "missing", waiting, f"{waiting}. Run `pianola status` to see more."
    return "ready", "Ready", "All processes are ready"

"""All settings as HTML: what each means, its default, the value in force, and a field for those that can change now.

What each means is told by the declaration itself (`bus/settings.py`), as in docs/settings.md.
"""

from dataclasses import MISSING, Field, fields
from typing import Any

from fastcore.xml import FT

from bus.settings import TABLES, Settings, in_force
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    H3,
    Article,
    Code,
    Div,
    Header,
    Input,
    Label,
    P,
    Section,
    Span,
    command_button,
    command_form,
    sentence,
)
from web.state.page_view import PageView

NAME = "all-settings"
RESTART = (
    "These are read at the start. Write them into `pianola.toml` in the data folder, or set the environment variable; "
    "then run `pianola down` and `pianola up`."
)
NOW = "A value that you choose here wins, and holds at once. You can undo the change like every other."


def all_settings_dialog(view: PageView) -> FT:
    """Return the dialog, empty until it is opened."""
    scrolls = Div(settings_list(view), cls="scrolls", tabindex="0", role="region", aria_label="Settings")
    return dialog(NAME, "All settings", scrolls, stays=True)


def settings_list(view: PageView) -> FT:
    """Return the settings: those that can change now, then those that need a restart."""
    if NAME not in view.panels or view.at_start is None:
        return Div(id=f"{NAME}-list", data_panel=view.empty(NAME))
    known = [one for one in fields(Settings) if one.name not in TABLES]
    now = [one for one in known if one.metadata.get("running")]
    later = [one for one in known if not one.metadata.get("running")]
    return Div(
        P(NOW, cls="note"),
        Section(*(_running(one, view, view.at_start) for one in now), cls="offers", aria_label="Can change now"),
        H3("Need a restart"),
        P(*sentence(RESTART), cls="note"),
        Section(*(_fixed(one, view.at_start) for one in later), cls="offers", aria_label="Need a restart"),
        id=f"{NAME}-list",
    )


def _running(one: Field[Any], view: PageView, at_start: Settings) -> FT:
    """Return a setting with a field for its value."""
    chosen = view.settings.get(one.name)
    value = in_force(at_start, one.name, chosen)
    is_number = type(one.default) is int
    number = Input(
        type="number" if is_number else "text",
        name="value",
        id=f"setting-{one.name}",
        value=str(value),
        placeholder=None if is_number else "(the best that is there)",
        aria_describedby=f"setting-{one.name}-manual",
        required=is_number,
        min="0" if is_number else None,
        maxlength=None if is_number else "300",
        autocomplete="off",
    )
    start = getattr(at_start, one.name)
    form = command_form(
        "set",
        Label(Span("Value", cls="hidden"), number, cls="field"),
        values={"key": one.name},
        id=f"setting-{one.name}-form",
        hx_trigger="change, submit",
        cls="one-line",
    )
    back = command_button(f"Back to {start}" if start else "Back to the default", "set", key=one.name, value="")
    return _card(one, start, form, back if chosen not in (None, "") else None)


def _fixed(one: Field[Any], at_start: Settings) -> FT:
    """Return a setting that holds until the next start."""
    value = str(getattr(at_start, one.name))
    return _card(one, None, P(Code(value)) if value else None)


def _card(one: Field[Any], start: Any, *children: object) -> FT:
    """Return what a setting means. `start`: its value at the start; it is told if it is not the default."""
    default = "" if one.default is MISSING else f"Default: {_in_words(one.default)}"
    other = f"At the start: {_in_words(start)}" if start is not None and start != one.default else ""
    variable = one.metadata["variable"]
    return Article(
        Header(H3(Code(one.name), id=f"setting-{one.name}-title"), Span(variable, cls="note"), cls="offer-head"),
        P(*sentence(one.metadata["manual"]), id=f"setting-{one.name}-manual"),
        P(" · ".join(filter(None, (default, other))), cls="note") if default or other else None,
        *children,
        cls="offer",
        aria_labelledby=f"setting-{one.name}-title",
    )


def _in_words(value: object) -> str:
    """Return the value of a setting as people write it into `pianola.toml`; “empty” for an empty text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value != "" else "empty"

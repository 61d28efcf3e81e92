"""The “…” menu of rows as HTML: one for all rows of the page. The script opens it beside the button of a row."""

from fastcore.xml import FT

from web.html.parts.elements import Button, Div

MENU = "row-menu"
"""Id of the menu."""

ENTRIES = {
    "page": "Open its page",
    "edit": "Edit",
    "select": "Select",
    "snooze-ask": "Snooze …",
    "part-ask": "Add a part …",
    "up": "Move up",
    "down": "Move down",
    "left": "To the column before",
    "right": "To the next column",
    "why": "Why is it so?",
    "delete": "Delete",
    "erase-ask": "Delete for good …",
}
"""What is done, and its label: `page`, `edit`, `select` and the moves by the script, the others by commands of that
name.

The script shows `snooze-ask` and `part-ask` only for rows that say so in `data-offers`."""


def row_menu() -> FT:
    """Return the menu."""
    return Div(
        *(
            Button(
                label,
                type="button",
                id=f"{MENU}-{do}",
                cls="choice",
                role="menuitem",
                tabindex="-1",
                data_row_do=do,
            )
            for do, label in ENTRIES.items()
        ),
        id=MENU,
        cls="panel",
        role="menu",
        aria_label="Row",
        popover="auto",
    )

"""Dialogs as HTML. A dialog that arrives over the WebSocket opens by itself, and is removed when it is closed."""

from fastcore.xml import FT

from web.html.parts.elements import H2, Button, Dialog, Div, Header
from web.html.parts.fragments import append, delete

CONTAINER = "dialogs"
GET_MODEL = "get-model"
"""Id of the dialog that gets models; it is always in the page."""


def dialog(name: str, title: str, *children: object, stays: bool = False) -> FT:
    """Return a dialog. `stays`: it is always in the page, and a button with `data-dialog` opens it."""
    return Dialog(
        Header(
            H2(title, id=f"{name}-title"),
            Button("Close", type="button", cls="close", data_close=True),
            cls="dialog-head",
        ),
        *children,
        id=name,
        aria_labelledby=f"{name}-title",
        data_arrived=None if stays else True,
    )


def dialogs(*children: FT) -> FT:
    """Return the element of the page that holds all dialogs."""
    return Div(*children, id=CONTAINER)


def draw_dialog(arriving: FT) -> str:
    """Return the fragment that adds a dialog, which opens when it arrives."""
    return append(CONTAINER, arriving)


def draw_end(name: str) -> str:
    """Return the fragment that removes a dialog."""
    return delete(name)

"""The inputs that the parts of the form of an app share."""

from collections.abc import Iterable

from fastcore.xml import FT

from web.html.parts.elements import Button, Input, Label, Option, Select, Span, TextInput, commands

NAME = "own-app"
FORM = f"{NAME}-form"


def labelled(label: str, field: FT, **attributes: object) -> FT:
    """Return an input with its label before it."""
    return Label(Span(label), field, **{"cls": "field", **attributes})


def text_input(name: str, value: str, **attributes: object) -> FT:
    """Return an input for a text."""
    return TextInput(name=name, value=value, id=f"{NAME}-{name}", autocomplete="off", **attributes)


def tick(name: str, label: str, *, ticked: bool, **attributes: object) -> FT:
    """Return a box to tick, with its label behind it."""
    return Label(Input(type="checkbox", name=name, id=f"{NAME}-{name}", checked=ticked), Span(label), **attributes)


def choice(name: str, options: Iterable[tuple[str, str]], chosen: str, **attributes: object) -> FT:
    """Return a choice. `options`: pairs of a value and its words."""
    drawn = [Option(words, value=value, selected=value == chosen) for value, words in options]
    return Select(*drawn, name=name, id=f"{NAME}-{name}", **attributes)


def act_button(label: str, act: str, place: str, **attributes: object) -> FT:
    """Return a button that changes the form itself: see `web/state/own_app/changed.py`."""
    command = commands("app-form", act=act, place=place)
    return Button(label, type="button", id=f"{NAME}-{act}-{place}", data_stays=True, **command, **attributes)

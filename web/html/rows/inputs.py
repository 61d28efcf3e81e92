"""The input of a field in a form: the browser's own for its type."""

from collections.abc import Mapping, Sequence

from fastcore.xml import FT

from apps.tables import Field
from apps.types.link import Key
from web.html.parts.elements import Option, Select, Textarea, TextInput
from web.state.fields import field_title
from web.state.rows.context import RowContext
from web.state.types import PAGE_TYPES

NOBODY = RowContext()
NO_CHOICE = "–"
"""What stands in a form for none of the choices."""
EXAMPLES = {
    "when": "tomorrow 9:00",
    "repeat": "every Monday",
    "duration": "1 h 30 min",
    "money": "12.50 EUR",
    "tags": "home, garden",
}
"""What stands in an empty input that takes any text."""


def field_input(
    one: Field,
    name: str,
    value: object,
    placeholder: str = "",
    *,
    least: object = None,
    most: object = None,
    context: RowContext = NOBODY,
    begins: bool = False,
) -> FT:
    """Return the input of a field. `name`: first part of its id; `least`, `most`: limits beside those of the field.

    `begins`: it has the focus when its dialog opens.
    """
    common = {"name": one.name, "id": f"{name}-{one.name}", "aria_label": label_of(one), "autofocus": begins or None}
    kind = PAGE_TYPES[one.type]
    if one.choices:
        none = ("",) if one.may_be_unchosen and "" not in one.choices else ()
        offered = (
            Option(choice or NO_CHOICE, value=choice, selected=choice == value) for choice in (*one.choices, *none)
        )
        return Select(*offered, **common)
    if kind.input == "rows":
        return rows_input(one, common, value if isinstance(value, list) else [], context)
    text = None if value is None else kind.in_input(value, context.reader)
    if kind.input == "textarea":
        return Textarea(text or "", rows="4", required=one.required, **common)
    return TextInput(
        type=kind.input or "text",
        value=text,
        step=kind.step,
        min=limit(one, least if least is not None else one.least, context),
        max=limit(one, most if most is not None else one.most, context),
        required=one.required,
        autocomplete="off",
        placeholder=placeholder or EXAMPLES.get(one.type),
        **common,
    )


def label_of(one: Field) -> str:
    """Return the name of a field for people, with its unit."""
    return f"{field_title(one)} ({one.unit})" if one.unit else field_title(one)


def limit(one: Field, value: object, context: RowContext) -> str | None:
    """Return a least or most as its input takes it; None where the input has no such limit."""
    kind = PAGE_TYPES[one.type]
    return None if value is None or kind.input == "text" else kind.in_input(value, context.reader)


def rows_input(one: Field, common: Mapping[str, str | bool | None], keys: Sequence[Key], context: RowContext) -> FT:
    """Return the choice of the rows that a link leads to: those that are offered, and those that it has already."""
    offered = context.choices.get(one.to, ())
    others = [key for key in keys if key not in offered]
    options = (
        Option(context.titles.get((one.to, key), f"deleted ({key})"), value=str(key), selected=key in keys)
        for key in (*others, *offered)
    )
    none = () if one.several or one.required else (Option("–", value="", selected=not keys),)
    return Select(*none, *options, multiple=one.several, **common)

"""One field in the form of an app. Styles hide the inputs that its type does not have."""

from collections.abc import Mapping, Sequence

from fastcore.xml import FT

from apps.types import FIELD_TYPES
from apps.types.kinds import FieldType
from web.html.own_app.inputs import NAME, act_button, choice, labelled, text_input, tick
from web.html.parts.elements import Details, Div, Fieldset, Input, Option, Select, Span, Summary
from web.state.own_app.form import FieldForm

TYPE_LABELS = {
    "text": "Text",
    "integer": "Whole number",
    "real": "Number",
    "boolean": "Yes or no",
    "json": "Any data (JSON)",
    "time": "When it was added",
    "date": "Day",
    "moment": "Day and time",
    "when": "Due: day, time if you like",
    "repeat": "Repeat",
    "duration": "Duration",
    "money": "Money",
    "tags": "Tags",
    "web": "Web address",
    "mail": "Mail address",
    "markdown": "Long text",
    "link": "Link to rows",
}
"""What types are called for people; the others by their own names."""
OPTIONS: Mapping[str, tuple[str, str]] = {
    "choices": ("Choices, with commas between them", "red, white"),
    "unit": ("Unit, or currency", "km, EUR"),
    "least": ("At least", ""),
    "most": ("At most", ""),
}
"""The texts that some types have: what they are called, and an example."""


def field_row(form: FieldForm, place: str, number: int, targets: Sequence[tuple[str, str]], *, is_last: bool) -> FT:
    """Return the inputs of a field. `place`: as in the names of the inputs; `targets`: tables for a link."""
    types = (
        Option(TYPE_LABELS.get(name, name), value=name, selected=name == form.type, data_has=_has(kind) or None)
        for name, kind in FIELD_TYPES.items()
    )
    return Fieldset(
        Input(type="hidden", name=f"{place}name", value=form.name),
        text_input(
            f"{place}label",
            form.label,
            aria_label=f"Name of field {number}",
            maxlength="100",
            placeholder="Name of a field",
        ),
        Select(*types, name=f"{place}type", id=f"{NAME}-{place}type", aria_label=f"Type of field {number}"),
        tick(f"{place}required", "required", ticked=form.required),
        Div(
            act_button("↑", "up", place, aria_label=f"Move field {number} up", disabled=number == 1),
            act_button("↓", "down", place, aria_label=f"Move field {number} down", disabled=is_last),
            act_button("×", "remove-field", place, aria_label=f"Remove field {number}"),
            cls="own-moves",
        ),
        labelled("Leads to rows of", choice(f"{place}to", [("", "–"), *targets], form.to), cls="field own-to"),
        tick(f"{place}several", "several rows", ticked=form.several, cls="own-to"),
        _more(form, place, number),
        cls="own-field",
        aria_label=f"Field {number}",
    )


def _more(form: FieldForm, place: str, number: int) -> FT:
    """Return what else can be asked of a field. It is unfolded if something is."""
    texts = (
        labelled(label, text_input(f"{place}{key}", getattr(form, key), placeholder=example), cls=f"field own-{key}")
        for key, (label, example) in OPTIONS.items()
    )
    return Details(
        Summary("More", Span(f" about field {number}", cls="hidden")),
        Div(
            tick(f"{place}unique", "no two alike", ticked=form.unique),
            *texts,
            cls="own-options",
        ),
        open=form.unique or any(getattr(form, key) for key in OPTIONS),
    )


def _has(kind: FieldType) -> str:
    """Return the options that a type has. The styles show their inputs where such a type is chosen."""
    has = {
        "choices": kind.is_text,
        "unit": kind.has_unit,
        "least": kind.is_ordered,
        "most": kind.is_ordered,
        "to": kind.is_link,
    }
    return " ".join(option for option, is_there in has.items() if is_there)

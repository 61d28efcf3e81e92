"""The views of a table in the form of an app: which ones are offered, which opens first, what each shows."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastcore.xml import FT

from apps.shown.check import USES
from apps.shown.view import KINDS, UNITS
from apps.tables import BadValue, Field
from apps.types import FIELD_TYPES
from web.html.own_app.inputs import NAME, choice, labelled, text_input, tick
from web.html.parts.elements import Div, Fieldset, Input, Label, Legend, P, Span
from web.state.own_app.form import FieldForm, TableForm

NOTHING = ("", "–")
HOW = "A view is there as soon as the fields allow it: a calendar needs a day, a board a text with choices."


def views_part(form: TableForm, place: str) -> FT:
    """Return the part of a table's form about its views, and about what is unique together.

    It is sent also while it is hidden: else what a table says of its views would be lost.
    """
    views, chosen, at = form.views, form.views.chosen, f"{place}v"
    kinds = [(kind, kind.capitalize()) for kind in KINDS]
    others = [(views.opens, views.opens)] if views.opens and views.opens not in KINDS else []
    return Fieldset(
        Legend("Views"),
        Input(type="hidden", name=f"{at}isopen", value="yes") if form.is_open else None,
        P(HOW, cls="note"),
        Div(*(tick(f"{at}is{kind}", words, ticked=kind in views.offered) for kind, words in kinds), cls="own-ticks"),
        labelled("Opens with", choice(f"{at}opens", [NOTHING, *kinds, *others], views.opens)),
        _sorted(form, at),
        _of_fields("Table: groups by", "group", chosen.group, form, at),
        _sums(form, at),
        _of_fields("Calendar: the day", "date", chosen.date, form, at),
        _of_fields("Board: the columns", "by", chosen.by, form, at),
        _of_fields("Chart: adds up", "sum", chosen.sum, form, at, none="the number of rows"),
        _of_fields("Chart: over", "over", chosen.over, form, at, before=[(one, one.capitalize()) for one in UNITS]),
        labelled(
            "Title of a row", choice(f"{place}title", [("", "the first required text"), *_titles(form)], form.title)
        ),
        labelled(
            "Unique together",
            text_input(f"{place}together", form.together, placeholder="name, day", aria_describedby=f"{NAME}-{at}how"),
        ),
        P("No two rows have the same values in all of these fields.", cls="note", id=f"{NAME}-{at}how"),
        cls="own-views",
        hidden=not form.is_open,
    )


def _sorted(form: TableForm, at: str) -> FT:
    sort = form.views.chosen.sort
    fields = _fitting(form, "sort")
    return Div(
        labelled("Table: sorts by", choice(f"{at}sort", [NOTHING, *fields], sort.removeprefix("-"))),
        tick(f"{at}falling", "the largest first", ticked=sort.startswith("-")),
        cls="own-ticks",
    )


def _sums(form: TableForm, at: str) -> FT | None:
    fields = _fitting(form, "sums")
    if not fields:
        return None
    boxes = (
        Label(
            Input(
                type="checkbox",
                name=f"{at}sums",
                value=name,
                id=f"{NAME}-{at}sums{number}",
                checked=name in form.views.chosen.sums,
            ),
            Span(words),
        )
        for number, (name, words) in enumerate(fields)
    )
    return Fieldset(Legend("Table: adds up"), *boxes, cls="own-ticks")


def _of_fields(
    label: str,
    option: str,
    chosen: str,
    form: TableForm,
    at: str,
    *,
    none: str = NOTHING[1],
    before: Sequence[tuple[str, str]] = (),
) -> FT | None:
    """Return the choice of a field for an option of a view; None where no field fits."""
    fields = _fitting(form, option)
    if not fields and not chosen:
        return None
    return labelled(label, choice(f"{at}{option}", [("", none), *before, *fields], chosen))


def _fitting(form: TableForm, option: str) -> list[tuple[str, str]]:
    """Return the fields that an option may name: what a view says for each, and its label."""
    return [(one.said, one.label) for one in form.fields if one.label and _fits(one, option)]


def _titles(form: TableForm) -> list[tuple[str, str]]:
    """Return the fields that can be the title of a row."""
    kinds = ((one, FIELD_TYPES.get(one.type)) for one in form.fields if one.label)  # type: ignore[call-overload]
    return [(one.said, one.label) for one, kind in kinds if kind and kind.names_rows]


def _fits(form: FieldForm, option: str) -> bool:
    try:
        one = Field("field", **_of_type(form))
    except BadValue:
        return False
    return USES[option].fits(one)


def _of_type(form: FieldForm) -> dict[str, Any]:
    """Return what decides how a field can be used: its type, its choices, and whether it leads to several rows."""
    kind = FIELD_TYPES.get(form.type)  # type: ignore[call-overload]
    choices = tuple(_parts(form.choices.split(","))) if kind and kind.is_text else ()
    link: dict[str, Any] = {"to": "other", "several": form.several} if kind and kind.is_link else {}
    return {"type": form.type, "choices": choices, **link}


def _parts(texts: Iterable[str]) -> list[str]:
    return [one.strip() for one in texts if one.strip()]

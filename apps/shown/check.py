"""Check a view against the fields of its table, complete it, and make the views that every table has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.names import name_from, problem_of_name
from apps.shown.view import KINDS, LIST, OPTIONS, SEVERAL, UNITS, Kind, View
from apps.tables import BadValue, Field, Table
from apps.types.kinds import briefly

MOST_COLUMNS = 30
MOST_CHOICES = 30
"""Columns of a board."""
MOST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Use:
    """What a field can be used for in a view."""

    fits: Callable[[Field], bool]
    expected: str


def can_be_shown(one: Field) -> bool:
    """Return whether a cell can show the values of a field."""
    return not one.kind.is_any


def has_a_day(one: Field) -> bool:
    """Return whether a field says on which day a row is."""
    return one.kind.days is not None


def can_be_summed(one: Field) -> bool:
    """Return whether the values of a field can be added up."""
    return one.kind.sum_up is not None


def has_columns(one: Field) -> bool:
    """Return whether a field can be the columns of a board."""
    return 0 < len(one.choices) <= MOST_CHOICES


def has_groups(one: Field) -> bool:
    """Return whether each row belongs to one group of rows with the same value of a field."""
    single = not one.kind.is_list or (one.kind.is_link and not one.several)
    return single and not (one.kind.is_any or one.kind.is_long)


USES: Mapping[str, Use] = {
    "columns": Use(can_be_shown, "a field that is no JSON"),
    "sort": Use(can_be_shown, "a field that is no JSON"),
    "group": Use(has_groups, "a field with one value in each row"),
    "sums": Use(can_be_summed, "a number, a duration or money"),
    "date": Use(has_a_day, "a date, a moment or a time"),
    "by": Use(has_columns, "a text with choices"),
    "sum": Use(can_be_summed, "a number, a duration or money"),
    "over": Use(has_groups, f"{', '.join(UNITS)}, or a field with one value in each row"),
}
"""By the option of a view: which fields it may name."""


# --- the views of a table ---


def views_of(table: Table) -> tuple[View, ...]:
    """Return all views of a table: the one that opens first, the list, those declared, those that its fields allow."""
    views = _offered(table)
    first = _called(table.opens, views) if table.opens else None
    return tuple(views) if first is None else (first, *(one for one in views if one is not first))


def _offered(table: Table) -> list[View]:
    """Return the views of a table: the list, then those that are declared, then those that its fields allow."""
    declared = [completed(one, table) for one in table.views]
    lists = [one for one in declared if one.kind == "list"] or [LIST]
    others = [one for one in declared if one.kind != "list"]
    kinds = {one.kind for one in others}
    views = [*lists[:1], *others, *(one for one in possible(table) if one.kind not in kinds)]
    offered = [one for one in views if one in declared or one.kind in table.offers] if table.offers else views
    return offered or [LIST]


def possible(table: Table) -> tuple[View, ...]:
    """Return one view of each kind, other than the list, that the fields of a table allow."""
    kinds: list[Kind] = ["table"]
    has_day = any(has_a_day(one) and not one.kind.set_by_store for one in table.fields)
    has_choices = any(has_columns(one) for one in table.fields)
    kinds += ["calendar"] if has_day else []
    kinds += ["board"] if has_choices else []
    kinds += ["chart"] if (has_day or has_choices) and any(can_be_summed(one) for one in table.fields) else []
    return tuple(completed(_made(kind, table), table) for kind in KINDS if kind in kinds)


def _made(kind: Kind, table: Table) -> View:
    """Return the view of a kind that says nothing itself. A chart adds up money before other numbers."""
    summed = sorted((one for one in table.fields if can_be_summed(one)), key=lambda one: one.kind.unit_keys is None)
    return View(kind, sum=summed[0].name) if kind == "chart" else View(kind)


def view_named(name: str, table: Table) -> View | None:
    """Return the view that is called so, else the first one of this kind or label; None if there is none."""
    return _called(name, views_of(table))


def _called(name: str, views: Sequence[View]) -> View | None:
    wanted = name.strip().casefold()
    calls: tuple[Callable[[View], str], ...] = (
        lambda one: one.called,
        lambda one: one.kind,
        lambda one: one.title.casefold(),
    )
    return next((one for call in calls for one in views if call(one) == wanted), None)


# --- checks ---


def view_from(said: Any, table: Table, taken: tuple[str, ...] = ()) -> View:
    """Return the view that a map of a declaration says, or raise `BadValue`. `taken`: names of views before it."""
    if type(said) is not dict:
        raise _bad(table, f"it is {briefly(said)}. Expected a map with `kind`.")
    kind = said.get("kind")
    if kind not in KINDS:
        raise _bad(table, f"its kind is {briefly(kind)}. Expected one of: {', '.join(KINDS)}.")
    known = ("kind", "name", "label", *OPTIONS[kind])
    if unknown := next((key for key in said if key not in known), None):
        raise _bad(table, f"a {kind} has no {briefly(unknown)}. Expected some of: {', '.join(known)}.")
    values = {key: _option(key, value, table) for key, value in said.items() if key != "kind" and value is not None}
    made = View(kind, **values)
    if made.called in taken:
        label = made.label or kind
        made = replace(made, name=name_from(label, {*taken, *KINDS}, kind))
    return completed(made, table)


def _option(key: str, value: Any, table: Table) -> Any:
    if key in SEVERAL:
        if type(value) is not list or not all(type(one) is str for one in value):
            raise _bad(table, f"`{key}` is {briefly(value)}. Expected a list of fields.", key)
        return tuple(value)
    if type(value) is not str:
        raise _bad(table, f"`{key}` is {briefly(value)}. Expected a text.", key)
    if key == "label" and len(value) > MOST_LABEL:
        raise _bad(table, f"`label` has {len(value):,} characters, at most {MOST_LABEL} fit.", key)
    return value.strip()


def check_views(table: Table) -> None:
    """Raise `BadValue` if a view that code declares does not fit its table, or has the name of another one."""
    names: list[str] = []
    for one in table.views:
        if not isinstance(one, View):
            raise _bad(table, f"it is {briefly(one)}. Expected a View.")
        completed(one, table)
        if one.called in names:
            raise _bad(table, f"another one is called {one.called!r} too. Give one of them a `name`.")
        names.append(one.called)
    check_choice(table)


def check_choice(table: Table) -> None:
    """Raise `BadValue` if a table offers what is no kind of view, or opens with a view that it does not have."""
    if unknown := next((one for one in table.offers if one not in KINDS), None):
        raise _bad(table, f"it offers {briefly(unknown)}. Expected some of: {', '.join(KINDS)}.", "offers")
    views = views_of(table)
    if table.opens and _called(table.opens, views) is None:
        names = ", ".join(one.called for one in views)
        problem = f"it opens with {briefly(table.opens)}, which is none of its views. There are: {names}."
        raise _bad(table, problem, "opens")


def completed(view: View, table: Table) -> View:
    """Return a view with the names of its fields, and with what it leaves out made from the table.

    Raises `BadValue` for what does not fit the table.
    """
    if view.kind not in KINDS:
        raise _bad(table, f"its kind is {briefly(view.kind)}. Expected one of: {', '.join(KINDS)}.")
    if view.name and (problem := problem_of_name("a view", view.name)):
        raise _bad(table, problem)
    values = {option: _named(option, getattr(view, option), table) for option in OPTIONS[view.kind]}
    return _filled(replace(view, **values), table)


def _named(option: str, value: Any, table: Table) -> Any:
    """Return an option with the names of its fields, where it may have their labels."""
    if option in SEVERAL:
        if len(value) > MOST_COLUMNS:
            raise _bad(table, f"`{option}` names {len(value)} fields, at most {MOST_COLUMNS} fit.", option)
        return tuple(dict.fromkeys(_field(option, one, table).name for one in value))
    if not value or (option == "over" and value in UNITS):
        return value
    if option == "sort":
        sign = "-" if value.startswith("-") else ""
        return sign + _field(option, value.removeprefix("-"), table).name
    return _field(option, value, table).name


def _field(option: str, name: str, table: Table) -> Field:
    found, use = table.field_called(name), USES[option]
    if found is None or found.name in ("profile", "position"):
        names = ", ".join(one.name for one in table.fields)
        raise _bad(table, f"`{option}` is {name!r:.60}, which is no field of it. It has: {names}.", option)
    if not use.fits(found):
        raise _bad(table, f"`{option}` is {found.called}, which is {found.type}. Expected {use.expected}.", option)
    return found


def _filled(view: View, table: Table) -> View:
    """Return a view with what it leaves out, or raise `BadValue` if the table has nothing for it."""
    match view.kind:
        case "table":
            shown = (one.name for one in table.fields if can_be_shown(one) and not one.kind.is_long)
            columns = view.columns or tuple(shown)[:MOST_COLUMNS]
            sums = view.sums or tuple(one.name for one in table.fields if can_be_summed(one) and one.name in columns)
            return replace(view, columns=columns, sums=sums)
        case "calendar":
            return replace(view, date=view.date or _first("date", "calendar", table))
        case "board":
            return replace(view, by=view.by or _first("by", "board", table))
        case "chart":
            return _filled_chart(view, table)
        case _:
            return view


def _filled_chart(view: View, table: Table) -> View:
    days = [one.name for one in table.fields if has_a_day(one)]
    groups = [one.name for one in table.fields if has_columns(one)]
    over = view.over or ("month" if days else groups[0] if groups else "")
    if not over or (over in UNITS and not days):
        raise _bad(table, f"a chart over {over or 'time'} needs a date. Give `over` a field of it.", "over")
    date = (view.date or days[0]) if over in UNITS else ""
    return replace(view, over=over, date=date)


def _first(option: str, kind: str, table: Table) -> str:
    use = USES[option]
    found = next((one.name for one in table.fields if use.fits(one)), "")
    if not found:
        raise _bad(table, f"a {kind} needs {use.expected}, and it has none.", option)
    return found


def _bad(table: Table, problem: str, option: str = "") -> BadValue:
    where = {"field": option} if option else {}
    return BadValue("bad_value", f"A view of the table {table.name} cannot be shown so: {problem}", **where)

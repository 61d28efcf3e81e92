"""A declaration: an app without code, as JSON. Checks it, completes it, and makes its tables.

It is a map of `name`, `label`, `icon`, `tables` and `prompt`; a table is a map of `name`, `fields`, `views` and what
else `Table` takes, a field one of `name`, `type` and what else `Field` takes. A name that is missing is made from the
label. See `OPTIONS_OF_TABLE` for what holds where nothing is said.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, TypeVar

from apps.names import (
    GIVEN_FIELDS,
    LONGEST_ICON,
    RESERVED_FIELDS,
    RESERVED_TABLES,
    compared,
    name_from,
    problem_of_app,
    without_article,
)
from apps.registry import MOST_FIELDS, MOST_TABLES
from apps.shown.check import check_choice, view_from
from apps.shown.view import OPTIONS, View
from apps.tables import BadValue, Field, Table
from apps.types.kinds import briefly

Json = dict[str, Any]
One = TypeVar("One")
Made = TypeVar("Made")

KEYS = ("name", "label", "icon", "prompt", "tables")
TABLE_KEYS = ("name", "label", "plural", "title", "fields", "views", "offers", "opens", "unique", "sortable", "scoped")
UNFIT, EMPTY = "unfit", "empty"
"""Key of a field that gets another type, and its value: values of rows that do not fit are none from then on.

They are kept, and come back when the change is undone. Without it, such a change is refused.
"""
OPTION_KEYS = tuple(one.name for one in fields(Field) if one.name not in ("shape", "counter"))
FIELD_KEYS = (*OPTION_KEYS, UNFIT)
OPTIONS_OF_TABLE = {"sortable": True, "scoped": True}
"""The user can order the rows of a declared table, and each profile has its own, unless the declaration says no."""
LONGEST_LABEL = 100
LONGEST_PROMPT = 2_000
MOST_VIEWS = 20


@dataclass(frozen=True, slots=True)
class Declared:
    """What a declaration says."""

    json: Json
    """The declaration, with every name."""
    tables: tuple[Table, ...]

    @property
    def name(self) -> str:
        """Name of the app."""
        return str(self.json["name"])


@contextmanager
def part(place: str) -> Iterator[None]:
    """Say of a `BadValue` that is raised inside in which part of the declaration it is: `tables.0`."""
    try:
        yield
    except BadValue as problem:
        raise problem.within(place) from None


def each(key: str, some: Iterable[One], check: Callable[[One], Made]) -> list[Made]:
    """Return what a check makes of each of several parts; a `BadValue` says in which one it is: `fields.3`."""
    made: list[Made] = []
    for number, one in enumerate(some):
        with part(f"{key}.{number}"):
            made.append(check(one))
    return made


def read(said: Any, taken: Collection[str] = ()) -> Declared:
    """Check a declaration and complete it, or raise `BadValue`, whose `field` says where: `tables.0.fields.1`.

    `taken`: names that a table without one may not get.
    """
    app = _map(said, KEYS, "The declaration")
    label = _text(app, "label", LONGEST_LABEL, "The declaration")
    name = _name(app, "The declaration") or name_from(label, (), "app")
    if problem := problem_of_app(name):
        raise _bad(problem)
    where = f"The app {name}"
    tables = _list(app, "tables", MOST_TABLES, where)
    if not tables:
        raise _bad(f"{where} has no table. Expected at least one, with at least one field.")
    named = _named(tables, where, {*taken, *RESERVED_TABLES})
    new = [one for one, given in zip(named, tables, strict=True) if not given.get("name")]
    made = each("tables", named, lambda one: _table(_with_targets(one, new), where))
    names = [table.name for _, table in made]
    if twice := next((one for one in names if names.count(one) > 1), ""):
        raise _bad(f"{where} has two tables of the name {twice}. Rename one of them.")
    rest = {
        "label": label,
        "icon": _text(app, "icon", LONGEST_ICON, where),
        "prompt": _text(app, "prompt", LONGEST_PROMPT, where),
    }
    return Declared(
        {"name": name, **{key: text for key, text in rest.items() if text}, "tables": [one for one, _ in made]},
        tuple(table for _, table in made),
    )


def _named(said: Collection[Any], where: str, taken: Collection[str]) -> list[Json]:
    """Return the tables with their names."""
    place, made = f"A table of {_lower(where)}", list[Json]()
    for number, table in enumerate(said):
        with part(f"tables.{number}"):
            one = _map(table, TABLE_KEYS, place)
            label = _text(one, "label", LONGEST_LABEL, place)
            others = {*taken, *(known["name"] for known in made)}
            made.append({**one, "name": _name(one, place) or name_from(without_article(label), others, "table")})
    return made


def _with_targets(said: Json, new: Collection[Json]) -> Json:
    """Return a table whose links lead to names: `to` may be the label of a new table of the same app."""
    names = {compared(label): one["name"] for one in new for label in _calls(one)}
    fields = said.get("fields")
    if type(fields) is not list:
        return said
    return {**said, "fields": [_with_target(one, names) for one in fields]}


def _calls(table: Json) -> tuple[str, str]:
    label = str(table.get("label", ""))
    return label or table["name"], without_article(label) or table["name"]


def _with_target(field: Any, names: Mapping[str, str]) -> Any:
    to = field.get("to") if type(field) is dict else None
    if type(to) is not str or to in names.values():
        return field
    return {**field, "to": names.get(compared(to), to)}


def _table(one: Json, where: str) -> tuple[Json, Table]:
    name, label = one["name"], one.get("label", "")
    place = f"the table {briefly(name)} of {_lower(where)}"
    options = {key: _of_type(one.get(key, value), bool, key, place) for key, value in OPTIONS_OF_TABLE.items()}
    found = _list(one, "fields", MOST_FIELDS, place)
    complete = _fields(found, place)
    plural, title = _text(one, "plural", LONGEST_LABEL, place), _title(one, complete, place)
    made_fields = tuple(each("fields", complete, lambda field: _as_field(field, place)))
    made = Table(name, made_fields, label=label, plural=plural, title=title, **options)
    if len(made.all_fields) > MOST_FIELDS:
        raise _bad(f"{_upper(place)} has {len(made.all_fields)} fields, at most {MOST_FIELDS} fit.", "fields")
    with part("unique"):
        made = replace(made, unique=_unique(one, made, place))
    views, offers = _list(one, "views", MOST_VIEWS, place), _texts(one.get("offers", []), "offers", place)
    opens = _text(one, "opens", LONGEST_LABEL, place)
    made = replace(made, views=_views(views, made), offers=offers, opens=opens)
    check_choice(made)
    kept: Json = {key: text for key, text in (("plural", plural), ("title", title)) if text}
    kept |= {key: value for key, value in options.items() if key in one}
    json = {"name": name} | ({"label": label} if label else {}) | kept | {"fields": complete}
    shown = {
        "unique": [list(group) for group in made.unique],
        "views": [_by_names(said, view) for said, view in zip(views, made.views, strict=True)],
        "offers": list(offers),
        "opens": opens,
    }
    return json | {key: value for key, value in shown.items() if value}, made


def _title(table: Json, fields: list[Json], place: str) -> str:
    """Return the name of the field that names a row, which may be said by its label; "" if nothing is said."""
    said = _text(table, "title", LONGEST_LABEL, place)
    by_label = (str(one["name"]) for one in fields if said and one.get("label") == said)
    return said if any(one["name"] == said for one in fields) else next(by_label, said)


def _fields(found: list[Any], place: str) -> list[Json]:
    """Return all fields with their names. Without a word about it, every text is searched."""
    where = f"A field of {place}"
    maps = each("fields", found, lambda one: _map(one, FIELD_KEYS, where))
    given = each("fields", maps, lambda one: _name(one, where))
    labels = each("fields", maps, lambda one: _text(one, "label", LONGEST_LABEL, where))
    taken = {*RESERVED_FIELDS, *GIVEN_FIELDS, *given}
    complete: list[Json] = []
    for one, known, label in zip(maps, given, labels, strict=True):
        name = known or name_from(label, taken, "field")
        taken.add(name)
        complete.append({"name": name, **{key: value for key, value in one.items() if key != "name"}})
    return complete


def _unique(said: Json, table: Table, place: str) -> tuple[tuple[str, ...], ...]:
    """Return the groups of fields that no two rows have the same values in, which may be said by their labels."""
    groups = (_texts(one, "unique", place) for one in _list(said, "unique", MOST_FIELDS, place))
    return tuple(tuple(found.name if (found := table.field_called(one)) else one for one in group) for group in groups)


def _views(said: list[Any], table: Table) -> tuple[View, ...]:
    taken: list[str] = []

    def view(one: Any) -> View:
        made = view_from(one, table, tuple(taken))
        taken.append(made.called)
        return made

    return tuple(each("views", said, view))


def _by_names(said: Json, view: View) -> Json:
    """Return a view whose fields stand by their names: labels change."""
    named = {option: getattr(view, option) for option in OPTIONS[view.kind] if said.get(option)}
    return {**said, **{option: list(value) if type(value) is tuple else value for option, value in named.items()}}


def _as_field(said: Json, place: str) -> Field:
    where = f"the field {briefly(said['name'])} of {place}"
    if said.get(UNFIT, EMPTY) != EMPTY:
        raise _bad(f"`{UNFIT}` of {where} is {briefly(said[UNFIT])}. Expected {EMPTY!r}.", UNFIT)
    values = {key: _option(key, value, where) for key, value in said.items() if key != UNFIT}
    try:
        made = Field(**values)
    except BadValue as problem:  # it names the field itself, which is the part that is checked here
        raise BadValue(problem.code, str(problem)) from None
    searches = "searched" not in said and made.kind.is_text
    return Field(**values, searched=True) if searches else made


_DEFAULTS: Mapping[str, Any] = {
    one.name: one.default if one.default is not MISSING else None for one in fields(Field) if one.name in OPTION_KEYS
}


def _option(key: str, value: Any, where: str) -> Any:
    """Return an option of a field as `Field` takes it; its type is that of the default."""
    default = _DEFAULTS[key]
    if isinstance(default, tuple):
        return _texts(value, key, where)
    if type(default) in (bool, str):
        return _of_type(value, type(default), key, where)
    return value


def _texts(value: Any, key: str, where: str) -> tuple[str, ...]:
    if type(value) is not list or not all(type(one) is str for one in value):
        raise _bad(f"`{key}` of {where} is {briefly(value)}. Expected a list of texts.", key)
    return tuple(value)


def emptied(declaration: Json, table: str) -> frozenset[str]:
    """Return the names of the fields of a table of which values that do not fit a new type are none from then on."""
    found = (one["fields"] for one in declaration.get("tables", ()) if one["name"] == table)
    return frozenset(one["name"] for one in next(found, ()) if one.get(UNFIT) == EMPTY)


def with_emptied(declaration: Json, before: Json | None) -> Json:
    """Return a declaration that says so of each field whose type is another one than before, and of no other."""
    types = {
        (table["name"], one["name"]): one.get("type", "text")
        for table in (before or {}).get("tables", ())
        for one in table["fields"]
    }

    def said(table: Json, one: Json) -> Json:
        rest = {key: value for key, value in one.items() if key != UNFIT}
        known = types.get((table.get("name"), one.get("name")))
        return rest | ({UNFIT: EMPTY} if known not in (None, one.get("type", "text")) else {})

    tables = [{**table, "fields": [said(table, one) for one in table["fields"]]} for table in declaration["tables"]]
    return {**declaration, "tables": tables}


# --- small checks ---


def _bad(sentence: str, field: str = "") -> BadValue:
    return BadValue("bad_value", sentence, **({"field": field} if field else {}))


def _map(said: Any, known: Collection[str], where: str) -> Json:
    if type(said) is not dict:
        raise _bad(f"{where} is {briefly(said)}. Expected a map of {', '.join(known)}.")
    if unknown := next((key for key in said if key not in known), None):
        raise _bad(f"{where} has the key {briefly(unknown)}. Expected some of: {', '.join(known)}.")
    return {key: value for key, value in said.items() if value is not None}


def _list(said: Json, key: str, most: int, where: str) -> list[Any]:
    value = said.get(key, [])
    if type(value) is not list:
        raise _bad(f"`{key}` of {_lower(where)} is {briefly(value)}. Expected a list.", key)
    if len(value) > most:
        raise _bad(f"{_upper(where)} has {len(value):,} {key}, at most {most:,} fit.", key)
    return value


def _text(said: Json, key: str, most: int, where: str) -> str:
    value = str(_of_type(said.get(key, ""), str, key, where)).strip()
    if len(value) > most:
        raise _bad(f"`{key}` of {_lower(where)} has {len(value):,} characters, at most {most} fit.", key)
    return value


def _name(said: Json, where: str) -> str:
    return str(_of_type(said.get("name", ""), str, "name", where))


EXPECTED: dict[type, str] = {bool: "true or false", str: "a text"}


def _of_type(value: Any, expected: type, key: str, where: str) -> Any:
    if type(value) is not expected:
        raise _bad(f"`{key}` of {_lower(where)} is {briefly(value)}. Expected {EXPECTED[expected]}.", key)
    return value


def _lower(where: str) -> str:
    return where[0].lower() + where[1:]


def _upper(where: str) -> str:
    return where[0].upper() + where[1:]

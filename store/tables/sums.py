"""The verb sum: how many rows match, and what their numbers add up to, for all or for each value of a field.

Or for each day, week, month or year in which the values of a field lie.
"""

from typing import Any

from apps.shown.view import UNITS
from apps.tables import BadValue, Field, Row
from apps.types.numbers import LARGEST_INTEGER
from apps.types.reader import zone_named
from bus.messages import StoreOrder
from store.file.columns import field_of, key_of, quoted, read
from store.file.types import COLUMNS, parsed, sum_function, written
from store.tables.conditions import condition
from store.tables.reading import Found, fitting, limit_of
from store.tables.rows import Rows

MOST_SUMS = 100
HOW_OFTEN = '"$count"'
"""A column for how many rows have a value; no field has such a name."""
NO_ZONE = "UTC"
"""The zone of the days of moments, where the order names none."""


def sum_rows(order: StoreOrder, rows: Rows) -> Found:
    """Return one row with `count` and `sums`; with `values.by`, one for each value of that field, with `value` too."""
    fields = _summed(order, rows)
    by = field_of(rows.table, order.values["by"]) if order.values.get("by") else None
    matching, parameters = condition(rows.table, order.where)
    sums = "".join(f", {sum_function(one.type)}(kept.{quoted(one.name)})" for one in fields)
    if by is None:
        sql = f"select count(*){sums} from (select * from {quoted(rows.table.name)}{matching}) as kept"
        found = rows.connection.execute(sql, parameters).fetchone()
        return Found([_group(fields, found)], total=1)
    source, count = _source(rows, matching, by, fields)
    value, key = f"kept.{quoted(by.name)}", key_of(by, f"kept.{quoted(by.name)}")
    if per := _per(order, by):
        value = key = f"span_of('{by.type}', {value}, '{per}', '{_zone(order)}')"
    if COLUMNS[by.type].is_list:  # a row counts for each of its values
        source += f" left join json_each(kept.{quoted(by.name)}) as part on true"
        value = key = "part.value"
    limit = limit_of(order)
    sql = (
        f"select {count}{sums}, min({value}), count(*) over () from {source} group by {key}"
        f" order by {key} is null, {key} limit ? offset ?"
    )
    groups = rows.connection.execute(sql, [*parameters, limit + 1, order.offset]).fetchall()
    made = ({**_group(fields, one), "value": one[-2] if per else _value(by, one[-2])} for one in groups)
    found_rows = fitting(made, limit)
    found_rows.total = groups[0][-1] if groups else 0
    return found_rows


def _source(rows: Rows, matching: str, by: Field, fields: list[Field]) -> tuple[str, str]:
    """Return what is grouped, as SQL, and how its rows are counted.

    Where nothing is added up, equal values come together first, by an index if there is one: the sort key, which takes
    a call of Python, is then computed once for each.
    """
    table = quoted(rows.table.name)
    if fields:
        return f"(select * from {table}{matching}) as kept", "count(*)"
    equal = f"select {quoted(by.name)}, count(*) as {HOW_OFTEN} from {table}{matching} group by 1"
    return f"({equal}) as kept", f"sum(kept.{HOW_OFTEN})"


def _summed(order: StoreOrder, rows: Rows) -> list[Field]:
    """Return the fields that an order adds up, or raise `BadValue`."""
    names: Any = order.values.get("fields", [])
    if type(names) is not list or len(names) > MOST_SUMS:
        raise BadValue("wrong_type", f"values.fields is {names!r:.60}. Expected a list of at most {MOST_SUMS} fields.")
    fields = [field_of(rows.table, name) for name in names]
    if wrong := [one for one in fields if one.kind.sum_up is None or one.name == "id"]:
        sentence = f"`{wrong[0].name}` is {wrong[0].type}, which cannot be added up."
        raise BadValue("bad_value", f"{sentence} Expected a number, a duration or money.")
    return fields


def _per(order: StoreOrder, by: Field) -> str:
    """Return the span of time for which an order wants a row each, "" for none, or raise `BadValue`."""
    per: Any = order.values.get("per", "")
    if per not in ("", *UNITS):
        raise BadValue("bad_value", f"values.per is {per!r:.60}. Expected one of: {', '.join(UNITS)}.")
    if per and by.kind.days is None:
        raise BadValue("bad_value", f"`{by.name}` is {by.type}, which lies on no day. Leave out `per`.")
    return str(per)


def _zone(order: StoreOrder) -> str:
    """Return the name of the zone of an order, a known one because it stands in the SQL, or raise `BadValue`."""
    name: Any = order.values.get("zone") or NO_ZONE
    if type(name) is not str or zone_named(name) is None or "'" in name:
        raise BadValue("bad_value", f"values.zone is {name!r:.60}. Expected the name of a zone, like Europe/Berlin.")
    return name


def _group(fields: list[Field], found: tuple[Any, ...]) -> Row:
    """Return the count and the sums of a group; `found`: the count, then each sum as JSON."""
    return {
        "count": found[0],
        "sums": {one.name: _sum(one, text) for one, text in zip(fields, found[1:], strict=False)},
    }


def _sum(one: Field, text: str | None) -> Any:
    try:
        return parsed(text or (written(one.kind.sum_up([])) if one.kind.sum_up else "null"))  # None: there was no row
    except ValueError:
        problem = f"The sum of `{one.name}` is larger than {LARGEST_INTEGER:,}, which no message carries."
        raise BadValue("bad_value", f"{problem} Narrow `where`.") from None


def _value(by: Field, value: Any) -> Any:
    return value if COLUMNS[by.type].is_list else read(by, value)

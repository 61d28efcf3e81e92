"""The verb sum: how many rows match, and what their numbers add up to, for all or for each value of a field."""

from typing import Any

from apps.tables import BadValue, Field, Row
from apps.types.numbers import LARGEST_INTEGER
from bus.messages import StoreOrder
from store.file.columns import field_of, key_of, quoted, read
from store.file.types import COLUMNS, parsed, sum_function, written
from store.tables.conditions import condition
from store.tables.reading import Found, fitting, limit_of
from store.tables.rows import Rows

MOST_SUMS = 100


def sum_rows(order: StoreOrder, rows: Rows) -> Found:
    """Return one row with `count` and `sums`; with `values.by`, one for each value of that field, with `value` too."""
    fields = _summed(order, rows)
    by = field_of(rows.table, order.values["by"]) if order.values.get("by") else None
    matching, parameters = condition(rows.table, order.where)
    source = f"(select * from {quoted(rows.table.name)}{matching}) as kept"
    sums = "".join(f", {sum_function(one.type)}(kept.{quoted(one.name)})" for one in fields)
    if by is None:
        found = rows.connection.execute(f"select count(*){sums} from {source}", parameters).fetchone()
        return Found([_group(fields, found)], total=1)
    value, key = f"kept.{quoted(by.name)}", key_of(by, f"kept.{quoted(by.name)}")
    if COLUMNS[by.type].is_list:  # a row counts for each of its values
        source += f" left join json_each(kept.{quoted(by.name)}) as part on true"
        value = key = "part.value"
    limit = limit_of(order)
    sql = (
        f"select count(*){sums}, min({value}), count(*) over () from {source} group by {key}"
        f" order by {key} is null, {key} limit ? offset ?"
    )
    groups = rows.connection.execute(sql, [*parameters, limit + 1, order.offset]).fetchall()
    made = ({**_group(fields, one), "value": _value(by, one[-2])} for one in groups)
    found_rows = fitting(made, limit)
    found_rows.total = groups[0][-1] if groups else 0
    return found_rows


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

"""What becomes of the values in rows when the fields of their table change, in sentences for the user. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from apps.own.conversion import as_text, converted
from apps.own.words import TYPE_WORDS
from apps.tables import BadValue, Field, Row, Table

KEPT = "{rows} in “{field}”. {they} kept, and {come} back when the change is undone."
UNFIT = (
    "{rows} in “{field}” that {do} not fit {kind}: {named}. Correct {them} first, or ask for a new field; "
    "with this change, {they} none. What was there is kept, and comes back when the change is undone."
)
MOST_NAMED = 3
LONGEST_VALUE = 40


def losses(before: Table, after: Table | None, rows: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence for each field whose values go out of sight, or do not fit its new type. `after` None: gone."""
    now = after.all_fields if after else {}
    for field in before.fields:
        filled = [row for row in rows if not _is_empty(field, row.get(field.name))]
        if filled and field.name not in now:
            yield _kept(field, len(filled))
        elif filled and now[field.name].type != field.type:
            yield from _unfit(before, field, now[field.name], filled)


def changed_tables(before: Sequence[Table], after: Mapping[str, Table]) -> list[Table]:
    """Return the tables of which a field goes, or gets another type."""
    return [table for table in before if any(_differs(one, after.get(table.name)) for one in table.fields)]


def _differs(field: Field, after: Table | None) -> bool:
    now = after.all_fields.get(field.name) if after else None
    return now is None or now.type != field.type


def _is_empty(field: Field, value: object) -> bool:
    return value is None or value == [] or (value == field.kind.empty and not field.none)


def _kept(field: Field, count: int) -> str:
    one = count == 1
    rows = "1 row has a value" if one else f"{count:,} rows have a value"
    return KEPT.format(
        rows=rows, field=field.heading, they="It is" if one else "They are", come="comes" if one else "come"
    )


def _unfit(table: Table, old: Field, new: Field, rows: Sequence[Row]) -> Iterator[str]:
    unfit = [row for row in rows if not _fits(row[old.name], old, new)]
    if not unfit:
        return
    one = len(unfit) == 1
    title = next((field.name for field in table.fields if field.kind.is_text and field.required), old.name)
    named = [f"“{row[title]}” ({as_text(row[old.name], old)[:LONGEST_VALUE]})" for row in unfit[:MOST_NAMED]]
    more = f" and {len(unfit) - MOST_NAMED:,} more" if len(unfit) > MOST_NAMED else ""
    yield UNFIT.format(
        rows="1 row has a value" if one else f"{len(unfit):,} rows have values",
        field=old.heading,
        do="does" if one else "do",
        kind=TYPE_WORDS.get(new.type, new.type),
        named=f"{', '.join(named)}{more}",
        them="it" if one else "them",
        they="it is" if one else "they are",
    )


def _fits(value: object, old: Field, new: Field) -> bool:
    try:
        converted(value, old, new)
    except BadValue:
        return False
    return True

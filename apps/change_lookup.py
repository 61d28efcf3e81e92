"""Ask the store about changes: the titles of their rows, and their causes."""

from collections.abc import Collection, Iterable, Mapping

from apps.causes import Known, messages_named
from apps.sentences import RowRef, row_ref, title_of
from apps.tables import Row, Table
from apps.views import Ask
from bus.messages import StoreOrder

AT_ONCE = 500
"""Most ids in one order."""


# --- titles of rows ---


async def names_of(ask: Ask, changes: Iterable[Row], tables: Mapping[str, Table]) -> dict[RowRef, str]:
    """Return the titles of the changed rows: the current ones, or for deleted rows the last ones."""
    refs = {row_ref(change) for change in changes if change["subject"] in tables}
    names: dict[RowRef, str] = {}
    for table in {subject for subject, _ in refs}:
        keys = [key for subject, key in refs if subject == table]
        for row in await rows_by(ask, table, "id", keys):
            names[table, row["id"]] = title_of(row, tables[table])
        gone = [key for key in keys if (table, key) not in names]
        for change in await rows_by(ask, "change", "row", gone, {"subject": table, "verb": "delete"}):
            names[row_ref(change)] = title_of(change["before"], tables[table])
    return names


# --- causes ---


async def known_about(ask: Ask, changes: list[Row]) -> Known:
    """Return the messages, changes and files that caused some changes."""
    messages = {row["id"]: row for row in await rows_by(ask, "message", "id", messages_named(changes))}
    replied = {row["reply_to"] for row in messages.values() if row["reply_to"]} - messages.keys()
    messages |= {row["id"]: row for row in await rows_by(ask, "message", "id", replied)}
    causes = {change["cause"] for change in changes if change["cause"]}
    earlier = {row["asked"]: row for row in await rows_by(ask, "change", "asked", causes)}
    imports = {row["row"] for row in earlier.values() if row["subject"] == "import"}
    files = {row["id"]: row["file"] for row in await rows_by(ask, "import", "id", imports)}
    return Known(messages, earlier, files)


async def rows_by(
    ask: Ask, table: str, name: str, values: Collection[int | str], where: Row | None = None
) -> list[Row]:
    """Return the rows in which the field `name` has one of the values."""
    wanted, rows = list(values), list[Row]()
    for start in range(0, len(wanted), AT_ONCE):
        rows += await rows_of(ask, table, {**(where or {}), name: wanted[start : start + AT_ONCE]})
    return rows


async def rows_of(ask: Ask, table: str, where: Row) -> list[Row]:
    """Return all rows that match, page by page."""
    rows: list[Row] = []
    more = True
    while more:
        order = StoreOrder(verb="list", table=table, where=where, sort="id", limit=1000, offset=len(rows))
        answer = await ask(order)
        rows, more = rows + answer.rows, answer.more
    return rows

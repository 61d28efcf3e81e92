"""Read the page of one row: the row, the rows that link to it, its history."""

import asyncio
from collections.abc import Mapping

from apps.tables import Row, Table
from web.live.views.reading import Asked, Found, Reads
from web.state.views.seen import Incoming, RowSeen

MOST_INCOMING = 50
MOST_CHANGES = 50


async def read_row_page(reader: Reads, asked: Asked, tables: Mapping[str, Table], profile: int) -> Found:
    """Read what the page of a row shows. `tables`: all, by name. `profile`: the one in view."""
    table, key = asked.table, asked.look.row
    here = {"id": key, **({"profile": profile} if table.scoped else {})}
    read, changes, *incoming = await asyncio.gather(
        reader.read(table.name, 1, here),
        reader.read("change", MOST_CHANGES, {"subject": table.name, "row": key}, "-id"),
        *(read_incoming(reader, one, name, key, profile) for one, name in links_to(table, tables)),
    )
    row = read.rows[0] if read.rows else None
    linking = tuple(one for one, _ in incoming if one.total) if row else ()
    revisions = [read.revision, changes.revision, *(revision for _, revision in incoming)]
    seen = RowSeen(row, linking, changes.rows if row else (), changes.more)
    return Found(seen, read.rows, len(read.rows), min(revisions), is_steady=len(set(revisions)) == 1)


def links_to(table: Table, tables: Mapping[str, Table]) -> list[tuple[Table, str]]:
    """Return each table and field that leads to rows of a table."""
    return [(one, link.name) for one in tables.values() for link in one.links if link.to == table.name]


async def read_incoming(reader: Reads, table: Table, name: str, key: int | str, profile: int) -> tuple[Incoming, int]:
    """Read the rows that link to a row in one of their fields, and the revision."""
    where: Row = {name: key, **({"profile": profile} if table.scoped else {})}
    read = await reader.read(table.name, MOST_INCOMING, where, "-id")
    return Incoming(table, table.all_fields[name], read.rows, read.total), read.revision

"""`pianola rows TABLE`: print the rows of a table, page by page as the store gives them."""

import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from apps.sentences import title_of
from apps.tables import Field, Row, Table
from apps.types.link import Key
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from bus.text.formats import Writer, writer_of
from services.shell.lookup import field_called, fields_of, table_called
from services.shell.session import Session
from services.shell.values import where_in

HIDDEN = ("profile", "position")
"""Fields that a table does not show unless they are asked for: all its rows are of one profile, in their order."""
ORDER = "position"

Titles = dict[tuple[str, Key], str]


async def run(session: Session, given: Namespace) -> int:
    """Print them; return 0."""
    table = table_called(session.registry, given.table)
    where = await where_in(session, table, given.where)
    sort = sort_in(table, given.order, reverse=given.reverse)
    asked = [field_called(table, name.strip()) for name in given.fields.split(",")] if given.fields else []
    columns = asked or columns_of(table, given.format)
    titles: Titles = {}
    found = False
    writer = _writer(session, table, columns, given.format, titles)
    async for rows in pages(session, StoreOrder(verb="list", table=table.name, where=where, sort=sort), given.limit):
        if given.format == "table":
            titles |= await titles_for(session, columns, rows, titles)
        writer.add(rows)
        sys.stdout.flush()
        found = found or bool(rows)
    if given.format == "table" and not found:
        sys.stderr.write(f"pianola: no row of {table.name} matches.\n")
        return 0
    writer.end()
    return 0


def sort_in(table: Table, text: str, *, reverse: bool) -> str:
    """Return the order of the rows: by the field that is named; without one, as the page shows them."""
    name = field_called(table, text).name if text else ORDER if table.sortable else "id"
    return f"-{name}" if reverse else name


def columns_of(table: Table, kind: str) -> list[Field]:
    """Return the fields that are shown: in a table those for people, else all."""
    fields = list(fields_of(table))
    if kind != "table":
        return fields
    return [one for one in fields if one.name not in HIDDEN and not one.kind.is_long]


async def pages(session: Session, order: StoreOrder, limit: int) -> AsyncIterator[list[Row]]:
    """Yield the rows that match, as many as the store gives at a time. `limit`: of all of them; 0: none."""
    offset, more = 0, True
    while more and (not limit or offset < limit):
        most = min(MAX_ANSWER_ROWS, limit - offset) if limit else MAX_ANSWER_ROWS
        answer = await session.ask(
            StoreOrder(verb="list", table=order.table, where=order.where, sort=order.sort, limit=most, offset=offset)
        )
        yield answer.rows
        offset, more = offset + len(answer.rows), answer.more


def _writer(session: Session, table: Table, columns: list[Field], kind: Any, titles: Titles) -> Writer:
    names = [one.name for one in columns]
    if kind != "table":
        return writer_of(kind, names, sys.stdout)
    by_name = {one.name: one for one in columns}

    def shown(row: Mapping[str, Any], name: str) -> str:
        return as_shown(session, by_name[name], row.get(name), titles)

    headings = {one.name: one.heading for one in columns}
    return writer_of(kind, names, sys.stdout, shown=shown, headings=headings, optional=names[1:])


def as_shown(session: Session, field: Field, value: Any, titles: Titles) -> str:
    """Return a value as the reader writes it; of a link the titles of its rows, of what is false or empty nothing."""
    if value in (None, "", [], {}) or ((field.kind.is_switch or field.is_moment) and not value):
        return ""
    if field.kind.is_link and type(value) is list:
        return ", ".join(titles.get((field.to, key)) or f"#{key}" for key in value)
    return field.in_words(value, session.reader) if field.name != "id" else str(value)


async def titles_for(session: Session, columns: Iterable[Field], rows: Iterable[Row], known: Titles) -> Titles:
    """Return the titles of the rows to which rows link, without those that are known."""
    found: Titles = {}
    for one in columns:
        target = session.registry.tables.get(one.to) if one.kind.is_link else None
        if target is None:
            continue
        wanted = {key for row in rows for key in row.get(one.name) or ()}
        keys = [key for key in wanted if (target.name, key) not in known]
        for begin in range(0, len(keys), MAX_ANSWER_ROWS):
            where = {"id": keys[begin : begin + MAX_ANSWER_ROWS]}
            answer = await session.ask(StoreOrder(verb="list", table=target.name, where=where, limit=MAX_ANSWER_ROWS))
            found |= {(target.name, row["id"]): title_of(row, target) for row in answer.rows}
    return found

"""Download a table as CSV or JSON. It is read from the store page by page, and each page is sent at once."""

import csv
import io
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from apps.core import CHANGE, PROFILE
from apps.registry import Registry
from apps.tables import Field, Row, Table
from bus.bus import Bus
from bus.errors import PianolaError
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder, UiActed
from bus.store_client import ask_store
from web.files.cells import written
from web.files.lines import column_name
from web.files.sheets import BYTE_ORDER_MARK
from web.files.tasks import icalendar
from web.live.hub import Hub
from web.sign_in.pages import sentence_page
from web.state.page_view import profile_in

LEFT_OUT = ("position",)
"""Fields that are not exported: the order of the rows says the same."""

LONGEST_ID = 18
"""Digits of an id."""

CSV_TYPE = "text/csv; charset=utf-8; header=present"
JSON_TYPE = "application/json"
CALENDAR_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Export:
    """Which rows are exported, and with which columns."""

    table: Table
    where: Row = field(default_factory=dict)
    profiles: Mapping[int, str] = field(default_factory=dict)
    """Names by id: a file holds the names of profiles, because their ids differ from machine to machine."""

    @property
    def fields(self) -> list[Field]:
        """The columns."""
        key = Field("id", "text" if self.table.keyed else "integer")
        return [key, *(one for one in self.table.all_fields.values() if one.name not in LEFT_OUT)]

    @property
    def header(self) -> list[str]:
        """The names of the columns for people: labels, where each is the label of one field alone."""
        taken = Counter(text for one in self.fields for text in {column_name(one.name), column_name(one.called)})
        return [one.called if taken[column_name(one.called)] == 1 else one.name for one in self.fields]

    def value(self, one: Field, row: Row) -> Any:
        """Return the value of a column."""
        return self.profiles.get(row["profile"], "") if one.name == "profile" else row[one.name]


Writer = Callable[[Export, AsyncIterator[list[Row]]], AsyncIterator[bytes]]


async def write_csv(export: Export, pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Return a CSV file in pieces, with a byte order mark: without it, spreadsheets do not read it as UTF-8."""
    yield BYTE_ORDER_MARK + csv_text([export.header])
    async for rows in pages:
        yield csv_text([[cell(export, one, row) for one in export.fields] for row in rows])


def cell(export: Export, one: Field, row: Row) -> str:
    """Return the text of a cell."""
    shown = Field("profile") if one.name == "profile" else one
    return written(shown, export.value(one, row))


def csv_text(lines: Sequence[Sequence[str]]) -> bytes:
    """Return lines of cells as CSV. Every cell is quoted, so that programs do not guess its type."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(lines)
    return text.getvalue().encode()


async def write_json(export: Export, pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Return a JSON array in pieces, one object a line."""
    before = "[\n"
    async for rows in pages:
        if rows:
            made = [{one.name: export.value(one, row) for one in export.fields} for row in rows]
            yield (before + ",\n".join(map(json_object, made))).encode()
            before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


async def write_calendar(export: Export, pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Return an iCalendar file in pieces, one todo for each row."""
    now = time.time()
    yield icalendar.written(icalendar.HEAD)
    async for rows in pages:
        yield icalendar.written(icalendar.lines_of(export.table, rows, now))
    yield icalendar.written(icalendar.FOOT)


def json_object(row: Row) -> str:
    """Return a row as JSON. A number that JSON does not have, written by another program, becomes a text."""
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False)
    except ValueError:
        written = {name: str(value) if type(value) is float else value for name, value in row.items()}
        return json.dumps(written, ensure_ascii=False)


async def pages_of(bus: Bus, table: Table, where: Row) -> AsyncIterator[list[Row]]:
    """Read all rows in their order.

    Each page begins at the last row of the page before, so that no row is missed or read twice when rows are added or
    deleted meanwhile.
    """
    sort = "position" if table.sortable else "id"
    start: Row = {}
    skipped = 0
    more = True
    while more:
        order = StoreOrder(
            verb="list", table=table.name, where={**where, **start}, sort=sort, limit=MAX_ANSWER_ROWS, offset=skipped
        )
        answer = await ask_store(bus, order)
        rows, more = answer.rows, answer.more
        if rows and not table.keyed:
            last = rows[-1][sort]
            same = sum(row[sort] == last for row in rows)
            skipped = same + (skipped if start.get(sort) == {"from": last} else 0)
            start = {sort: {"from": last}}
        else:
            skipped += len(rows)
        yield rows


class Exports:
    """The handlers of the routes."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus, the tables and the profile in view."""
        self._hub = hub

    async def as_csv(self, request: Request) -> Response:
        """Return a table as CSV."""
        return await self._send(request, "csv", CSV_TYPE, write_csv)

    async def as_json(self, request: Request) -> Response:
        """Return a table as JSON."""
        return await self._send(request, "json", JSON_TYPE, write_json)

    async def as_calendar(self, request: Request) -> Response:
        """Return a table of todos as an iCalendar file."""
        return await self._send(request, "ics", CALENDAR_TYPE, write_calendar)

    async def _send(self, request: Request, ending: str, media_type: str, write: Writer) -> Response:
        table = exportable_tables(self._hub.registry).get(str(request.path_params["name"]))
        if table is None or (write is write_calendar and not table.due_field):
            return sentence_page(HTTPStatus.NOT_FOUND, "There is no such table that could be exported.")
        try:
            export = await self._export(table, everything=request.query_params.get("profile") == "all")
            if keys := named_rows(request.query_params.get("ids", "")):
                export = replace(export, where={**export.where, "id": keys})
            name = file_name(export, ending)
            pages = await with_first_page(pages_of(self._hub.bus, table, export.where))
        except PianolaError as problem:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem} Then export it again.")
        headers = {"Content-Disposition": disposition(name)}
        return StreamingResponse(write(export, self._told(name, pages)), media_type=media_type, headers=headers)

    async def _told(self, name: str, pages: AsyncIterator[list[Row]]) -> AsyncIterator[list[Row]]:
        """Pass the pages on; when all were sent, tell the agent how many rows the file has."""
        count = 0
        async for rows in pages:
            count += len(rows)
            yield rows
        shared = self._hub.shared
        detail = {"file": name, "rows": count}
        message = UiActed(app=shared.app, action="exported", detail=detail, profile=profile_in(shared.settings))
        self._hub.bus.say(message, shared.app)

    async def _export(self, table: Table, *, everything: bool) -> Export:
        if not table.scoped:
            return Export(table)
        names = await profile_names(self._hub.bus)
        where = {} if everything else {"profile": profile_in(self._hub.shared.settings)}
        return Export(table, where, names)


def named_rows(ids: str) -> list[int]:
    """Return the ids of the rows that an address names, `1,2,3`; [] for all rows. They fit into one answer."""
    found = [int(one) for one in ids.split(",") if one.isascii() and one.isdecimal() and len(one) <= LONGEST_ID]
    return found[:MAX_ANSWER_ROWS]


async def with_first_page(pages: AsyncIterator[list[Row]]) -> AsyncIterator[list[Row]]:
    """Read the first page now, so that an error of the store becomes the answer, and not a file that breaks off."""
    first = await anext(pages)

    async def all_pages() -> AsyncIterator[list[Row]]:
        yield first
        async for rows in pages:
            yield rows

    return all_pages()


async def profile_names(bus: Bus) -> dict[int, str]:
    """Return the names of all profiles, by id."""
    answer = await ask_store(bus, StoreOrder(verb="list", table="profile", limit=1000))
    return {row["id"]: row["name"] for row in answer.rows}


def exportable_tables(registry: Registry) -> dict[str, Table]:
    """Return the tables that can be exported: those of the apps, and those of the core that apps show."""
    return {table.name: table for app in registry.apps.values() for table in app.tables} | {
        table.name: table for table in (PROFILE, CHANGE)
    }


def file_name(export: Export, ending: str) -> str:
    """Return the name of the downloaded file: table, profile, day."""
    profile = export.profiles.get(export.where.get("profile", 0), "")
    day = time.strftime("%Y-%m-%d")
    return f"{'-'.join(part for part in (export.table.name, profile, day) if part)}.{ending}"


def disposition(name: str) -> str:
    """Return the header that makes a browser save a file (RFC 6266: the name in ASCII, then in UTF-8)."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_. ") else "_" for letter in name)
    safe = name.replace("/", "_").replace("\\", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"

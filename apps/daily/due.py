"""What is due: the field of a table that says when, and where a row stands: overdue, today, in the next days. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from apps.core import CORE
from apps.due.spans import WEEK_DAYS
from apps.names import compared
from apps.sentences import title_of
from apps.shown.days import day_of
from apps.tables import Field, Row, Table

DUE_WORDS = frozenset((
    "due", "deadline", "until", "expires", "expiry", "renewal", "renew", "fallig", "faellig", "frist", "bis", "ablauf",
    "echeance", "expire", "vence", "vencimiento", "plazo", "hasta",
))  # fmt: skip
"""Words in the name or label of a date by which rows are due; compared without case and accents."""
OVERDUE, TODAY, COMING = "overdue", "today", "coming"


@dataclass(frozen=True, slots=True)
class DueTable:
    """A table whose rows are due at some time."""

    app: str
    table: Table
    field: Field
    """Says when."""

    @property
    def done(self) -> str:
        """The name of the field that says that a row is done; "" if there is none."""
        return self.table.switches[0] if self.table.switches else ""

    def where(self, now: datetime, profile: int) -> Row:
        """Return which rows are asked for: up to the last of the next days. What is never done is never overdue."""
        today = now.date()
        low, high = span(self.field, today, today + timedelta(days=WEEK_DAYS - 1), now)
        scope = {"profile": profile} if self.table.scoped else {}
        if self.done:
            return {**scope, self.done: False, self.field.name: {"to": high}}
        return {**scope, self.field.name: {"from": low, "to": high}}


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is due."""

    table: DueTable
    row: Row
    at: str
    """On the reader's clock: a day, or a day with a time, as the type `when` has it."""
    span: str
    """`OVERDUE`, `TODAY` or `COMING`."""

    @property
    def title(self) -> str:
        """What the row is called."""
        return title_of(self.row, self.table.table) or f"{self.table.table.name} {self.row['id']}"


def due_tables(tables: Mapping[str, Iterable[Table]]) -> Iterator[DueTable]:
    """Yield the tables of apps whose rows are due. `tables`: those of each app, by the app's name."""
    known: set[str] = set()
    for app, own in tables.items():
        for table in own:
            field = due_field(table)
            if field and table not in CORE and table.name not in known:
                known.add(table.name)
                yield DueTable(app, table, field)


def due_field(table: Table) -> Field | None:
    """Return the field that says when a row is due: of the type `when`, else a date or moment that is called so."""
    dates = (one for one in table.fields if one.kind.days and not one.kind.set_by_store)
    return table.due_field or next((one for one in dates if _is_called_due(one)), None)


def _is_called_due(one: Field) -> bool:
    words = f"{compared(one.name)} {compared(one.label)}".split()
    return not DUE_WORDS.isdisjoint(words)


def span(field: Field, first: date, last: date, now: datetime) -> tuple[Any, Any]:
    """Return the first and the last value of a field from one day to another one, on the reader's clock."""
    if field.kind.days is None or now.tzinfo is None:
        raise ValueError(f"{field.name} lies on no days, or the time {now} has no zone")
    return field.kind.days.between(first, last, now.tzinfo)


def dues_of(table: DueTable, rows: Iterable[Row], now: datetime) -> Iterator[Due]:
    """Yield rows with their places on the reader's clock."""
    for row in rows:
        if at := clock_value(table.field, row.get(table.field.name), now):
            yield Due(table, row, at, span_of(at, now))


def clock_value(field: Field, value: Any, now: datetime) -> str:
    """Return a value of a field as the reader's clock shows it: `2026-11-28` or `2026-11-28T09:00`; "" for none."""
    zone, days = now.tzinfo, field.kind.days
    day = day_of(field.kind, value, zone) if zone else None
    if day is None or zone is None or days is None:
        return ""
    clock = days.clock(value, zone) if days.clock else ""
    return f"{day.isoformat()}T{clock}" if clock else day.isoformat()


def span_of(at: str, now: datetime) -> str:
    """Return where a day and time lies: what was due earlier today is overdue, a whole day is so when it is over."""
    if at[:10] == now.date().isoformat():
        return OVERDUE if len(at) > len("2026-11-28") and at <= f"{now:%Y-%m-%dT%H:%M}" else TODAY
    return OVERDUE if at < now.date().isoformat() else COMING


def in_order(dues: Iterable[Due]) -> tuple[Due, ...]:
    """Return what is due in its order; a whole day stands behind the times of that day."""
    return tuple(sorted(dues, key=lambda one: (one.at if "T" in one.at else f"{one.at}T24:00", one.title)))

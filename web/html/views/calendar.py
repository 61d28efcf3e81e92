"""Rows as a month: a table of weeks, each day with its rows. On a narrow screen it is a list of days."""

from dataclasses import replace
from datetime import date

from fastcore.xml import FT

from apps.shown.days import month_after
from apps.shown.look import Look
from apps.tables import Field, Row, Table
from apps.types.date import written_day
from web.html.parts.elements import H3, Div, Header, P, Span, Tbody, Td, Th, Thead, Time, Tr, Ul
from web.html.parts.elements import Table as TableTag
from web.html.views.cells import add_button, card
from web.html.views.links import look_address, look_link
from web.state.fields import plural
from web.state.page_view import PageView
from web.state.views.seen import CalendarSeen

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT = 3
MORNING = "09:00"
"""When what is added on a day begins, where its field has a time of day."""


def calendar_view(view: PageView, table: Table, seen: CalendarSeen) -> FT:
    """Return a month."""
    one = table.all_fields[view.shown.look.view.date]
    return Div(
        _months(view, table, seen),
        TableTag(
            Thead(Tr(*(Th(Span(name[:SHORT]), Span(name[SHORT:], cls="hidden"), scope="col") for name in WEEKDAYS))),
            Tbody(*(Tr(*(_day(view, table, one, seen, day) for day in week)) for week in seen.weeks)),
            id=f"{table.name}-calendar",
            aria_label=f"Calendar of {plural(table)}, {month_words(view, seen.first)}",
        ),
        P(f"{seen.undated:,} without a day.", cls="note") if seen.undated else None,
        P(f"{seen.left_out:,} more do not fit here. Filter them.", cls="note") if seen.left_out else None,
        cls="calendar-view",
    )


def month_words(view: PageView, first: date) -> str:
    """Return the name of a month, as its reader writes it."""
    return f"{view.context.reader.language.months[first.month - 1]} {first.year:04}"


def _months(view: PageView, table: Table, seen: CalendarSeen) -> FT:
    """Return the name of the month, and the links to the others."""
    before, after = month_after(seen.first, -1), month_after(seen.first)
    return Header(
        _month_link(view, table, before, "before"),
        H3(month_words(view, seen.first), id="month"),
        _month_link(view, table, after, "after"),
        look_link(view, _month_address(view, table, ""), "Today", id="month-today", cls="button"),
        cls="months",
    )


def _month_link(view: PageView, table: Table, first: date, side: str) -> FT:
    sign, word = {"before": ("‹", "Earlier"), "after": ("›", "Later")}[side]
    label = f"{word}: {month_words(view, first)}"
    where = _month_address(view, table, f"{first:%Y-%m}".rjust(7, "0"))
    return look_link(view, where, sign, id=f"month-{side}", cls="button", aria_label=label, title=label)


def _month_address(view: PageView, table: Table, month: str) -> str:
    look: Look = replace(view.shown.look, month=month, row=0)
    return look_address(view, table, look)


def _day(view: PageView, table: Table, one: Field, seen: CalendarSeen, day: date) -> FT:
    rows = seen.days.get(day, ())
    said = written_day(day, view.context.reader)
    classes = [
        "" if (day.month, day.year) == (seen.first.month, seen.first.year) else "other",
        "today" if day == seen.today else "",
        "" if rows else "free",
    ]
    return Td(
        Div(
            Time(
                Span(f"{WEEKDAYS[day.weekday()][:SHORT]} ", cls="weekday"),
                str(day.day),
                datetime=day.isoformat(),
                aria_label=said,
                aria_current="date" if day == seen.today else None,
            ),
            _add(table, one, day, said),
            cls="day-head",
        ),
        Ul(*(_row(view, table, one, row) for row in rows)) if rows else None,
        id=f"day-{day.isoformat()}",
        cls=" ".join(filter(None, classes)) or None,
        data_day=day.isoformat(),
    )


def _add(table: Table, one: Field, day: date, said: str) -> FT | None:
    if table.read_only or table.made_by_jobs or one.kind.set_by_store:
        return None
    needs_time = one.kind.days and one.kind.days.clock and not one.kind.is_when
    value = f"{day.isoformat()}T{MORNING}" if needs_time else day.isoformat()
    return add_button(
        table, f"Add {table.label or table.name} on {said}", f"add-{day.isoformat()}", **{one.name: value}
    )


def _row(view: PageView, table: Table, one: Field, row: Row) -> FT:
    clock = one.kind.days.clock if one.kind.days else None
    said = clock(row[one.name], view.context.reader.zone) if clock else ""
    at = Span(said, cls="clock") if said else None
    return card(view, table, row, (), at)

"""Numbers of rows as a picture: a line over time, a bar for each group. The same numbers stand below as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastcore.xml import FT, ft

from apps.shown.check import has_a_day, has_groups
from apps.shown.days import next_span
from apps.shown.view import UNITS, View
from apps.tables import Field, Table
from apps.types.date import written_day
from web.html.parts.elements import Div, Nav, P, Span, Tbody, Td, Th, Thead, Tr
from web.html.parts.elements import Table as TableTag
from web.html.views.cells import NOTHING, group_words, sum_words
from web.html.views.links import look_link, view_address
from web.state.fields import field_title, plural
from web.state.page_view import PageView
from web.state.views.seen import ChartSeen, Group

WIDTH, HEIGHT = 640, 260
LEFT, TOP, RIGHT, BOTTOM = 8, 22, 8, 26
MOST_BARS = 60
MOST_LABELS = 12
LONGEST_LABEL = 14
MOST_FILLED = 400
"""Spans without a row between those with one that get a bar of their own."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it stands for, its height, and the number in words."""

    label: str
    number: float
    words: str


def chart_view(view: PageView, table: Table, seen: ChartSeen) -> FT:
    """Return the chart, what can be set of it, and the table of its numbers."""
    look = view.shown.look.view
    title = chart_title(table, look)
    currencies = currencies_of(seen, look, table)
    bars = {one: bars_of(view, table, seen, one) for one in currencies}
    return Div(
        _choices(view, table),
        *(_picture(f"{title}{f', {one}' if one else ''}", some, look) for one, some in bars.items() if some),
        P(f"No {plural(table)} to draw yet.", cls="note") if not seen.groups else None,
        _numbers(view, table, seen, title),
        P(f"{seen.left_out:,} others are left out.", cls="note") if seen.left_out > 0 else None,
        cls="chart-view",
    )


def chart_title(table: Table, look: View) -> str:
    """Return what a chart shows, in words."""
    what = f"{field_title(table.all_fields[look.sum])}" if look.sum else f"Number of {plural(table)}"
    over = f"by {look.over}" if look.over in UNITS else f"by {table.all_fields[look.over].called}"
    return f"{what} {over}"


# --- numbers ---


def currencies_of(seen: ChartSeen, look: View, table: Table) -> list[str]:
    """Return the currencies of the sums, one picture for each; [""] where they have none."""
    if not look.sum:
        return [""]
    amounts = table.all_fields[look.sum].kind.amounts
    return sorted({currency for group in seen.groups for currency in amounts(group.sums[look.sum])})


def bars_of(view: PageView, table: Table, seen: ChartSeen, currency: str) -> list[Bar]:
    """Return the bars of a picture. Spans of time without a row have one too: a gap says nothing."""
    look = view.shown.look.view
    groups = [group for group in seen.groups if group.value is not None] if look.over in UNITS else list(seen.groups)
    bars = [
        Bar(label_of(view, table, group), *_number(view, table, group, currency))
        for group in (with_gaps(groups, look.over) if look.over in UNITS else groups)
    ]
    return bars[-MOST_BARS:]


def with_gaps(groups: Sequence[Group], unit: str) -> list[Group]:
    """Return groups of spans, with the spans between them that have no row; without these where they are too many."""
    if not groups:
        return []
    known = {date.fromisoformat(group.value): group for group in groups}
    day, last, made = min(known), max(known), list[Group]()
    while day <= last and len(made) <= MOST_FILLED:
        made.append(known.get(day, Group(day.isoformat())))
        day = next_span(day, unit)
    return made if len(made) <= MOST_FILLED else list(groups)


def _number(view: PageView, table: Table, group: Group, currency: str) -> tuple[float, str]:
    """Return the number of a group, and the same in words."""
    name = view.shown.look.view.sum
    if not name:
        return float(group.count), f"{group.count:,}"
    one, total = table.all_fields[name], group.sums.get(name)
    if isinstance(total, list):  # an amount for each currency
        total = [amount for amount in total if currency in one.kind.amounts([amount])]
    number = one.kind.amounts(total).get(currency, 0.0)
    return number, sum_words(one, total, view.context) if total else NOTHING


def label_of(view: PageView, table: Table, group: Group) -> str:
    """Return what a bar stands for."""
    look, reader = view.shown.look.view, view.context.reader
    if look.over not in UNITS:
        return group_words(table.all_fields[look.over], group.value, view.context)
    if group.value is None:
        return f"No {table.all_fields[look.date].called}"
    day = date.fromisoformat(group.value)
    match look.over:
        case "year":
            return f"{day.year:04}"
        case "month":
            return f"{reader.language.months[day.month - 1]} {day.year:04}"
        case "week":
            return f"from {written_day(day, reader)}"
    return written_day(day, reader)


# --- the picture ---


def _svg(name: str, *children: object, **attributes: Any) -> FT:
    return ft(name, *children, **attributes)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where numbers lie in a picture."""

    count: int
    """How many there are, side by side."""
    largest: float
    least: float

    @property
    def width(self) -> float:
        """Of one number."""
        return (WIDTH - LEFT - RIGHT) / self.count

    def middle(self, place: int) -> float:
        """Return where the number at a place (0, 1, 2 …) stands from left to right."""
        return LEFT + (place + 0.5) * self.width

    def height(self, number: float) -> float:
        """Return where a number stands from top to bottom."""
        return TOP + (self.largest - number) * (HEIGHT - TOP - BOTTOM) / ((self.largest - self.least) or 1)


def _picture(title: str, bars: Sequence[Bar], look: View) -> FT:
    """Return the picture of the numbers. Screen readers get its title; the numbers stand in the table."""
    numbers = [bar.number for bar in bars]
    scale = Scale(len(bars), max(0.0, *numbers), min(0.0, *numbers))
    zero = _round(scale.height(0))
    is_line = look.over in UNITS and len(bars) > 1
    return _svg(
        "svg",
        _svg("title", title),
        _svg("line", x1=LEFT, x2=WIDTH - RIGHT, y1=zero, y2=zero, cls="axis"),
        _line(bars, scale) if is_line else None,
        *(_point(bar, place, scale) if is_line else _bar(bar, place, scale) for place, bar in enumerate(bars)),
        *(
            part
            for place, bar in enumerate(bars)
            if _is_labelled(place, len(bars))
            for part in _words(bar, place, scale)
        ),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=title,
        cls="chart",
    )


def _is_labelled(place: int, count: int) -> bool:
    return place % -(-count // MOST_LABELS) == 0


def _line(bars: Sequence[Bar], scale: Scale) -> FT:
    """Return the line through all numbers."""
    points = (f"{_round(scale.middle(place))},{_round(scale.height(bar.number))}" for place, bar in enumerate(bars))
    return _svg("polyline", points=" ".join(points), cls="line")


def _point(bar: Bar, place: int, scale: Scale) -> FT:
    x, y = _round(scale.middle(place)), _round(scale.height(bar.number))
    return _svg("circle", _svg("title", f"{bar.label}: {bar.words}"), cx=x, cy=y, r="3.5", cls="point")


def _bar(bar: Bar, place: int, scale: Scale) -> FT:
    top, bottom = sorted((scale.height(bar.number), scale.height(0)))
    return _svg(
        "rect",
        _svg("title", f"{bar.label}: {bar.words}"),
        x=_round(LEFT + (place + 0.12) * scale.width),
        y=_round(top),
        width=_round(scale.width * 0.76),
        height=_round(bottom - top),
        cls="bar",
    )


def _words(bar: Bar, place: int, scale: Scale) -> list[FT]:
    """Return what stands below and above a number."""
    label = bar.label if len(bar.label) <= LONGEST_LABEL else f"{bar.label[: LONGEST_LABEL - 1]}…"
    middle = _round(scale.middle(place))
    drawn = [_svg("text", label, x=middle, y=HEIGHT - 8, cls="label")]
    if bar.number:
        above = min(scale.height(bar.number), scale.height(0)) - 5
        drawn.append(_svg("text", bar.words, x=middle, y=_round(above), cls="value"))
    return drawn


def _round(number: float) -> str:
    return f"{number:.1f}"


# --- what stands around it ---


def _choices(view: PageView, table: Table) -> FT:
    """Return the links that choose what is added up, and over what."""
    sums = [("", "rows"), *((one.name, field_title(one)) for one in table.fields if one.kind.sum_up)]
    groups = [(one.name, field_title(one)) for one in table.fields if _can_be_over(one)]
    dated = any(map(has_a_day, table.fields))
    overs = [*((unit, unit.capitalize()) for unit in UNITS if dated), *groups]
    return Div(
        _choice(view, table, "Show", "sum", sums) if len(sums) > 1 else None,
        _choice(view, table, "By", "over", overs),
        cls="chart-choices",
    )


def _can_be_over(one: Field) -> bool:
    return has_groups(one) and (bool(one.choices) or one.kind.is_switch or one.kind.is_link)


def _choice(view: PageView, table: Table, label: str, option: str, choices: list[tuple[str, str]]) -> FT:
    chosen = getattr(view.shown.look.view, option)
    return Nav(
        Span(label, cls="note"),
        *(
            look_link(
                view,
                view_address(view, table, **{option: name, **_day_of(view, table, option, name)}),
                words,
                id=f"{option}-{name or 'rows'}",
                aria_current="true" if name == chosen else None,
            )
            for name, words in choices
        ),
        cls="filters",
        aria_label=label,
    )


def _day_of(view: PageView, table: Table, option: str, name: str) -> dict[str, str]:
    """Return the date that goes with a span of time: the one that is chosen, else the first."""
    if option != "over":
        return {}
    first = next((one.name for one in table.fields if has_a_day(one)), "")
    return {"date": (view.shown.look.view.date or first) if name in UNITS else ""}


def _numbers(view: PageView, table: Table, seen: ChartSeen, title: str) -> FT | None:
    """Return the table of the numbers."""
    look = view.shown.look.view
    if not seen.groups:
        return None
    over = look.over.capitalize() if look.over in UNITS else field_title(table.all_fields[look.over])
    one = table.all_fields.get(look.sum)
    heads = [over, "Rows", *([field_title(one)] if one else [])]
    return TableTag(
        Thead(Tr(*(Th(head, scope="col", cls="number" if place else None) for place, head in enumerate(heads)))),
        Tbody(
            *(
                Tr(
                    Th(label_of(view, table, group), scope="row", dir="auto"),
                    Td(f"{group.count:,}", cls="number"),
                    Td(sum_words(one, group.sums[one.name], view.context), cls="number") if one else None,
                )
                for group in seen.groups
            )
        ),
        cls="numbers",
        aria_label=title,
    )

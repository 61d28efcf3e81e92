"""The cards of the morning page that propose to tidy: each row as it is and as it would be, and the buttons."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from fastcore.xml import FT, H4, Article, Button, Del, Footer, Form, Header, Input, Ins, Li, P, Span, Ul

from apps.daily.tidy import DONE, OVERDUE, TWICE, Card, Line
from apps.sentences import shortened, title_of
from apps.types.reader import Reader
from apps.views import commands

LONGEST_VALUE = 60
TITLES = {
    OVERDUE: "Move {rows} to today",
    DONE: "Delete what was done more than a week ago: {rows}",
    TWICE: "Delete what stands there twice: {rows}",
}


def tidy_card(card: Card, now: datetime, reader: Reader) -> FT:
    """Return a card."""
    name, title = f"tidy-{card.name}", TITLES[card.kind].format(rows=card.rows)
    return Article(
        Header(H4(title, id=f"{name}-title"), Span(card.table.name.replace("_", " "), cls="badge"), cls="job-head"),
        Ul(*(line_item(line, card, reader) for line in card.lines), cls="morning-list"),
        P(f"{card.more:,} more come after these.", cls="note") if card.more else None,
        Footer(*buttons(card, name, title, now), cls="tools"),
        id=name,
        cls="job",
        aria_labelledby=f"{name}-title",
    )


def line_item(line: Line, card: Card, reader: Reader) -> FT:
    """Return what would become of a row."""
    title = title_of(line.row, card.table)
    if not card.field:
        return Li(Del(title, dir="auto"), Span(others(line, card, reader), cls="note", dir="auto"))
    kind = card.table.all_fields[card.field].kind
    before, after = (kind.in_words(value, reader) for value in (line.before, line.after))
    return Li(Span(title, dir="auto"), Span(Del(before), " → ", Ins(after), cls="due"))


def others(line: Line, card: Card, reader: Reader) -> str:
    """Return the other values of a row, so that two rows with one title can be told apart."""
    fields = (one for one in card.table.fields if one is not card.table.title_field and not one.kind.is_switch)
    given = ((one, line.row.get(one.name)) for one in fields if not one.kind.is_link)
    words = (
        f"{one.called}: {shortened(one.kind.in_words(value, reader), LONGEST_VALUE)}" for one, value in given if value
    )
    return ", ".join(words)


def buttons(card: Card, name: str, title: str, now: datetime) -> Iterator[FT]:
    """Yield the button that does it; for what is overdue, also a form for another day."""
    which = {"card": card.name, "seen": card.seen}
    label = "To today" if card.field else "Delete"
    yield Button(label, type="button", id=f"{name}-do", aria_label=title, **commands("morning-tidy", **which))
    if card.field:
        tomorrow = (now.date() + timedelta(days=1)).isoformat()
        yield Form(
            Input(type="date", name="day", id=f"{name}-day", value=tomorrow, required=True, aria_label="Another day"),
            Button("To this day", type="submit", id=f"{name}-move"),
            **commands("morning-tidy", **which),
            cls="kept morning-day",
            aria_label="Move them to another day",
        )

"""The morning page. Its rows belong to other apps: a tick here is a tick there, and a title leads to its row."""

from collections.abc import Iterator
from datetime import datetime

from fastcore.xml import FT, H3, Button, Div, P, Section, Time, Ul

from apps.daily.opening import CHOSEN
from apps.daily.reading import Day, DayReader
from apps.hookspecs import hook
from apps.morning.cards import tidy_card
from apps.morning.lines import changed_item, due_item, missed_item, reminder_item, waiting_item
from apps.morning.setting import setting_form
from apps.views import AppView, Examples, commands
from bus.messages import StoreChanged

TITLES = {"overdue": "Overdue", "today": "Today", "coming": "Next 7 days"}
NOTHING = "Nothing is due, nothing has changed since yesterday, and nothing waits for you."
WRITING = "The assistant is writing three lines about this day …"
NOBODY = "There is no model that could write three lines about this day."
NOT_SHOWN = ("told", "layer", "import", "conversation")
"""Tables of the core whose changes the page does not show."""


@hook
async def read(view: AppView) -> Day:
    """Read the day."""
    return await DayReader(view.ask, view.tables, view.profile, datetime.now(view.reader.zone)).read()


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for all that the page may show: rows of any app, cards of the chat, what belongs to the page."""
    if fact.table == "setting":
        return fact.id == CHOSEN
    if fact.table == "message":
        return (fact.row or fact.before).get("role") == "action" or fact.verb == "erase"
    return fact.table not in NOT_SHOWN


@hook
def examples() -> Examples:
    """Return three things to say."""
    return Examples(sentences=("What is due today?", "What is overdue?", "What did you do yesterday?"))


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    day: Day = view.read
    parts = [*dues(day, view), *waiting(day), *missed(day, view), *changes(day), *tidying(day, view)]
    return Div(
        head(day),
        *parts,
        P(NOTHING, cls="empty") if not parts else None,
        setting_form(str(view.settings.get(CHOSEN) or ""), day.schedule),
        cls="morning",
    )


def head(day: Day) -> FT:
    """Return the date, and the assistant's lines, or the button that asks for them."""
    now = day.now
    lines = day.morning["lines"].splitlines() if day.morning else []
    is_writing = day.morning is not None and day.morning["state"] == "waiting"
    return Section(
        H3(Time(f"{now:%A}, {now.day} {now:%B}", datetime=now.date().isoformat())),
        *(P(line, dir="auto") for line in lines),
        P(WRITING, cls="note", role="status") if is_writing else None,
        P(NOBODY, cls="note") if day.morning and not (lines or is_writing) else None,
        None if is_writing else ask_button("Write other lines" if lines else "Write three lines about this day"),
        id="morning-lines",
        cls="morning-lines",
        aria_label="This day",
    )


def ask_button(label: str) -> FT:
    """Return the button that asks the assistant for its lines."""
    return Button(label, type="button", id="morning-write", cls="small", **commands("morning-write"))


def section(title: str, name: str, items: list[FT]) -> Iterator[FT]:
    """Yield a heading and a list, if there is anything in it."""
    if items:
        yield Section(H3(title), Ul(*items, cls="morning-list"), id=f"morning-{name}", aria_label=title)


def dues(day: Day, view: AppView) -> Iterator[FT]:
    """Yield what is due."""
    for span, title in TITLES.items():
        yield from section(title, span, [due_item(one, day.now, view.reader) for one in day.in_span(span)])


def waiting(day: Day) -> Iterator[FT]:
    """Yield what waits for a yes."""
    yield from section("Waits for your yes", "waiting", [waiting_item(row) for row in day.waiting])


def missed(day: Day, view: AppView) -> Iterator[FT]:
    """Yield reminders that nobody has dismissed, and schedules that did nothing."""
    items = [reminder_item(one, day.now, view.reader) for one in day.reminders]
    items += [missed_item(row) for row in day.missed]
    yield from section("Missed", "missed", items)


def changes(day: Day) -> Iterator[FT]:
    """Yield what has changed since yesterday, and who did it."""
    items = [changed_item(one) for one in day.changes]
    more = f"… and {day.more_changes:,} earlier changes: see the journal."
    items += [changed_item(more)] if day.more_changes else []
    yield from section("Since yesterday", "changes", items)


def tidying(day: Day, view: AppView) -> Iterator[FT]:
    """Yield proposals to tidy."""
    if day.cards:
        cards = (tidy_card(card, day.now, view.reader) for card in day.cards)
        yield Section(H3("Tidy up"), Div(*cards, cls="jobs"), id="morning-tidy", aria_label="Tidy up")

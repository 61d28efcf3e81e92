"""The page of schedules: a form that adds one, those that are on with their next times, and those that have ended."""

from collections.abc import Iterator
from datetime import datetime

from fastcore.xml import (
    FT,
    H3,
    Article,
    Button,
    Details,
    Div,
    Footer,
    Form,
    Header,
    Input,
    Label,
    Li,
    Ol,
    Option,
    P,
    Section,
    Select,
    Span,
    Summary,
    Time,
)

from apps.due.near import near
from apps.due.schedules import next_times, zone_of
from apps.hookspecs import hook
from apps.names import without_article
from apps.schedules.reading import Schedules, read_schedules
from apps.sentences import shortened
from apps.tables import BadValue, Row
from apps.types.reader import HERE, zone_here
from apps.types.repeat import show_repeat
from apps.types.unix_time import date_and_time
from apps.views import AppView, Examples, commands
from bus.messages import StoreChanged

NEXT_TIMES = 5
LONGEST_TEXT = 300
KINDS = {"prompt": "asks", "order": "changes", "job": "runs", "macro": "runs"}
"""What stands in the badge of a schedule."""
STATES = {"on": "On", "off": "Off", "over": "Over"}
MISSED = {"once": "do it once, later", "skip": "leave it out"}


@hook
async def read(view: AppView) -> Schedules:
    """Read the schedules."""
    return await read_schedules(view)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for each change of a schedule or a macro, and for a job that is new or gone."""
    return fact.table in ("schedule", "macro") or (fact.table == "job" and fact.verb != "update")


@hook
def examples() -> Examples:
    """Return three things to say."""
    return Examples(sentences=("What is due next?", "What is on the list?", "What is this page for?"))


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    found: Schedules = view.read
    return Div(
        form(found),
        *section("Next", "schedule-list", found.coming),
        P("Nothing is planned. Write a time above, and what is to be done then.", cls="empty")
        if not found.coming
        else None,
        older(view, found),
        *section("Off, or over", "schedule-ended", found.ended),
        cls="jobs-page",
    )


# --- the form ---


def form(found: Schedules) -> FT:
    """Return the form that adds a schedule."""
    return Form(
        field("When", text_input("when", "tomorrow 8:00, or every Monday 9:00", limit=200, required=True)),
        field("Do", Select(*choices(found), name="what", id="schedule-new-what")),
        field("Words", text_input("text", "what is due?", limit=20_000)),
        field("If it was missed", Select(*missed("once"), name="missed", id="schedule-new-missed")),
        Button("Add", type="submit", cls="primary"),
        **commands("schedule-add"),
        id="schedule-form",
        cls="add run",
        data_clear=True,
        aria_label="Add a schedule",
    )


def field(label: str, control: FT) -> FT:
    """Return a control with its label."""
    return Label(Span(label), control, cls="field")


def text_input(name: str, example: str, *, limit: int, required: bool = False) -> FT:
    """Return an input of the form."""
    return Input(
        name=name,
        id=f"schedule-new-{name}",
        placeholder=example,
        maxlength=limit,
        required=required,
        autocomplete="off",
        dir="auto",
    )


def choices(found: Schedules) -> Iterator[FT]:
    """Yield what a schedule can do."""
    yield Option("Ask the assistant", value="prompt")
    for table in found.tables:
        yield Option(f"Add a {without_article(table.label or table.name)}", value=f"add-{table.name}")
    for macro in found.macros:
        yield Option(f"Run the macro: {shortened(macro['name'], LONGEST_TEXT)}", value=f"macro-{macro['id']}")
    for job in found.jobs:
        yield Option(f"Run again: {shortened(job['title'], LONGEST_TEXT)}", value=f"job-{job['id']}")


def missed(chosen: str) -> Iterator[FT]:
    """Yield what is done with a time that was missed."""
    return (Option(label, value=value, selected=value == chosen) for value, label in MISSED.items())


# --- the schedules ---


def section(title: str, name: str, rows: tuple[Row, ...]) -> Iterator[FT]:
    """Yield a heading and schedules, if there are any."""
    if rows:
        yield Section(H3(title), Div(*map(card, rows), id=name, cls="jobs"), aria_label=title)


def card(row: Row) -> FT:
    """Return a schedule."""
    name = f"schedule-{row['id']}"
    return Article(
        Header(
            H3(row["title"], id=f"{name}-title", dir="auto"),
            Span(KINDS[row["kind"]], cls="badge"),
            Span(STATES[row["state"]], cls="badge") if row["state"] != "on" else None,
            cls="job-head",
        ),
        P(*when(row)),
        times(row),
        P(last(row), cls="note", dir="auto") if row["last"] else None,
        Footer(*buttons(row), cls="tools"),
        id=name,
        cls="job",
        data_id=str(row["id"]),
        data_state=row["state"],
        aria_labelledby=f"{name}-title",
    )


def when(row: Row) -> Iterator[object]:
    """Yield when a schedule is due next and how often; and its zone, if that is not the one of this machine."""
    try:
        now = datetime.now(zone_of(row))
    except BadValue as problem:
        yield str(problem)
        return
    yield Time(near(row["at"], now.replace(tzinfo=None), HERE), datetime=row["at"])
    if row["repeat"]:
        yield f" · {show_repeat(row['repeat'], HERE)}"
    if now.utcoffset() != now.astimezone(zone_here()).utcoffset():
        yield f" · {row['zone']}"
    if row["missed"] == "skip":
        yield " · left out if it was missed"


def times(row: Row) -> FT | None:
    """Return the next times of a schedule that comes again."""
    try:
        moments = next_times(row, NEXT_TIMES) if row["repeat"] else []
    except BadValue:  # a zone that is not known here: `when` says so
        return None
    if not moments:
        return None
    shown = (Li(Time(f"{one:%a %d %b %Y, %H:%M}", datetime=one.isoformat(timespec="minutes"))) for one in moments)
    return Details(Summary(f"The next {len(moments)} times"), Ol(*shown), cls="scenarios", id=f"times-{row['id']}")


def last(row: Row) -> str:
    """Return what came of the last time."""
    return f"Last: {date_and_time(row['last'])}. {shortened(row['outcome'], LONGEST_TEXT)}"


def buttons(row: Row) -> Iterator[FT]:
    """Yield what can be done with a schedule."""
    which = {"table": "schedule", "id": row["id"]}
    if row["state"] == "on":
        yield button(row, "Switch off", "update", **which, state="off")
    elif row["state"] == "off":
        yield button(row, "Switch on", "update", **which, state="on")
    yield button(row, "Edit", "schedule-ask-edit", id=row["id"])
    yield button(row, "Why?", "why", **which)
    yield button(row, "Delete", "delete", **which)


def button(row: Row, label: str, do: str, **values: object) -> FT:
    """Return a button about a schedule. It has an id, with which it keeps the focus when the page is drawn again."""
    kind = "switch" if "state" in values else do
    return Button(
        label,
        type="button",
        id=f"{kind}-schedule-{row['id']}",
        aria_label=f"{label}: {row['title']}",
        **commands(do, **values),
    )


def older(view: AppView, found: Schedules) -> FT:
    """Return how many schedules are shown, and the button that shows more."""
    shown = view.offset + len(found.coming)
    return Div(
        P(f"{view.offset + 1:,} to {shown:,} of {found.total:,}"),
        Button("Show more", type="button", id="schedules-more", **commands("more")),
        cls="range",
        hidden=shown >= found.total,
    )

"""The page of macros: what each does, step by step, and the buttons that run, edit and delete it."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastcore.xml import FT, H3, Article, Button, Div, Footer, Header, Li, Ol, P, Section

from apps.core import MACRO
from apps.hookspecs import hook
from apps.macro_steps.placeholders import wants_word
from apps.macro_steps.running import question_of
from apps.macro_steps.steps import step_in_words
from apps.tables import Row
from apps.views import AppView, Examples, commands
from bus.messages import StoreChanged, StoreOrder

MOST_SHOWN = 50
STEPS_SHOWN = 20
"""Steps of one macro."""
EXPLAINED = (
    "A macro does again what you did once, as one step that you can undo. Run it here, write “run” and its name in the "
    "chat, or let a schedule run it."
)
NOTHING = "There is no macro yet. Make one from your last changes, here or in the journal."


@dataclass(frozen=True, slots=True)
class Macros:
    """What the page shows. `total`: how many macros there are."""

    rows: tuple[Row, ...]
    total: int


@hook
async def read(view: AppView) -> Macros:
    """Read the macros of the profile in view."""
    order = StoreOrder(
        verb="list",
        table=MACRO.name,
        where={"profile": view.profile},
        sort="name",
        limit=min(view.limit, MOST_SHOWN),
        offset=view.offset,
    )
    answer = await view.ask(order)
    return Macros(tuple(answer.rows), answer.total)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for each change of a macro."""
    return fact.table == MACRO.name


@hook
def examples() -> Examples:
    """Return three things to say."""
    return Examples(sentences=("What is a macro?", "What is on the list?", "What is this page for?"))


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    found: Macros = view.read
    return Div(
        P(EXPLAINED, cls="note"),
        Button("Make a macro …", type="button", id="macro-make", cls="primary", **commands("macro-ask-make")),
        Section(*(card(row, view) for row in found.rows), id="macro-list", cls="jobs", aria_label="Your macros"),
        P(NOTHING, cls="empty") if not found.rows else None,
        older(view, found),
        cls="jobs-page",
    )


def card(row: Row, view: AppView) -> FT:
    """Return a macro."""
    name = f"macro-{row['id']}"
    tables = {table.name: table for tables in view.tables.values() for table in tables}
    shown = row["steps"][:STEPS_SHOWN]
    steps = (Li(step_in_words(one, tables.get(one["table"]), view.reader), dir="auto") for one in shown)
    more = len(row["steps"]) - len(shown)
    return Article(
        Header(H3(row["name"], id=f"{name}-title", dir="auto"), cls="job-head"),
        Ol(*steps, cls="bullets"),
        P(f"… and {more} more. “Edit” shows all of them.", cls="note") if more else None,
        P(f"It asks: {question_of(row)}", cls="note", dir="auto") if wants_word(row["steps"]) else None,
        Footer(*buttons(row), cls="tools"),
        id=name,
        cls="job",
        data_id=str(row["id"]),
        aria_labelledby=f"{name}-title",
    )


def buttons(row: Row) -> Iterator[FT]:
    """Yield what can be done with a macro."""
    which = {"table": MACRO.name, "id": row["id"]}
    yield button(row, "Run", "macro-run", id=row["id"])
    yield button(row, "Edit", "macro-ask-edit", id=row["id"])
    yield button(row, "Why?", "why", **which)
    yield button(row, "Delete", "delete", **which)


def button(row: Row, label: str, do: str, **values: object) -> FT:
    """Return a button about a macro. It has an id, with which it keeps the focus when the page is drawn again."""
    return Button(
        label,
        type="button",
        id=f"{do}-of-macro-{row['id']}",
        aria_label=f"{label}: {row['name']}",
        cls="primary" if do == "macro-run" else None,
        **commands(do, **values),
    )


def older(view: AppView, found: Macros) -> FT:
    """Return how many macros are shown, and the button that shows more."""
    shown = view.offset + len(found.rows)
    return Div(
        P(f"{view.offset + 1:,} to {shown:,} of {found.total:,}"),
        Button("Show more", type="button", id="macros-more", **commands("more")),
        cls="range",
        hidden=shown >= found.total,
    )

"""The page of what the assistant knows: a form, and the memories, each with where it comes from and since when."""

from fastcore.xml import FT, Button, Div, P, Span, Time, Ul

from apps.causes import Why
from apps.hookspecs import hook
from apps.known.table import MEMORY
from apps.memory.reading import Memories, read_memories
from apps.tables import Row
from apps.types.reader import Reader
from apps.types.unix_time import date_and_time, iso_time
from apps.views import AppView, Examples, commands
from bus.messages import StoreChanged

HEAD = (
    "The assistant is told these, as far as they fit your question, in every conversation in which you allow it. "
    "Say “remember that …” in the chat, or write here."
)
NOTHING = "It knows nothing of you yet."
BY_HAND = "You wrote it here"
FORGOTTEN = "The history does not go back so far"


@hook
async def read(view: AppView) -> Memories:
    """Read the memories."""
    return await read_memories(view)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for a change of a memory."""
    return fact.table == MEMORY.name


@hook
def examples() -> Examples:
    """Return three things to say."""
    return Examples(
        sentences=(
            "Remember that I like short answers",
            "Remember that my sister is called Ada",
            "What do you know of me?",
        )
    )


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    found: Memories = view.read
    return Div(
        P(HEAD, cls="note"),
        view.pieces.form(),
        Ul(
            *(item(row, found.origins.get(row["id"]), view) for row in found.rows),
            id=f"{MEMORY.name}-list",
            cls="rows",
            data_table=MEMORY.name,
            data_offset=str(view.offset),
            aria_label="What the assistant knows",
        ),
        P(NOTHING, cls="empty") if not found.rows else None,
        older(view, found),
        cls="memory",
    )


def item(row: Row, origin: Why | None, view: AppView) -> FT:
    """Return a memory: as rows of other apps, with where it comes from."""
    drawn = view.pieces.row(row)
    return FT(drawn.tag, (*drawn.children, source(row, origin, view.reader)), drawn.attrs)


def source(row: Row, origin: Why | None, reader: Reader) -> FT:
    """Return where a memory comes from, and since when it is there; a message can be shown in the chat."""
    name = f"memory-source-{row['id']}"
    since = Time(date_and_time(row["created"], zone=reader.zone), datetime=iso_time(row["created"]))
    if origin is None:
        return Span(FORGOTTEN, " · ", since, cls="note")
    if not origin.message:
        sentence = BY_HAND if origin.sentence == "A click in the page" else origin.sentence
        return Span(sentence, " · ", since, cls="note")
    which = commands("reveal", table="message", id=origin.message)
    shown = Button(origin.sentence, type="button", id=name, cls="reminded", dir="auto", **which)
    return Span(shown, " · ", since, cls="note")


def older(view: AppView, found: Memories) -> FT:
    """Return how many memories are shown, and the button that shows more."""
    shown = view.offset + len(found.rows)
    return Div(
        P(f"{view.offset + 1:,} to {shown:,} of {found.total:,}"),
        Button("Show more", type="button", id="memory-more", **commands("more")),
        cls="range",
        hidden=shown >= found.total,
    )

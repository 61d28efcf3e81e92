"""People: who they are, and what you talked about. Two tables. Copy this file into the folder `apps`."""

from fastcore.xml import FT, H3, Div, P

from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.views import AppView

PERSON = Table(
    "person",
    (
        Field("name", required=True, searched=True),
        Field("known_from", searched=True, label="Known from"),
        Field("close", "boolean", label="A close friend"),
        Field("notes", "markdown", limit=5_000, searched=True),
    ),
    label="a person",
    scoped=True,
)
MEETING = Table(
    "meeting",
    (
        Field("person", "link", to="person", required=True),
        Field("about", required=True, searched=True),
        Field("met", "date"),
    ),
    label="a meeting",
    scoped=True,
)


@hook
def tables() -> tuple[Table, ...]:
    """Return the table that the page shows, and the one beside it."""
    return (PERSON, MEETING)


@hook
def prompt() -> str:
    """Say what the fields mean, where the names do not."""
    return "The user keeps notes on people. `person` of a meeting: who was met."


@hook
def view(view: AppView) -> FT | None:
    """Say how to begin where nobody is; otherwise the generated page."""
    if view.total:
        return None
    return Div(H3("Nobody yet"), P("Write down somebody you met."), view.pieces.form(), view.pieces.list([]))

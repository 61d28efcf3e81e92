"""The page of profiles: choose, rename, create, and delete (it asks what to do with the rows)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastcore.xml import (
    FT,
    Button,
    Div,
    Form,
    Input,
    Li,
    Span,
    Ul,
)

from apps.core import PROFILE
from apps.hookspecs import hook
from apps.names import without_article
from apps.tables import Row, Table
from apps.views import AppView, Examples, commands
from bus.messages import StoreChanged, StoreOrder

MOST_PROFILES = 200
NAME = PROFILE.all_fields["name"]


@dataclass(frozen=True, slots=True)
class Owned:
    """How many rows of a table a profile has."""

    table: Table
    rows: int


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles, and how many rows each has."""

    rows: tuple[Row, ...]
    owned: Mapping[int, tuple[Owned, ...]]


@hook
async def read(view: AppView) -> Profiles:
    """Count the rows of each profile."""
    listed = await view.ask(StoreOrder(verb="list", table="profile", sort="id", limit=MOST_PROFILES))
    scoped = [table for tables in view.tables.values() for table in tables if table.scoped]
    owned = {row["id"]: await owned_by(view, row["id"], scoped) for row in listed.rows}
    return Profiles(tuple(listed.rows), owned)


async def owned_by(view: AppView, profile: int, tables: Sequence[Table]) -> tuple[Owned, ...]:
    """Return how many rows a profile has in each table; tables without rows are left out."""
    found = []
    for table in tables:
        order = StoreOrder(verb="list", table=table.name, where={"profile": profile}, limit=1)
        found.append(Owned(table, (await view.ask(order)).total))
    return tuple(one for one in found if one.rows)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True when rows were added, deleted or moved to another profile, or another profile was chosen."""
    return fact.row.get("profile") != fact.before.get("profile") or (fact.table, fact.id) == ("setting", "profile")


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    found: Profiles = view.read
    return Div(
        Form(
            name_input("profile-new", "", "Add a profile"),
            Button("Add", type="submit", cls="primary"),
            **commands("profile-create"),
            id="profile-form",
            cls="add",
            data_clear=True,
            aria_label="Add a profile",
        ),
        Ul(*(item(row, found, view) for row in found.rows), id="profile-list", cls="rows", aria_label="Profiles"),
        cls="profiles",
    )


def item(row: Row, found: Profiles, view: AppView) -> FT:
    """Return a profile with its buttons."""
    name = f"profile-row-{row['id']}"
    current = row["id"] == view.profile
    return Li(
        Span(row["name"], id=f"{name}-title", cls="title"),
        Span("in view", cls="badge") if current else choose_button(row, name),
        Span(owned_words(found.owned[row["id"]]) or "no rows", cls="beside"),
        Span(
            icon("why", f"Why “{row['name']}”?", id=f"{name}-why", **commands("why", table="profile", id=row["id"])),
            icon("edit", f"Rename “{row['name']}”", id=f"{name}-edit", data_edit=True),
            icon("delete", f"Delete “{row['name']}” …", id=f"{name}-delete", **commands("profile-ask", id=row["id"])),
            cls="row-tools",
        ),
        rename_form(row, name),
        id=name,
        cls="row",
        data_id=str(row["id"]),
        data_current=True if current else None,
    )


def choose_button(row: Row, name: str) -> FT:
    """Return the button that chooses a profile."""
    label = f"Choose “{row['name']}”"
    values = commands("set", key="profile", value=row["id"])
    return Button("Choose", type="button", id=f"{name}-choose", aria_label=label, **values)


def icon(kind: str, label: str, **attributes: object) -> FT:
    """Return a button that shows an icon."""
    return Button(type="button", cls=f"icon icon-{kind}", aria_label=label, title=label, **attributes)


def name_input(name: str, value: str, label: str) -> FT:
    """Return the input for a name."""
    return Input(
        type="text",
        name="name",
        id=f"{name}-name",
        value=value,
        required=True,
        maxlength=NAME.limit,
        autocomplete="off",
        dir="auto",
        placeholder=label,
        aria_label=label,
    )


def rename_form(row: Row, name: str) -> FT:
    """Return the form that renames a profile."""
    return Form(
        name_input(f"{name}-edit", row["name"], "Name"),
        Button("Save", type="submit", cls="primary"),
        Button("Cancel", type="button", data_cancel=True),
        **commands("profile-rename", id=row["id"]),
        id=f"{name}-edit-form",
        cls="edit",
        hidden=True,
    )


def owned_words(owned: Sequence[Owned]) -> str:
    """Return in words what a profile has: "3 todos, 1 book"."""
    return ", ".join(f"{one.rows:,} {noun(one.table)}{'' if one.rows == 1 else 's'}" for one in owned)


def noun(table: Table) -> str:
    """Return the noun for one row."""
    return without_article(table.label or table.name)


@hook
def examples() -> Examples:
    """Return two orders that add profiles, and a question."""
    return Examples(sentences=("Add “Ada”", "Add “Work” and “Home”", "What is on the list?"))

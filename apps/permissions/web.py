"""The page of permissions: a form that gives one, and those that there are, each with a way to change or to drop it."""

from collections.abc import Iterable

from fastcore.xml import FT, H3, Article, Button, Div, Footer, Form, Header, Label, Option, P, Section, Select, Span

from apps.core import PERMISSION
from apps.hookspecs import hook
from apps.permitted.words import OPERATIONS, RULES, app_called, kind_in_words
from apps.tables import Row
from apps.views import AppView, Examples, commands
from bus.messages import StoreChanged, StoreOrder

MOST = 1_000
EXPLAINED = (
    "The assistant always asks before it does what your words do not say. It also asks before it deletes rows, "
    "changes more than five rows in one answer, or changes an app that is not open: a permission here says otherwise."
)
STRICTER = "If you chose in Settings that it always asks, it does so whatever is allowed here."
NOTHING = (
    "There is no permission yet. When you have agreed to the same kind of change three times, the assistant offers one."
)


@hook
async def read(view: AppView) -> tuple[Row, ...]:
    """Read the permissions of the profile in view."""
    where = {"profile": view.profile}
    answer = await view.ask(StoreOrder(verb="list", table=PERMISSION.name, where=where, sort="app", limit=MOST))
    return tuple(answer.rows)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for each change of a permission."""
    return fact.table == PERMISSION.name


@hook
def examples() -> Examples:
    """Return three things to say."""
    return Examples(sentences=("What may you do?", "What do you ask first?", "What is this page for?"))


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    return Div(
        P(EXPLAINED, cls="note"),
        P(STRICTER, cls="note") if view.settings.get("ask") == "always" else None,
        form(view),
        Section(*map(card, view.read), id="permission-list", cls="jobs", aria_label="Your permissions"),
        P(NOTHING, cls="empty") if not view.read else None,
        cls="jobs-page",
    )


def form(view: AppView) -> FT:
    """Return the form that gives a permission, or changes the one that there is."""
    apps = {app: app_called(app) for app in sorted(view.tables) if app != view.app}
    return Form(
        choice("In the app", "app", apps, "todo"),
        choice("It wants to", "operation", OPERATIONS, "delete"),
        choice("Then", "rule", RULES, "allow"),
        Button("Add", type="submit", cls="primary"),
        **commands("permission-give"),
        id="permission-form",
        cls="add run",
        aria_label="Add a permission",
    )


def choice(label: str, name: str, options: dict[str, str], chosen: str) -> FT:
    """Return a list of choices with its label."""
    control = Select(*offered(options, chosen), name=name, id=f"permission-new-{name}")
    return Label(Span(label), control, cls="field")


def offered(options: dict[str, str], chosen: str) -> Iterable[FT]:
    """Return choices, one of them chosen."""
    return (Option(words, value=value, selected=value == chosen) for value, words in options.items())


def card(row: Row) -> FT:
    """Return a permission."""
    name = f"permission-{row['id']}"
    kind = row["title"].partition(": ")[2] or kind_in_words(app_called(row["app"]), row["operation"])
    title = kind[:1].upper() + kind[1:]
    which = {"app": row["app"], "operation": row["operation"]}
    rule = Select(
        *offered(RULES, row["rule"]),
        name="rule",
        id=f"{name}-rule",
        aria_label=title,
        **commands("permission-give", **which),
    )
    return Article(
        Header(H3(title, id=f"{name}-title", dir="auto"), cls="job-head"),
        rule,
        Footer(
            button(row, title, "Take back", "delete"),
            button(row, title, "Why?", "why"),
            cls="tools",
        ),
        id=name,
        cls="job",
        data_id=str(row["id"]),
        data_rule=row["rule"],
        aria_labelledby=f"{name}-title",
    )


def button(row: Row, title: str, words: str, do: str) -> FT:
    """Return a button about a permission. It has an id, with which it keeps the focus when the page is drawn again."""
    return Button(
        words,
        type="button",
        id=f"{do}-permission-{row['id']}",
        aria_label=f"{words}: {title}",
        **commands(do, table=PERMISSION.name, id=row["id"]),
    )

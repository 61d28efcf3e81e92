"""Menus as HTML: apps and profiles, in the top bar; actions of the open app, above its rows."""

import reprlib
from collections.abc import Sequence
from urllib.parse import quote

from fastcore.xml import FT

from apps.core import CORE
from apps.mistakes import TooMuch
from apps.registry import App
from apps.shown.look import TABLE
from apps.tables import Row, Table
from apps.views import Action
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    A,
    Button,
    Details,
    Div,
    Footer,
    Li,
    P,
    Span,
    Summary,
    Ul,
    command_button,
    commands,
)
from web.state.app_list import slug
from web.state.filters import address
from web.state.page_view import PageView

LONGEST_LABEL = 100
LONGEST_QUESTION = 1_000
"""Characters of what an app's action shows."""

SEVERAL = 2
PROFILES_APP = "profiles"
"""Name of the app in which profiles are made, renamed and deleted, if it is installed."""


def app_title(app: str, view: PageView) -> str:
    """Return the name of an app for people."""
    return view.titles.get(app) or app.replace("_", " ").capitalize()


def menu(name: str, label: str, title: str, *panel: object) -> FT:
    """Return a menu that opens below its label."""
    return Details(
        Summary(Span(label, cls="chosen"), title=title), Div(*panel, cls="panel"), id=f"{name}-menu", cls="menu"
    )


# --- apps ---


def app_menu(view: PageView) -> FT:
    """Return the menu of apps. A broken app is marked, and its page says why."""
    apps = Ul(*(Li(_app(name, view)) for name in view.apps))
    new = command_button("New app …", "app-ask", cls="choice")
    return menu("app", app_title(view.app, view), "Apps", apps, new)


def _app(name: str, view: PageView) -> FT:
    return A(
        Span(app_title(name, view), cls="chosen"),
        Span("broken", cls="badge warning", title=view.apps[name]) if view.apps[name] else None,
        row_counts(name, view),
        id=f"app-{slug(name)}",
        href=address(name, {}),
        cls="choice",
        data_open=name,
        aria_current="page" if name == view.app else None,
    )


def row_counts(app: str, view: PageView) -> FT:
    """Return the number of rows of an app; hidden until they are counted."""
    number = view.row_counts.get(app)
    return Span("" if number is None else f"{number:,}", id=f"tally-{slug(app)}", cls="count", hidden=number is None)


# --- actions of the open app ---


def actions_menu(view: PageView) -> FT | None:
    """Return the menu of the open app's actions: its own, and those that every table has; None for a broken app."""
    if view.table is None:
        return None
    table = quote(view.table.name)
    return menu(
        "actions",
        "Actions",
        "Import, export, and what else the app can do",
        Ul(
            *(Li(_action(view.app, one)) for one in view.actions),
            Li(_print(view)) if view.read is None else None,
            *(Li(_download(f"/export/{table}.{where}", label)) for where, label in _exports(view.table)),
            Li(_calendar()) if view.table.due_field else None,
            None if view.table in CORE else Li(_import(view.table)),
            Li(command_button("Change this app …", "app-ask", cls="choice", app=view.app))
            if view.app in view.declared
            else None,
        ),
    )


def _print(view: PageView) -> FT:
    """Return the link to all rows that pass the filters, for paper. An app that reads for itself has no such page."""
    table = view.shown.look.table
    where = f"/print{address(view.app, view.shown.filters, {TABLE: table} if table else {})}"
    return A("Print", href=where, id="print-app", target="_blank", cls="choice")


def _action(app: str, action: Action) -> FT:
    return Button(action.label, type="button", cls="choice", **commands("act", app=app, action=action.label))


def actions_of(app: App) -> tuple[Action, ...]:
    """Return the actions that an app defines itself."""
    actions: tuple[Action, ...] = app.call("actions", Sequence, (), _sound)
    return actions


def _sound(actions: Sequence[Action]) -> tuple[Action, ...]:
    """Return the actions of an app, or raise an error that says what is wrong with one."""
    for one in actions:
        if not isinstance(one, Action):
            raise TypeError(f"it returned {reprlib.repr(one):.60} among the actions. Expected an Action.")
        for text, longest in ((one.label, LONGEST_LABEL), (one.question, LONGEST_QUESTION)):
            if not isinstance(text, str):
                raise TypeError(f"{reprlib.repr(text):.60} is a text of an action. Expected a str.")
            if len(text) > longest:
                raise TooMuch(f"a text of an action has {len(text):,} characters, at most {longest:,} fit: {text:.40}")
        if not isinstance(one.orders, list | tuple) or not all(isinstance(order, dict) for order in one.orders):
            raise TypeError(f"the orders of the action {one.label} are {reprlib.repr(one.orders):.60}. Expected maps.")
    return tuple(actions)


def action_dialog(app: str, action: Action) -> FT:
    """Return the dialog that asks before an action is carried out."""
    agree = command_button("Do it", "act", cls="primary", app=app, action=action.label, agreed="yes")
    return dialog(
        "action",
        action.label,
        P(action.question),
        Footer(agree, Button("Don’t", type="button", autofocus=True, data_close=True), cls="tools"),
    )


def _exports(table: Table) -> tuple[tuple[str, str], ...]:
    """Return pairs: the end of an export's address (after the table's name), and its label."""
    in_view = ("csv", "Export as CSV"), ("json", "Export as JSON")
    everything = ("csv?profile=all", "All profiles as CSV"), ("json?profile=all", "All profiles as JSON")
    calendar = (("ics", "Export as iCalendar"),) if table.due_field else ()
    return in_view + calendar + everything if table.scoped else in_view + calendar


def _calendar() -> FT:
    return command_button("In your calendar program …", "calendar-ask", cls="choice")


def _import(table: Table) -> FT:
    return Button("Import …", type="button", id="import-button", cls="choice", data_import=table.name)


def _download(where: str, label: str) -> FT:
    return A(label, id=f"export-{slug(where.rpartition('.')[2])}", href=where, cls="choice", download=True)


# --- profiles ---


def profile_menu(view: PageView) -> FT:
    """Return the menu of profiles; hidden while there is only one. It is empty until it is opened."""
    current = next((one["name"] for one in view.profiles if one["id"] == view.profile), "No profile")
    return Details(
        Summary(Span(current, cls="chosen"), title="Profiles"),
        Div(
            Ul(*(Li(_profile(one, view.profile)) for one in view.profiles)) if "profiles" in view.panels else None,
            A("Manage profiles", href=address(PROFILES_APP, {}), cls="choice more", data_open=PROFILES_APP)
            if PROFILES_APP in view.apps
            else None,
            cls="panel",
        ),
        id="profile-menu",
        cls="menu",
        data_panel=view.empty("profiles"),
        hidden=len(view.profiles) < SEVERAL,
    )


def _profile(row: Row, current: int) -> FT:
    return Button(
        Span(row["name"], cls="chosen"),
        type="button",
        id=f"profile-{row['id']}",
        cls="choice",
        aria_current="true" if row["id"] == current else None,
        **commands("set", key="profile", value=row["id"]),
    )

"""The whole page: head, top bar, the open app, the chat, and the WebSocket that keeps it up to date."""

from urllib.parse import urlencode

from fastcore.xml import FT

from web.html.all_settings import all_settings_dialog
from web.html.bar import top_bar
from web.html.chat.action_log import action_log
from web.html.chat.chat import chat_log, newer_button, older_button
from web.html.chat.conversations import conversation_menu
from web.html.chat.message_menu import closed_menu
from web.html.chat.waiting import waiting_list
from web.html.help import help_dialog
from web.html.imports import imports_dialog
from web.html.models.get_dialog import get_dialog
from web.html.models.menu import no_model_hint
from web.html.models.servers_dialog import servers_dialog
from web.html.parts.dialogs import dialogs
from web.html.parts.elements import (
    H2,
    A,
    Body,
    Button,
    Details,
    Div,
    Fieldset,
    Head,
    Html,
    Input,
    Label,
    Legend,
    Link,
    Main,
    Meta,
    P,
    Script,
    Section,
    Span,
    Summary,
    Textarea,
    Title,
    command_form,
    commands,
    icon_button,
)
from web.html.parts.fragments import html
from web.html.parts.menus import app_title
from web.html.parts.meter import meter
from web.html.remarks import remark_strip
from web.html.rows.row_menu import row_menu
from web.html.views.app_pane import app_pane
from web.served.files import MANIFEST
from web.served.icon import GROUND, data_address
from web.state.filters import NEW_TALK, TALK
from web.state.page_view import PageView

STATIC = "/static"

ABOUT = ("amends", "remark")
"""Fields of a message that hold the id of what it is about: a proposal, a remark."""
POKE = "Say something about what I am doing"
"""Label of the button that asks the assistant for a remark."""

HTMX_SETTINGS = '{"includeIndicatorStyles":false,"allowEval":false,"historyEnabled":false}'
"""Needed because the Content-Security-Policy forbids styles and code that are made in the page."""


def page(view: PageView, version: str, address_hint: str = "") -> str:
    """Return the HTML document.

    `version`: of the files that it loads (`web/served/files.py`). `address_hint`: what it means that the page has not
    its own address, if so.
    """
    body = Body(
        A("Skip to the chat", href="#chat-input", cls="skip"),
        top_bar(view),
        Main(app_pane(view), remark_strip(view), _foot(), _divider(), _chat_pane(view, address_hint), id="panes"),
        row_menu(),
        dialogs(help_dialog(), imports_dialog(view), get_dialog(view), servers_dialog(view), all_settings_dialog(view)),
        Div(id="notices", role="alert"),
        Div(id="announcements", role="status", cls="hidden"),
        hx_ext="ws",
        ws_connect=f"/ws?{urlencode(_connection(view))}",
    )
    return f"<!doctype html>{html(Html(_head(view, version), body, lang='en', data_theme=view.theme))}"


def _connection(view: PageView) -> dict[str, object]:
    """Return what the page says of itself when it connects. The script adds what it shows by then."""
    talk = view.conversation["id"] if view.conversation else NEW_TALK
    return {"app": view.app, "revision": view.revision, "tab": view.tab, TALK: talk}


def _head(view: PageView, version: str) -> FT:
    files = f"{STATIC}/{version}"
    return Head(
        Meta(charset="utf-8"),
        Meta(name="viewport", content="width=device-width, initial-scale=1, interactive-widget=resizes-content"),
        Meta(name="color-scheme", content="light dark"),
        Meta(name="htmx-config", content=HTMX_SETTINGS),
        Title(f"{app_title(view.app, view)} · Pianola"),
        Link(rel="icon", href=data_address()),
        Link(rel="manifest", href=f"{files}/{MANIFEST}", crossorigin="use-credentials"),
        Meta(name="theme-color", content=GROUND),
        Link(rel="stylesheet", href=f"{files}/page.css"),
        Script(src=f"{files}/vendor.js", defer=True),
        Script(src=f"{files}/page.js", type="module"),
    )


def _chat_pane(view: PageView, address_hint: str) -> FT:
    return Section(
        H2("Chat", id="chat-title", cls="hidden"),
        Div(
            conversation_menu(view),
            icon_button("new", "New conversation", id="new-conversation", **commands("new")),
            action_log(view),
            meter(view.messages),
            _pane_switch(),
            cls="chat-head",
        ),
        Div(
            older_button(view),
            chat_log(view),
            newer_button(view),
            id="chat-scroll",
            tabindex="0",
            role="region",
            aria_label="Messages",
        ),
        Button("Newest", type="button", id="chat-end", cls="icon-down", hidden=True),
        waiting_list(view),
        no_model_hint(view),
        _address_hint(address_hint) if address_hint else None,
        _chat_form(),
        closed_menu(),
        id="chat",
        aria_labelledby="chat-title",
    )


def _address_hint(meaning: str) -> FT:
    return Details(Summary("Signed in at 127.0.0.1: what that means"), P(meaning), id="address-hint")


SEVERAL = {
    "tick": "Tick",
    "delete": "Delete",
    "export": "Export",
    "ask": "Ask about these",
    "clear": "Clear",
}
"""What can be done with the selected rows: names in `static/list.js`, and their labels."""


def _foot() -> FT:
    """Return what the script shows at the foot of the open app: the selected rows, and what was done, with Undo."""
    buttons = (Button(label, type="button", data_several=name) for name, label in SEVERAL.items())
    selection = Div(Span(), *buttons, id="selection", role="toolbar", aria_label="Selected rows", hidden=True)
    undo = Div(Span(), Button("Undo", type="button", aria_keyshortcuts="Control+Z"), id="undo", hidden=True)
    return Div(selection, Div(undo, role="status"), id="foot")


def _divider() -> FT:
    """Return the divider between app and chat, which wide screens show. The script moves it."""
    return Div(
        id="divider",
        role="separator",
        tabindex="0",
        aria_orientation="vertical",
        aria_label="Divider between the app and the chat",
        aria_controls="app",
        aria_valuemin="0",
        aria_valuemax="100",
        aria_valuenow="51",
        title="Drag it, or press ← or →; Home and End give the page to the chat or the app, Enter to both",
    )


def _pane_switch() -> FT:
    """Return the switch that a narrow screen shows: app, chat or both. It works by CSS alone."""
    names = {"both": "Both", "app": "App", "chat": "Chat"}
    options = (
        Label(Input(type="radio", name="panes", value=value, id=f"panes-{value}", checked=value == "both"), Span(label))
        for value, label in names.items()
    )
    return Fieldset(Legend("Show", cls="hidden"), *options, id="pane-switch", cls="switch")


def _amendment() -> FT:
    """Return the line that names the proposal which the message changes, or the remark that it answers.

    The script fills it in and shows it.
    """
    return Div(
        *(Input(type="text", name=name, id=name, hidden=True, aria_hidden="true", tabindex="-1") for name in ABOUT),
        Span(id="amended"),
        Button("Cancel", type="button", id="amend-cancel", title="Send the message by itself"),
        id="amendment",
        hidden=True,
    )


def _chat_form() -> FT:
    return command_form(
        "say",
        _amendment(),
        icon_button("poke", POKE, id="chat-poke", **commands("poked")),
        Textarea(
            id="chat-input",
            name="text",
            rows="1",
            required=True,
            placeholder="Message",
            aria_label="Message to the assistant",
            aria_describedby="chat-keys",
            autocomplete="off",
        ),
        Button(
            Span("Stop", cls="hidden"),
            type="button",
            id="chat-stop",
            cls="icon icon-stop",
            title="Stop (Escape)",
            hidden=True,
        ),
        Button(
            Span("Send", cls="hidden"),
            type="submit",
            id="chat-send",
            cls="icon icon-send primary",
            title="Send (Enter)",
        ),
        Span(
            "Enter sends, Shift with Enter starts a new line, / moves to this field, Escape stops an answer.",
            id="chat-keys",
            cls="hidden",
        ),
        values={},
        id="chat-form",
        data_clear=True,
    )

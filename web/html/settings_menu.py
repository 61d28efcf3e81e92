"""The menu of settings as HTML: the assistant, the colours, the profiles, and help."""

from fastcore.xml import FT

from web.html.all_settings import NAME as ALL_SETTINGS
from web.html.assistant_settings import assistant_settings
from web.html.controls import theme_switch
from web.html.parts.elements import A, Button, Details, Div, Input, Label, P, Section, Span, Summary, commands
from web.html.parts.menus import PROFILES_APP
from web.state.filters import address
from web.state.page_view import PageView

PERMISSIONS_APP = "permissions"


def settings_menu(view: PageView) -> FT:
    """Return the menu."""
    return Details(
        Summary(Span("Settings", cls="chosen"), title="The assistant, colours, profiles and help"),
        Div(
            assistant_settings(view),
            _app_link(view, PERMISSIONS_APP, "What it may do …"),
            Section(P("Colours", cls="label-line"), theme_switch(view)),
            Section(P("Notifications", cls="label-line"), _notify()),
            _app_link(view, PROFILES_APP, "Profiles …"),
            Button(
                "All settings …",
                type="button",
                id="all-settings-button",
                cls="choice",
                data_dialog=ALL_SETTINGS,
                title="Each with its default, and what it is now",
            ),
            Button(
                "Tools of other programs …",
                type="button",
                id="tools-button",
                cls="choice",
                title="What the assistant may call (MCP)",
                **commands("tools-show"),
            ),
            Button("Help", type="button", id="help-button", cls="choice", data_dialog="help", title="Help (?)"),
            cls="panel",
        ),
        id="settings-menu",
        cls="menu",
    )


def _app_link(view: PageView, app: str, words: str) -> FT | None:
    """Return the link to an app that shows settings; None where it is left out."""
    if app not in view.apps:
        return None
    return A(words, href=address(app, {}), id=f"{app}-link", cls="choice", data_open=app)


def _notify() -> FT:
    """Return the box for notifications. The browser keeps what is chosen, and asks the user: see `static/notify.js`."""
    label = "Tell me when a long answer is there or something is due, while this tab is hidden"
    return Label(Input(type="checkbox", id="notify", autocomplete="off"), Span(label), cls="choice")

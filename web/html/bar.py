"""The top bar as HTML. Each part has an id, so that it can be replaced alone when it changes."""

from fastcore.xml import FT

from web.html.controls import mode_switch, status_light
from web.html.models.menu import model_menu
from web.html.parts.elements import H1, Button, Div, Header, Span
from web.html.parts.menus import app_menu, profile_menu
from web.html.search import search_field
from web.html.settings_menu import settings_menu
from web.state.page_view import PageView


def top_bar(view: PageView) -> FT:
    """Return the whole bar. On a narrow screen CSS folds `#controls` into a menu."""
    return Header(
        H1(Span(cls="logo", aria_hidden="true"), Span("Pianola", cls="name"), cls="brand"),
        app_menu(view),
        search_field(),
        Div(
            profile_menu(view),
            model_menu(view),
            mode_switch(view),
            settings_menu(view),
            id="controls",
            popover=True,
        ),
        Div(status_light(view), Span(id="link", role="status"), cls="lights"),
        Button(
            type="button",
            id="controls-button",
            cls="icon icon-menu",
            popovertarget="controls",
            aria_label="Profile, model, mode and settings",
        ),
        id="bar",
    )

"""The dialog that gives a calendar program an address of what is due, as HTML. An address is in the page only once."""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.types.unix_time import date_and_time
from bus.clients.keys import ClientKey
from web.html.parts.dialogs import dialog
from web.html.parts.elements import A, Button, Div, Input, Label, Li, P, Span, Ul, commands, sentence
from web.html.parts.fragments import replace

DAY = "%d %b %Y"
DIALOG = "in-calendar"
KEYS = f"{DIALOG}-keys"
MADE = f"{DIALOG}-made"
ABOUT = (
    "Thunderbird, GNOME Calendar, Apple’s Calendar and others show what is due in all apps, and remind you of it, if "
    "they get an address of Pianola. They only read, and look again every now and then. It works on this machine."
)
ONCE = "This is the only time that the address is shown. Whoever has it can read what is due."
NONE = "No calendar program has an address."


def calendar_dialog(keys: Sequence[ClientKey], now: float) -> FT:
    """Return the dialog. `keys`: those for the calendar; `now`: Unix seconds."""
    return dialog(
        DIALOG,
        "In your calendar program",
        Div(
            P(ABOUT),
            made(""),
            key_list(keys, now),
            Div(
                Button(
                    "Make an address",
                    type="button",
                    id=f"{DIALOG}-make",
                    cls="primary",
                    data_stays=True,
                    **commands("calendar-make"),
                ),
                cls="tools",
            ),
            cls="scrolls calendar-keys",
            tabindex="0",
        ),
    )


def made(address: str) -> FT:
    """Return the new address, with what can be done with it; empty if there is none."""
    return Div(
        *(
            (
                Label(Span("New address"), _field(address)),
                Div(
                    Button("Copy", type="button", id=f"{DIALOG}-copy", data_copy=address, data_stays=True),
                    A("Open the calendar program", href=address.replace("http:", "webcal:", 1), id=f"{DIALOG}-open"),
                    cls="tools",
                ),
                P(ONCE, cls="note"),
            )
            if address
            else ()
        ),
        id=MADE,
        role="status",
    )


def _field(address: str) -> FT:
    return Input(type="text", id=f"{DIALOG}-address", value=address, readonly=True, autocomplete="off")


def key_list(keys: Sequence[ClientKey], now: float) -> FT:
    """Return the keys that show the calendar, each with a button that revokes it."""
    lines = Ul(*(_line(one, now) for one in keys), aria_label="Addresses that were made")
    return Div(lines if keys else P(NONE, cls="note"), id=KEYS)


def _line(one: ClientKey, now: float) -> FT:
    made_at = f"made {date_and_time(one.made, DAY)}"
    until = f"until {date_and_time(one.expires, DAY)}" if one.is_valid(now) else "expired"
    return Li(
        Span(*sentence(f"`{one.name}` {made_at}, {until}")),
        Button(
            "Revoke",
            type="button",
            id=f"{DIALOG}-revoke-{one.name}",
            cls="row-link",
            aria_label=f"Revoke {one.name}",
            data_stays=True,
            **commands("calendar-revoke", key=one.name),
        ),
    )


def draw_made(address: str, keys: Sequence[ClientKey], now: float) -> str:
    """Draw a new address, and the keys with it."""
    return replace(made(address)) + replace(key_list(keys, now))

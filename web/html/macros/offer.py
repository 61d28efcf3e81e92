"""The offer of a macro for what was done a third time: a line at the top of the strip of remarks."""

from fastcore.xml import FT

from apps.tables import Row
from web.html.parts.elements import Button, Div, Span, commands, icon_button
from web.state.page_view import message_id


def offers_macro(row: Row) -> bool:
    """Return whether a remark offers a macro."""
    return bool((row["detail"] or {}).get("macro"))


def macro_offer(row: Row) -> FT:
    """Return the line."""
    make = {"changes": " ".join(map(str, row["detail"]["macro"])), "message": row["id"]}
    return Div(
        Span(row["text"], cls="text", dir="auto"),
        Button("Make a macro …", type="button", id="macro-offer-make", **commands("macro-ask-make", **make)),
        icon_button(
            "close", "Dismiss the offer", id="macro-offer-dismiss", **commands("remark-dismiss", message=row["id"])
        ),
        id=message_id(row["id"]),
        cls="macro-offer",
        role="group",
        aria_label="Offer of a macro",
    )

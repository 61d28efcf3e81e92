"""On the card of a third yes of the same kind: the offer not to ask any more, and what the user said to it."""

from fastcore.xml import FT

from apps.permitted.words import kind_in_words
from apps.tables import Row
from web.html.parts.elements import Div, P, command_button

OFFER = "You have agreed three times that the assistant may {kind}. Shall it still ask?"
ANSWERS = {
    "allowed": "From now on it may {kind} without asking. Settings, “What it may do”, takes that back.",
    "kept": "It asks again next time.",
}


def permission_offer(row: Row) -> FT | None:
    """Return what a card shows of its offer; None for a card without one."""
    kept = (row["detail"] or {}).get("permission") or {}
    state, kind = kept.get("state", ""), kind_in_words(kept.get("label", ""), kept.get("operation", ""))
    if state in ANSWERS:
        return P(ANSWERS[state].format(kind=kind), cls="note")
    if state != "offered":
        return None
    return Div(
        P(OFFER.format(kind=kind)),
        Div(
            command_button("Don’t ask any more", "permission-accept", message=row["id"]),
            command_button("Keep asking", "permission-decline", message=row["id"]),
            cls="tools",
        ),
        cls="permission-offer",
        role="group",
        aria_label="Shall it still ask?",
    )

"""Further words about an app that is proposed: "make it days instead of weeks", "and a note". Pure."""

import re
from collections.abc import Sequence

from apps.tables import Row
from services.agent.grounding.words import folded
from services.agent.own.wanted import wanted_in
from services.agent.parse.normalise import SHAPES

FILLER = "ok|okay|yes|good|nice|oh|hm|please|but|bitte|ja|aber|gut|oui|mais|bien|s il te plait|si|pero|por favor"
BEGINS = re.compile(
    rf"^(?:(?:{FILLER})\b[\s,]*)*"
    r"(?:(?:and|plus|also|with|without|no|not|rename|call it|make (?:it|that|the|them)|it should|it needs|rather|better"
    r"|und|auch|noch|mit|ohne|kein\w*|nicht|lieber|besser|nenn\w* (?:es|sie)|mach (?:es|das|die|daraus)"
    r"|et|aussi|avec|sans|pas|plutot|appelle|y|tambien|ademas|con|sin|mejor|llamala)\b"
    r"|(?:add|remove|drop|ajoute|enleve|anade|agrega|quita) (?:an?|another|one more|the|une?|la|le|el|un[ao])"
    r" \w+(?: \w+)?$)"
)
"""Words with which people go on: what they add begins with "and", what they want otherwise with "make it"."""
INSTEAD = re.compile(
    r"\b(?:instead of|rather than|not in|statt|anstatt|anstelle|au lieu d\w*|plutot que|en vez de|en lugar de)\b"
)
DECIDES = re.compile(r"^(?:yes|no|ok|okay|do it|go ahead|not now|ja|nein|oui|non|si|hazlo|mach es|vas y)[\s.!,]*$")
LONGEST = 200
"""Characters of a message that is about the proposal before it without saying so."""


def proposal_before(question: Row, messages: Sequence[Row]) -> Row | None:
    """Return the card that proposes an app, or a change of one, if a message of the user is about it; else None.

    It is what came last, nobody has decided about it, and the words add to it or change it.
    """
    said = (one["id"] for one in messages if one["role"] == "user" and one["id"] < question["id"])
    last_said = max(said, default=0)
    cards = [one for one in messages if last_said < one["id"] < question["id"] and is_proposal(one)]
    return cards[-1] if cards and changes_it(question["text"]) else None


def is_proposal(message: Row) -> bool:
    """Return whether a message is a card that proposes an app, or a change of one, and is not decided."""
    would = (message["detail"] or {}).get("would") or [{}]
    return message["role"] == "action" and message["state"] == "proposed" and would[0].get("operation") in SHAPES


def changes_it(words: str) -> bool:
    """Return whether words add something to what is proposed, or want it otherwise."""
    plain = " ".join(re.sub(r"[^\w,]+", " ", folded(words)).split())
    if wanted_in(words) == "make" or DECIDES.match(plain):
        return False
    is_short = len(words) <= LONGEST
    return wanted_in(words) == "change" or (is_short and bool(BEGINS.match(plain) or INSTEAD.search(plain)))


def proposed_row(card: Row) -> Row:
    """Return what a card proposes as a row of the table `app`: its id is 0 for a new one."""
    (would,) = card["detail"]["would"]
    declaration = would["after"]["declaration"]
    return {
        "id": would["row"],
        "name": declaration["name"],
        "label": declaration.get("label", ""),
        "declaration": declaration,
    }


def replacing(card: Row) -> Row:
    """Return the order that says on a card that a newer proposal has taken its place, if it is still open."""
    values = {"state": "declined", "detail": card["detail"] | {"replaced": True}}
    return {"verb": "update", "table": "message", "id": card["id"], "values": values, "where": {"state": "proposed"}}

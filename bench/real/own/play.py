"""Play one wish: a new home, the app that is there before, the user's words, and what is proposed and then made."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.tables import Row
from bench.real.own.judge import problem_of
from bench.real.own.wishes import Wish
from bench.real.person import Person, Reply
from bench.real.product import REHEARSAL, product
from bench.real.relay import Relay
from tests.support.system import Guest

SHAPES = ("make_app", "change_app")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a wish."""

    wish: Wish
    problem: str
    """What is wrong with the declaration; "" for nothing."""
    rounds: int
    """How often the model was asked."""
    declaration: Row | None
    reply: Reply
    made: str
    """What became of the proposal when the person agreed: applied or refused; "" where there was none."""
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether the right app was proposed, and made."""
        return not self.problem and self.made == "applied"

    @property
    def is_first_try(self) -> bool:
        """Whether it was so at the first try of the model."""
        return self.is_right and self.rounds == 1

    def as_line(self) -> Row:
        """Return it as a map for a line of JSON."""
        return {
            "id": self.wish.id,
            "language": self.wish.language,
            "says": self.wish.says,
            "right": self.is_right,
            "problem": self.problem,
            "made": self.made,
            "rounds": self.rounds,
            "declaration": self.declaration,
            "replies": [row["text"] for row in self.reply.answers.values()],
            "cards": [card["text"] for card in self.reply.cards.values()],
            "seconds": round(self.reply.seconds, 2),
        }


def play(wish: Wish, relay: Relay | None, path: str, seconds: float) -> Outcome:
    """Play one wish. `relay`: where the model is; None: the built-in player. `path`, `seconds`: see `Person`."""
    begun = time.monotonic()
    with product(relay.address if relay else REHEARSAL) as system:
        found: tuple[Reply, Row | None, str] = system.visit(_visit(wish, relay, path, seconds))
    reply, declaration, made = found
    problem = problem_of(wish, declaration)
    return Outcome(wish, problem, len(reply.answers), declaration, reply, made, time.monotonic() - begun)


def _visit(wish: Wish, relay: Relay | None, path: str, seconds: float) -> Callable[[Guest], Any]:
    async def visit(guest: Guest) -> tuple[Reply, Row | None, str]:
        person, app = Person(guest), "todo"
        if relay:
            await person.choose_model(path)
        if wish.before:
            (row,) = await person.order("insert", "app", values={"declaration": wish.before})
            app = row["name"]
        await person.sit_down(app)
        reply = await person.say(wish.says, seconds)
        card = next((one for one in reply.proposals if one["detail"]["would"][0]["operation"] in SHAPES), None)
        if card is None:
            return reply, None, ""
        await person.agree(reply)
        return reply, card["detail"]["would"][0]["after"]["declaration"], reply.cards[card["id"]]["state"]

    return visit

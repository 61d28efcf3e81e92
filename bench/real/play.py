"""Play one order: a new home, the rows, the talk before, the order itself, consent to what is proposed, the verdict."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.real.effects import Difference, differences
from bench.real.judge import Verdict, is_answered, is_embellished, verdict
from bench.real.orders import Order
from bench.real.person import PATIENCE_SECONDS, Person, Reply
from bench.real.product import REHEARSAL, product
from bench.real.relay import Chat, Relay
from tests.support.system import Guest


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order."""

    order: Order
    verdict: Verdict
    reply: Reply
    done: list[Difference]
    """What was done by itself."""
    agreed: list[Difference]
    """The same, with every proposal agreed to."""
    chats: list[Chat] = field(default_factory=list)
    """What the engine was asked, for this order alone."""
    seconds: float = 0.0
    """The whole round, with the start of the product."""

    @property
    def is_answered(self) -> bool:
        """Whether what was said answers the question; true for an order that needs no answer."""
        return is_answered(self.order, self.reply.said)

    @property
    def is_embellished(self) -> bool:
        """Whether a new row was given a note or the like that the order says nothing about."""
        return is_embellished(self.order, self.agreed)

    def as_line(self) -> dict[str, Any]:
        """Return it as a map for a line of JSON."""
        return {
            "id": self.order.id,
            "kind": self.order.kind,
            "language": self.order.language,
            "app": self.order.app,
            "says": self.order.says,
            "verdict": self.verdict,
            "answered": self.is_answered,
            "embellished": self.is_embellished,
            "replies": [row["text"] for row in self.reply.answers.values()],
            "cards": [
                {"state": card["state"], "text": card["text"], "instruction": card["detail"].get("instruction")}
                for card in self.reply.cards.values()
            ],
            "done": [str(one) for one in self.done],
            "agreed": [str(one) for one in self.agreed],
            "problem": self.reply.problem,
            "stopped": self.reply.stopped,
            "seconds": round(self.reply.seconds, 2),
            "first_word_seconds": round(self.reply.first_word_seconds, 2),
            "round_seconds": round(self.seconds, 2),
            "read_tokens": [chat.read_tokens for chat in self.chats],
            "known_tokens": [chat.known_tokens for chat in self.chats],
            "written_tokens": [int(chat.timings.get("predicted_n", 0)) for chat in self.chats],
            "reasons": [chat.reason for chat in self.chats],
        }


def play(order: Order, relay: Relay | None, path: str = "", seconds: float = PATIENCE_SECONDS) -> Outcome:
    """Play one order. `relay`: where the model is; None: the built-in player. `path`, `seconds`: see `Person`."""
    begun = time.monotonic()
    with product(relay.address if relay else REHEARSAL) as system:
        outcome: Outcome = system.visit(_visit(order, relay, path, seconds))
    return Outcome(
        order, outcome.verdict, outcome.reply, outcome.done, outcome.agreed, outcome.chats, time.monotonic() - begun
    )


def _visit(order: Order, relay: Relay | None, path: str, seconds: float) -> Callable[[Guest], Any]:
    async def visit(guest: Guest) -> Outcome:
        person = Person(guest)
        if relay:
            await person.choose_model(path)
        await person.sit_down(order.app)
        await person.fill(order.rows, order.tables)
        await _talk_before(order, person, relay)
        before = await person.rows(order.tables)
        asked_before = len(relay.chats) if relay else 0
        reply = await person.say(order.says, seconds)
        chats = relay.chats[asked_before:] if relay else []
        tried = reply.tried
        after = await person.rows(order.tables)
        proposed = bool(reply.proposals)
        await person.agree(reply)
        agreed = await person.rows(order.tables)
        done = differences(before, after, order.tables)
        all_done = differences(before, agreed, order.tables)
        given = verdict(order, done, all_done, proposed=proposed, tried=tried)
        return Outcome(order, given, reply, done, all_done, chats)

    return visit


async def _talk_before(order: Order, person: Person, relay: Relay | None) -> None:
    for turn in order.earlier:
        if relay:
            relay.script(turn.assistant)
        await person.say(turn.user)

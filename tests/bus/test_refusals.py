"""Whoever sends an order that cannot be carried out is told so: with a code, a sentence, and the id of the order."""

import time
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest

from bus.bus import Bus
from bus.errors import Refused
from bus.messages import BusRefused, LlmFailed, LlmGenerate, StoreAnswer, StoreOrder
from tests.support.system import Guest, System


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as system:
        system.start("broker", "store", "llm_worker")
        yield system


GOOD = {"verb": "list", "table": "todo"}
GENERATE = {"generation": "1.1", "conversation": 1, "messages": []}


def frames(kind: str, body: Any, without: str = "", **header: Any) -> list[bytes]:
    head = {"v": 1, "id": "mine-1", "cause": "", "sender": "me-1", "seq": 1, "sent": time.time(), "until": 0.0} | header
    head.pop(without, None)
    return [f"{kind}/x".encode(), msgpack.packb(head), body if type(body) is bytes else msgpack.packb(body)]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (frames("store.order", {"verb": "drop", "table": "todo"}), "bad_value"),
        (frames("store.order", {"verb": "list"}), "missing_field"),
        (frames("store.order", GOOD | {"limit": "ten"}), "wrong_type"),
        (frames("store.order", GOOD | {"offset": 2**64 - 1}), "bad_value"),
        (frames("store.order", b"\xc1"), "bad_message"),
        (frames("store.order", GOOD, without="seq"), "bad_header"),
        (frames("store.order", GOOD, until="soon"), "bad_header"),
        (frames("store.order", GOOD, until=time.time() - 60), "expired"),
    ],
)
def test_an_order_to_the_store_is_answered_whatever_is_wrong_with_it(system: System, bad: list[bytes], code: str):
    async def play(guest: Guest) -> None:
        guest.bus._pub.send_multipart(bad)
        heard = await guest.until(lambda heard: isinstance(heard.message, StoreAnswer))
        assert (heard.key, heard.header.cause) == ("me-1", "mine-1")
        assert (heard.message.ok, heard.message.error["code"]) == (False, code)
        assert heard.message.error["message"].endswith(".")

    system.visit(play)


@pytest.mark.parametrize(
    ("bad", "code", "told"),
    [
        (frames("store.order", GOOD, without="id"), "bad_header", ("me-1", "")),
        (frames("store.order", GOOD, sender="y" * 900), "bad_header", ("", "mine-1")),
        (frames("llm.generate", GENERATE | {"messages": "hello"}), "wrong_type", ("me-1", "mine-1")),
        (frames("llm.generate", GENERATE, until=time.time() - 60), "expired", ("me-1", "mine-1")),
        (frames("llm.cancel", {}), "missing_field", ("me-1", "mine-1")),
        (frames("llm.pull", {"model": 7}), "wrong_type", ("me-1", "mine-1")),
        (frames("llm.recall", {"generation": "1"}, without="v"), "bad_header", ("me-1", "mine-1")),
    ],
)
def test_any_other_order_is_refused_on_the_bus(system: System, bad: list[bytes], code: str, told: tuple[str, str]):
    async def play(guest: Guest) -> None:
        guest.bus._pub.send_multipart(bad)
        heard = await guest.until(lambda heard: isinstance(heard.message, BusRefused))
        assert (heard.key, heard.header.cause) == told
        assert heard.message.code == code
        assert heard.message.reason.endswith(".")
        assert not guest.all(LlmFailed)

    system.visit(play)


def test_who_asks_is_told_at_once_and_not_only_after_the_deadline(system: System):
    class Odd(LlmGenerate):
        """An order with a field of the wrong type."""

        def body(self) -> dict[str, Any]:
            return {**super(LlmGenerate, self).body(), "messages": "hello"}

    async def play(guest: Guest) -> None:
        with pytest.raises(Refused) as refused:
            await guest.bus.ask(Odd(generation="9.1", conversation=1, messages=[]), seconds=60)
        assert refused.value.code == "wrong_type"

    system.visit(play)


def test_that_an_earlier_message_of_an_order_came_too_late_does_not_end_the_next_one(system: System):
    async def play(guest: Guest) -> None:
        bus: Bus = guest.bus
        late = frames("store.order", GOOD, id="again-1", sender=bus.sender, until=time.time() - 60)
        for _ in range(5):
            bus._pub.send_multipart(late)
        answer = await bus.ask(StoreOrder(verb="list", table="todo"), "todo", id="again-1")
        assert answer.message.ok

    system.visit(play)

"""The refusal of an order that cannot be read, or came after its deadline: its sender is told, if it can be."""

import time
from typing import NamedTuple

from bus.errors import BadMessage
from bus.messages import CATALOGUE, Message
from bus.wire import Envelope, Frames, is_name, unpack

EXPIRED = "expired"
"""Code of an order that came too late. An earlier message of the same order may have been carried out."""

CODES = {
    "missing field": "missing_field",
    "wrong type": "wrong_type",
    "unknown value": "bad_value",
    "out of range": "bad_value",
    "bad header": "bad_header",
}
"""The code of a refusal, by the reason of a `BadMessage`. Any other reason is `bad_message`."""


class Refusal(NamedTuple):
    """What is said to the sender of an order. `key`: its `sender`, "" if unknown; `cause`: the order's id, or ""."""

    message: Message
    key: str
    cause: str


def is_order_to(process: str, kind: str) -> bool:
    """Return whether a kind of message is an order that this process answers."""
    return kind in CATALOGUE and CATALOGUE[kind].receiver == process


def refusal_of_bad(kind: str, frames: Frames, problem: BadMessage, count: int) -> Refusal:
    """Return the refusal of an order that cannot be read. `count`: bad messages since the start of this process."""
    code = CODES.get(problem.reason, "bad_message")
    sender, order = _names_in(frames)
    sentence = f"The order {kind} cannot be carried out: {problem}. docs/messages.md says what it must hold."
    if sender and order:
        return Refusal(CATALOGUE[kind].refusal(code, sentence, count), sender, order)
    return Refusal(Message.refusal(code, sentence, count), sender, order)


def refusal_of_late(heard: Envelope, count: int) -> Refusal:
    """Return the refusal of an order that came after its deadline."""
    order, late = heard.message, time.time() - heard.header.until
    sentence = (
        f"The order {order.kind} came {late:,.0f} s after its deadline (`until`), so it was not carried out now. "
        "Send it again with a later one."
    )
    return Refusal(order.refusal(EXPIRED, sentence, count), heard.header.sender, heard.header.id)


def _names_in(frames: Frames) -> tuple[str, str]:
    """Return the sender and the id in a header that may be incomplete; "" for what cannot be read."""
    try:
        header = unpack(frames[1], "header")
    except (BadMessage, IndexError):
        return "", ""
    sender, order = header.get("sender"), header.get("id")
    return sender if is_name(sender) else "", order if is_name(order) else ""

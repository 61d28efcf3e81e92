"""Part (c): the time to the first word, beside the same messages sent to the server directly.

Two engines with the same model run side by side. The person asks the product, which asks the first; then the same
requests go straight to the second one, in the same order. So both have read the same before, and what else the machine
does hits both.
"""

import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import httpx

from bench.real.engine import Engine
from bench.real.orders import tables_of
from bench.real.person import Person
from bench.real.product import product
from bench.real.relay import Chat
from bench.real.session import NeedsModel, Session
from tests.support.system import Guest

QUESTIONS = (
    "add bread",
    "what is on my list?",
    "the rent is paid",
    "add a birthday present for Ann",
    "I'm tired",
    "call the present “present for Ann and Tim”",
    "how many things are left?",
    "bread is bought",
    "thanks",
    "add the car wash",
    "which one should I do first?",
    "rename the car wash to wash the car",
)
ROWS = {"todo": [{"id": 1, "title": "pay the rent"}, {"id": 2, "title": "buy milk"}, {"id": 4, "title": "call Ben"}]}


def measure_first_word(session: Session) -> dict[str, Any]:
    """Ask both; print one line for each question, and the ratio."""
    _, relay = session.with_engine("first-word")
    if session.file is None:
        raise NeedsModel("first-word")
    pairs: list[tuple[float, float]] = []

    async def visit(guest: Guest) -> None:
        person = Person(guest)
        await person.choose_model(session.options.path)
        await person.sit_down("todo")
        await person.fill(ROWS, tables_of("todo"))
        for question in QUESTIONS[: session.options.turns]:
            asked = len(relay.chats)
            reply = await person.say(question)
            direct = ask_directly(second, relay.chats[asked:])
            if reply.first_word_seconds and direct:
                pairs.append((reply.first_word_seconds, direct))
                ours, theirs = pairs[-1]
                print(f"{ours:7.2f} s  directly {theirs:7.2f} s  ratio {ours / theirs:5.2f}  {question}", flush=True)

    log = session.options.out / "second-engine.log"
    options = session.options
    with (
        Engine(session.file, options.engine_python, options.threads, log) as second,
        product(relay.address) as system,
    ):
        system.visit(visit)
    found = figures(pairs)
    print(f"medians: {found['ours']} s, directly {found['directly']} s; ratio of each pair, median: {found['ratio']}")
    return found


def figures(pairs: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return medians in seconds, and the median of the ratios."""
    if not pairs:
        return {"questions": 0, "ours": 0.0, "directly": 0.0, "ratio": 0.0}
    return {
        "questions": len(pairs),
        "ours": round(statistics.median(ours for ours, _ in pairs), 2),
        "directly": round(statistics.median(theirs for _, theirs in pairs), 2),
        "ratio": round(statistics.median(ours / theirs for ours, theirs in pairs), 2),
        "pairs": pairs,
    }


def ask_directly(engine: Engine, chats: Sequence[Chat]) -> float:
    """Send the same requests; return the seconds to the first word of the first one, 0 if none came."""
    seconds = [time_to_first_word(engine.address, chat.body) for chat in chats]
    return seconds[0] if seconds else 0.0


def time_to_first_word(address: str, body: dict[str, Any]) -> float:
    """Send one request, read its whole answer, and return the seconds to the first word."""
    begun, first = time.monotonic(), 0.0
    asked = httpx.stream("POST", f"{address}/v1/chat/completions", json=body, trust_env=False, timeout=600)
    with asked as answer:
        for line in answer.iter_lines():
            if not first and line.startswith("data: {"):
                choices = json.loads(line.removeprefix("data: ")).get("choices") or [{}]
                if (choices[0].get("delta") or {}).get("content"):
                    first = time.monotonic() - begun
    return first

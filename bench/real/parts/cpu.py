"""Part (e): the processor time of all our processes while an answer streams at 20 tokens a second into an open page.

The text comes from the relay, so no model takes part. Linux only: see `bench/footprint.py`.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.footprint import cpu_seconds, family, name_of
from bench.real.person import Person
from bench.real.product import write_settings
from bench.real.relay import Relay
from bench.real.session import Session
from bus.messages import LlmStarted
from tests.support.http_client import Visitor
from tests.support.launched import Launched
from tests.support.system import PATIENCE_SECONDS, Guest, run_apart

RATE = 20.0
"""Tokens a second."""
TOKENS = 600
SPEECH = " ".join(f"word{number}" for number in range(TOKENS))


def measure_cpu(_: Session) -> dict[str, Any]:
    """Stream once; print the share of one core for each process and for all together."""
    with tempfile.TemporaryDirectory(prefix="p.", dir="/tmp") as home, Relay() as relay:
        Path(home).chmod(0o700)
        write_settings(Path(home), relay.address)
        with Launched(home=Path(home)) as launched:
            shares, seconds = run_apart(stream(launched, relay))
    for name, share in shares.items():
        print(f"{name:42}{share:8.2%} of a core")
    together = sum(shares.values())
    print(f"{'together':42}{together:8.2%} of a core, during {seconds:.0f} s of {TOKENS / seconds:.1f} tokens a second")
    return {"shares": shares, "together": round(together, 4), "seconds": round(seconds, 1), "tokens": TOKENS}


async def stream(launched: Launched, relay: Relay) -> tuple[dict[str, float], float]:
    """Have the speech streamed into a page; return the share of a core by process, and the seconds."""
    guest = Guest("bench", launched.settings)
    guest.bus.connect()
    try:
        await guest.bus.greet(PATIENCE_SECONDS)
        person = Person(guest)
        await person.choose_model()
        await person.sit_down("todo")
        relay.script("Yes.")
        await person.say("are you there?")  # what happens only once has happened now
        visitor = await asyncio.to_thread(Visitor, launched)  # type: ignore[arg-type]  # it has all that is used
        async with visitor.tab():
            pids = family(launched.process.pid)
            relay.script(SPEECH, RATE)
            heard_before = len(guest.heard)
            asking = asyncio.create_task(person.say("speak"))
            await guest.until(lambda heard: isinstance(heard.message, LlmStarted), after=heard_before)
            before, begun = {pid: cpu_seconds(pid) for pid in pids}, time.monotonic()
            await asking
            seconds = time.monotonic() - begun
            return {f"{name_of(pid)} {pid}": (cpu_seconds(pid) - before[pid]) / seconds for pid in pids}, seconds
    finally:
        guest.bus.close()

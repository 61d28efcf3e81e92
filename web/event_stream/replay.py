"""What a reader that comes back has missed: facts from the history, tokens from memory, and what is lost."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.tables import Table
from bus.bus import Bus
from bus.errors import PianolaError
from bus.messages import LlmRecall, LlmRecalled, LlmToken, StoreChanged
from bus.store_client import ask_store
from web.event_stream.events import GAP, KINDS, REPLAYED, event, of_change, with_id
from web.event_stream.facts import Missed, missed_since
from web.event_stream.position import Position
from web.event_stream.tokens import Tokens
from web.event_stream.wanted import Wanted

LARGEST_REPLAY_BYTES = 1024 * 1024
"""Facts that take more are not told again: the reader reads again what it shows."""
RECALL_SECONDS = 2.0
"""How long the worker may take to say the text of a generation."""

Heard = dict[str, list[bytes]]
"""By generation: what the reader has not got of it."""
Lost = dict[str, int]
"""Generations of which a part is not known here, each with the index from which the reader lacks it."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What is told before anything new. `revision`: the facts in it reach up to this one."""

    events: tuple[bytes, ...]
    revision: int


def missed_tokens(tokens: Tokens, last: Position, wanted: Wanted) -> tuple[Heard, Lost]:
    """Return what is known of each generation after a position, and what is not."""
    heard: Heard = {}
    lost: Lost = {}
    if not wanted.hears_some(LlmToken.kind):
        return heard, lost
    for name, index in last.generations.items():
        known = tokens.after(name, index)
        if known is None:
            lost[name] = index
        elif wanted.hears(LlmToken.kind, tokens.key_of(name)):
            heard[name] = known
    for name in tokens.begun_since(last.generations):
        if not wanted.hears(LlmToken.kind, tokens.key_of(name)):
            continue
        heard[name] = tokens.after(name, tokens.first_of(name)) or []
        if tokens.first_of(name):
            lost[name] = 0
    return heard, lost


async def replay(
    bus: Bus, tables: Mapping[str, Table], last: Position, wanted: Wanted, tokens: tuple[Heard, Lost]
) -> Replay:
    """Return what a reader has missed since its last event. `tokens`: see `missed_tokens`."""
    heard, lost = tokens
    shown = {name: table for name, table in tables.items() if wanted.hears(StoreChanged.kind, name)}
    missed = await _facts(bus, last, shown)
    position = last.copy()
    facts = list(_events_of_facts(missed, position))
    if sum(map(len, facts)) > LARGEST_REPLAY_BYTES:
        facts, missed = [], Missed(revision=missed.revision, gap=(last.revision + 1, missed.revision))
    position.revision = missed.revision
    generations = await asyncio.gather(*(recalled(bus, name, index) for name, index in lost.items()))
    gap = event(GAP, _gap(missed, wanted, generations))
    told = (with_id(last, gap), *facts, *_events_of_tokens(heard, last, position))
    return Replay(told, missed.revision)


async def _facts(bus: Bus, last: Position, shown: Mapping[str, Table]) -> Missed:
    if not shown:
        return Missed(revision=last.revision)
    try:
        return await missed_since(partial(ask_store, bus), last.revision, shown)
    except PianolaError:  # the store is away
        return Missed(revision=last.revision, gap=(last.revision + 1, last.revision + 1))


def _events_of_facts(missed: Missed, position: Position) -> Iterator[bytes]:
    for change, fact in missed.facts:
        position.revision = fact.revision
        yield with_id(position, of_change(change, fact))


def _events_of_tokens(heard: Heard, last: Position, position: Position) -> Iterator[bytes]:
    for name, events in heard.items():
        first = last.generations.get(name, 0)
        for index, one in enumerate(events, first + 1):
            position.generations[name] = index
            yield with_id(position, one)


async def recalled(bus: Bus, generation: str, index: int) -> dict[str, Any]:
    """Return what is told of a generation of which tokens are lost: its text so far, if the worker knows it."""
    told = {"generation": generation, "from": index}
    try:
        heard = await bus.ask(LlmRecall(generation=generation), seconds=RECALL_SECONDS)
    except PianolaError:
        return {**told, "state": "unknown"}
    message: LlmRecalled = heard.message
    return {**told, "state": message.state, "text": message.text, "thinking": message.thinking, "next": message.next}


def _gap(missed: Missed, wanted: Wanted, generations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what is not told again: revisions, generations, and kinds of which nothing is kept."""
    first, last = missed.gap
    others = [kind.kind for kind in KINDS if kind not in REPLAYED and wanted.hears_some(kind.kind)]
    revisions = {"from": first, "to": last} if first else None
    return {"revisions": revisions, "generations": list(generations), "kinds": others}

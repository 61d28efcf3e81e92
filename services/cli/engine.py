"""What `pianola status` and the banner say of the embedded engine, which is no process of the bus."""

from pathlib import Path
from typing import Any

from bus.code.folder import how_to_install
from bus.embedded.files import EngineState, installed, read_state
from bus.message_line import safe
from bus.settings import Settings
from services.supervise.memory import memory_bytes

INSTALL = how_to_install("embedded")
HOW = "get one in the page, or put a GGUF file into `models` of the data folder"


def report(settings: Settings) -> dict[str, Any]:
    """Return the state for programs: not installed, not running, waiting, loading, ready or failed."""
    state = read_state(settings)
    return {
        "state": word_of(state),
        "file": state.file,
        "window": state.window,
        "memory_bytes": memory_bytes(state.pid) + memory_bytes(state.server_pid) if state.running else 0,
        "problem": state.problem,
    }


def line(settings: Settings) -> str:
    """Return the line of `pianola status`."""
    return f"engine   {describe(settings)}"


def describe(settings: Settings) -> str:
    """Return the state of the engine for people."""
    state = read_state(settings)
    name, word = safe(Path(state.file).name), word_of(state)
    if word == "not installed":
        return f"not installed; `{INSTALL}` installs it, for models without Ollama"
    if word == "ready":
        mebibytes = (memory_bytes(state.pid) + memory_bytes(state.server_pid)) / 2**20
        return f"{name} is loaded, window {state.window:,} tokens, {mebibytes:,.0f} MiB"
    if word == "loading":
        return f"loads {name}"
    if word == "failed":
        return f"waits; the last model could not be loaded: {safe(state.problem)}"
    if word == "not running":
        return f"installed, but not running; {settings.logs}/engine.log may say why"
    return "waits for a question to a model of its own" if model_files(settings) else f"waits for a model: {HOW}"


def what_is_there(settings: Settings) -> str:
    """Return what the banner says: what is installed, which models there are, and what is missing."""
    files = ", ".join(safe(file.stem) for file in model_files(settings))
    if not installed():
        missing = f"; it is needed for {files}" if files else ""
        return f"not installed; `{INSTALL}` installs it, for models without Ollama{missing}"
    return f"installed, models: {files}" if files else f"installed, without a model: {HOW}"


def model_files(settings: Settings) -> list[Path]:
    """Return the files that it could serve."""
    return [*([Path(settings.gguf)] if settings.gguf else []), *(settings.home / "models").glob("*.gguf")]


def word_of(state: EngineState) -> str:
    """Return the state in one word or two."""
    if not installed():
        return "not installed"
    if not state.running:
        return "not running"
    return "waiting" if state.state == "idle" else state.state

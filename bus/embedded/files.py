"""The embedded engine, as others see it: two small files in the folder `run`, one for each direction.

The engine is no process of the bus (see `llm_worker/embedded/`). The worker writes what it wishes, the engine what it
does. `pianola status` reads both. Only this user can read them: the state holds the key of the engine.
"""

import json
import os
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeVar

from bus.settings import Settings

PROCESS = "engine"
"""Its name in the Procfile."""
PACKAGE = "xllamacpp"
"""The package that brings llama.cpp. Without it the engine is not started."""
EmbeddedState = Literal["idle", "loading", "ready", "failed"]
Kind = TypeVar("Kind", bound="Wish | EngineState")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which file the worker wants to be served."""

    id: str = ""
    """A new one asks again for a file that could not be loaded."""
    file: str = ""
    """Path of a GGUF file; "": none, its memory is to be freed."""
    window: int = 0
    """Tokens of the context."""
    adapter: str = ""
    """Path of an adapter that is loaded beside the file; "": none."""
    until: float = 0.0
    """Unix seconds when the memory is to be freed; 0: not by itself."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """What the engine does."""

    pid: int = 0
    """The process that takes wishes; 0: it was never started."""
    state: EmbeddedState = "idle"
    wish: str = ""
    """The id of the wish that this answers."""
    file: str = ""
    window: int = 0
    adapter: str = ""
    server_pid: int = 0
    """The process that holds the model."""
    address: str = ""
    key: str = ""
    """What a request needs in its header `Authorization`; a new one at each start."""
    problem: str = ""
    """Why it failed, a sentence for the user."""

    @property
    def running(self) -> bool:
        """Whether the engine is there."""
        return is_running(self.pid)

    @property
    def serving(self) -> bool:
        """Whether the model is in memory and can be asked."""
        return self.state == "ready" and is_running(self.server_pid)


def installed() -> bool:
    """Return whether the package of the engine can be found. It is not imported."""
    try:
        return find_spec(PACKAGE) is not None
    except ValueError:  # somebody has hidden it
        return False


def wish_file(settings: Settings) -> Path:
    """Return the file that the worker writes."""
    return settings.run / "engine.wish"


def state_file(settings: Settings) -> Path:
    """Return the file that the engine writes."""
    return settings.run / "engine.state"


def read_wish(settings: Settings) -> Wish:
    """Return what the worker wishes; nothing, if it has not said."""
    return _read(wish_file(settings), Wish)


def read_state(settings: Settings) -> EngineState:
    """Return what the engine says of itself."""
    return _read(state_file(settings), EngineState)


def write(file: Path, said: Wish | EngineState) -> None:
    """Replace a file, so that a reader sees the old text or the new one."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        json.dump(asdict(said), opened)
    draft.replace(file)


def _read(file: Path, kind: type[Kind]) -> Kind:
    try:
        values: Any = json.loads(file.read_text(encoding="utf-8"))
        return kind(**values)
    except (OSError, ValueError, TypeError):
        return kind()


def is_running(pid: int) -> bool:
    """Return whether there is a process of this user with this id."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True

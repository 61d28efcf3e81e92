"""What runs in a data folder, for commands that are started from another terminal: its port, its options, its code.

`pianola up` writes it to `run/up.json`. It counts only while `pianola up` holds its lock.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from bus.code.state import code_state, is_changed
from bus.role import holder_of
from bus.settings import Settings, load

ROLE = "supervisor"
"""The role of `pianola up`."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of `pianola up`. `options`: of its command line; `by`: the service manager that started it, or "".

    `environment`: the settings that it was started with; `code`: as `code_state` returned it then.
    """

    pid: int
    port: int
    options: list[str] = field(default_factory=list)
    by: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    code: str = ""


def note_run(settings: Settings, options: Sequence[str], environment: Mapping[str, str] = os.environ) -> Run:
    """Write down what this process, `pianola up`, runs, and return it."""
    by = environment.get("PIANOLA_SERVICE", "")
    run = Run(os.getpid(), settings.port, list(options), by, setting_variables(environment), code_state())
    draft = _file(settings).with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(json.dumps(asdict(run)))
    draft.replace(_file(settings))
    return run


def running(settings: Settings) -> Run | None:
    """Return the run that goes on in the data folder, None if nothing runs, or it did not say what."""
    pid = holder_of(ROLE, settings.run)
    try:
        found = Run(**json.loads(_file(settings).read_text(encoding="utf-8"))) if pid else None
    except (OSError, ValueError, TypeError):
        return None
    return found if found and found.pid == pid else None


def load_running() -> Settings:
    """Return the settings with the port on which the page is really served, whatever is set in this terminal."""
    return as_running(load())


def as_running(settings: Settings) -> Settings:
    """Return the settings with the port of the run that goes on; unchanged if nothing runs."""
    run = running(settings)
    return replace(settings, port=run.port) if run else settings


def is_outdated(settings: Settings) -> bool:
    """Return whether files of our code have changed since everything was started, so that it runs as it was before."""
    run = running(settings)
    return bool(run and "--reload" not in run.options and is_changed(run.code))


def setting_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that are settings of ours, in the order of their names."""
    names = {one.metadata["variable"] for one in fields(Settings)}
    return {name: environment[name] for name in sorted(names & environment.keys())}


def _file(settings: Settings) -> Path:
    return settings.run / "up.json"

"""What a check gets, and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bus.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `text`: a sentence; `remedy`: what to do, "" for nothing."""

    name: str
    ok: bool
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What the checks look at.

    `settings`: with the port that is really used; `bad_setting`: why those of the user cannot be used (then they are
    the defaults), or "". `environment`: the variables of this terminal. `pid`: of `pianola up`, 0 if it does not run.
    `health`: what `/healthz` answers, {} if nothing does.
    `files`: what `data.look` found, {} without a database.
    """

    settings: Settings
    bad_setting: str
    environment: Mapping[str, str]
    pid: int
    health: Mapping[str, Any]
    files: Mapping[str, Any]

    @property
    def exists(self) -> bool:
        """Whether there is a data folder."""
        return self.settings.home.is_dir()

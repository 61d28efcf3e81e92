"""What a function of long work is given: a way to say how far it is, to save a checkpoint, and a folder for files."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.tables import BadValue, Row
from bus.errors import PianolaError

CHECKPOINT = "checkpoint.json"
LONGEST_CHECKPOINT = 1_000_000
"""Bytes. What is longer belongs into a file of the folder."""
LONGEST_NOTE = 500
"""Characters."""
MOST_UNITS = 2**53


class JobFailed(PianolaError):
    """The job cannot do what it was asked for. The text is for the user: what, which value, and what to do."""


class Paused(BaseException):
    """The job is to end here and to go on later. No `Exception`: the function should not catch it by chance."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a function may return beside nothing and a map.

    `value`: kept in the job's row. `rows`: new rows, maps of `table` and `values`; they become one undoable change.
    """

    value: Row = field(default_factory=dict)
    rows: Sequence[Row] = ()


class Progress:
    """One run of a job. `say` passes a message on to the process `jobs`."""

    def __init__(
        self,
        job: int,
        folder: Path,
        say: Callable[[Row], None],
        keys: Mapping[str, str],
        pausing: Callable[[], bool],
        *,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`pausing`: whether the job is to end at its next checkpoint."""
        self.job = job
        """Id of the job's row."""
        self.folder = folder
        """A folder of the job's own, for the files that it makes. It stays as long as the job's row."""
        self.keys = keys
        """The keys that the job declares, by name; one that the user has not given is absent."""
        self.settings = settings or {}
        """The values of the settings that the job declares, by name."""
        self._say = say
        self._pausing = pausing
        self.saved: Any = self._read()
        """What the last checkpoint saved, None in the first run: go on from there."""

    def at(self, done: int, total: int = 0, note: str = "") -> None:
        """Say that `done` of `total` units are done (0: not known), and in one line what happens now.

        Call it as often as you like: at most ten a second leave the process, and the last one always. Raises
        `ValueError` for what is no number from 0 to 2^53.
        """
        self._say({"at": [units("done", done), units("total", total), one_line(note)]})

    def checkpoint(self, data: Any) -> None:
        """Save `data` (JSON, 1 MB at most): a later run finds it in `saved`. Ends the run here if it is to pause."""
        text = json.dumps(data)
        if len(text) > LONGEST_CHECKPOINT:
            raise ValueError(f"a checkpoint of {len(text):,} bytes; at most {LONGEST_CHECKPOINT:,} fit. Use a file.")
        new = self.folder / f"{CHECKPOINT}.new"
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / CHECKPOINT)
        if self._pausing():
            raise Paused

    def _read(self) -> Any:
        try:
            return json.loads((self.folder / CHECKPOINT).read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            problem = f"its checkpoint cannot be read ({error}). Run it as a new job, which begins at the beginning."
            raise BadValue("bad_value", problem) from None


def units(name: str, number: float) -> int:
    """Return a number of units as a whole one; raise `ValueError` for what is none."""
    if not isinstance(number, int | float) or not 0 <= number <= MOST_UNITS:
        raise ValueError(f"progress.at: `{name}` is {number!r:.60}. Expected a number from 0 to 2^53.")
    return int(number)


def one_line(text: object) -> str:
    """Return a text as one line of at most `LONGEST_NOTE` characters that UTF-8 can hold."""
    return " ".join(str(text)[: 2 * LONGEST_NOTE].split()).encode(errors="replace").decode()[:LONGEST_NOTE]

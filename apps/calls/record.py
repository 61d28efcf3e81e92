"""Which call into an app is running, in a file that survives the process. The next run of it judges what is found.

A process that hangs in an app is killed by the supervisor, and one can also die in an app: it crashed, or took all
memory. The new run then leaves that app out. It does so at once if the call had been running for so long that the
process must have hung, and otherwise when two runs in succession ended in the same call: one may have been killed by
chance just then. The app gets another chance when its files change, and when all processes are started again.
"""

import contextlib
import json
import os
import time
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

STUCK_SECONDS = 8.0
"""A call that began so long before the process came back has stopped it: beats come every 2 s, and a process is killed
after 10 s without one."""
MOST_ENDS = 2
"""Runs in succession that may end in the same call before the app is left out."""
RUNNING, IDLE = b"+", b"-"
MOST_BYTES = 300


@dataclass(slots=True)
class Suspect:
    """An app in whose code this process has ended before."""

    call: str
    """The hook that was running; or the file that was being loaded."""
    files: str
    """The app's `fingerprint` then."""
    ends: int = 1
    """How many runs in succession ended there."""
    hung: bool = False

    @property
    def is_left_out(self) -> bool:
        """Whether it is certain enough that the app was the cause."""
        return self.hung or self.ends >= MOST_ENDS

    def reason(self, process: str) -> str:
        """Return, for people, why the app is left out."""
        what = f"loading its `{self.call}`" if self.call.endswith(".py") else f"its hook `{self.call}`"
        if self.hung:
            said = f"{what} did not end, so the process {process} had to be killed and started again."
        else:
            said = f"the process {process} ended {self.ends} times while {what} was running; did it need all memory?"
        return f"{said} The app is tried again when its files change, or when Pianola is restarted."


class Record:
    """The calls of one process. Each is written with one system call, which costs about a microsecond."""

    def __init__(self, folder: Path, process: str) -> None:
        """Judge how the last run ended. `folder`: `run`; files in it that cannot be used are as good as none."""
        self._process = process
        self._parent = str(os.getppid())
        """Another parent means that all processes were started again."""
        self._fingerprints: dict[str, str] = {}
        self._suspects_file = folder / f"{process}.suspects"
        self._suspects = self._read_suspects()
        path = folder / f"{process}.call"
        self._judge(path)
        self._file = _opened(path)

    # --- while it runs ---

    def begin(self, app: str, call: str) -> None:
        """Note that a call begins."""
        files = self._fingerprints.get(app, "")
        self._write(f"{time.monotonic():.1f} {self._parent} {app} {call} {files}\n".encode(), RUNNING)

    def end(self) -> None:
        """Note that the call has ended."""
        self._write(b"", IDLE)

    def _write(self, line: bytes, state: bytes) -> None:
        if self._file >= 0:
            with contextlib.suppress(OSError):  # a full disk must not stop the process
                os.pwrite(self._file, state + line, 0)

    # --- at the start ---

    def reason_against(self, app: str, folder: Path | None) -> str:
        """Return why this process must leave an app out, "" if it need not. `folder`: of the app's package."""
        self._fingerprints[app] = fingerprint(folder)
        suspect = self._suspects.get(app)
        if suspect is None or not suspect.is_left_out:
            return ""
        return suspect.reason(self._process) if suspect.files == self._fingerprints[app] else ""

    def _judge(self, path: Path) -> None:
        found = self._last_call(path)
        kept = {app: one for app, one in self._suspects.items() if one.is_left_out}
        if found:
            app, call, files, seconds = found
            before = self._suspects.get(app)
            again = before is not None and (before.call, before.files) == (call, files)
            ends = before.ends + 1 if before and again else 1
            kept[app] = Suspect(call, files, ends, seconds >= STUCK_SECONDS)
        if kept != self._suspects or found:
            self._suspects = kept
            self._write_suspects()

    def _last_call(self, path: Path) -> tuple[str, str, str, float] | None:
        """Return app, call and fingerprint of the call in which the last run ended, and how long ago it began."""
        try:
            with path.open("rb") as file:
                began, parent, app, call, files = file.read(MOST_BYTES).split(b"\n")[0].decode("ascii").split(" ")
            seconds = time.monotonic() - float(began.removeprefix(RUNNING.decode()))
        except (OSError, ValueError):
            return None
        running = began.startswith(RUNNING.decode()) and parent == self._parent
        return (app, call, files, seconds) if running else None

    def _read_suspects(self) -> dict[str, Suspect]:
        try:
            kept = json.loads(self._suspects_file.read_text())
            if kept["parent"] != self._parent:
                return {}
            return {str(app): Suspect(**one) for app, one in kept["suspects"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def _write_suspects(self) -> None:
        kept = {"parent": self._parent, "suspects": {app: asdict(one) for app, one in self._suspects.items()}}
        with contextlib.suppress(OSError):
            self._suspects_file.write_text(json.dumps(kept))


def fingerprint(folder: Path | None) -> str:
    """Return a text that changes with the Python files of a package; "-" if they cannot be found."""
    try:
        files = sorted(folder.rglob("*.py")) if folder else []
        known = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    except OSError:
        return "-"
    return f"{zlib.crc32(repr(known).encode()):08x}" if known else "-"


def _opened(path: Path) -> int:
    """Open the file for the calls of this run, empty; return -1 if that is not possible."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError:
        return -1

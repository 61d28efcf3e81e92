"""The failures that we expect: one class each, which builds the sentence for the user.

The sentence says what is wrong, which value, what was expected, and what to do. Users never see a traceback.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXIT_REFUSED = 3
"""Exit code of a process that refuses to start: a person has to change something first."""


class PianolaError(Exception):
    """Any failure we expect. `str(error)` is a whole sentence for the user."""

    field: str = ""
    """The name of the field whose value is wrong; "" if it is not about one."""


class BadSetting(PianolaError):
    """A setting has a value that cannot be used."""

    def __init__(self, name: str, value: object, problem: str, way_out: str) -> None:
        super().__init__(f"{name}={str(value)!r} {problem}. {way_out}")
        self.name = name


class BadHome(PianolaError):
    """The data directory cannot be used as it is; nothing in it was touched."""

    def __init__(self, home: Path, problem: str, way_out: str) -> None:
        super().__init__(f"PIANOLA_HOME {home} {problem}. {way_out}")


class BadMessage(PianolaError):
    """Frames that are not a valid message. They are dropped and counted, and never stop a process.

    `reason`: one of a few fixed phrases, so that there are few counters. `detail`: what exactly is wrong.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class NoBroker(PianolaError):
    """Our own greeting did not come back through the broker."""

    def __init__(self, endpoint: str, seconds: float) -> None:
        super().__init__(f"no echo through {endpoint} after {seconds:.0f} s: is the broker running? (pianola status)")


class NoAnswer(PianolaError):
    """An order was repeated until its deadline, and no answer came."""

    def __init__(self, kind: str, key: str, receiver: str, order_id: str, seconds: float) -> None:
        super().__init__(
            f"{receiver} gave no answer to {kind}/{key} (order {order_id}) within {seconds:.0f} s. "
            f"The order will not be carried out any more. Try again (pianola status shows what is wrong)."
        )
        self.receiver = receiver


class AlreadyRunning(PianolaError):
    """Another process already has this role in the same run directory."""

    def __init__(self, role: str, lock: Path, pid: str) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"the {role} of {lock.parent} is already running ({holder} holds {lock}). `pianola down` ends it."
        )
        self.pid = pid


class Unexpected(PianolaError):
    """A process ended by an error that nobody expected: a mistake of ours, told with where to read more."""

    def __init__(self, process: str, error: BaseException, logs: Path) -> None:
        super().__init__(
            f"{process} ended with an unexpected error ({type(error).__name__}: {str(error)[:300]}). "
            f"{logs}/{process}.log shows where."
        )


class Refused(PianolaError):
    """The store (or another process) answered an order with an error. `code` is for programs, the text for people.

    `index`: which one of a batch, or of several to undo, was refused (0, 1, 2 …); -1 when there is only one.
    """

    def __init__(self, code: str, message: str, index: int = -1, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.index = index
        self.field = field

    @classmethod
    def by(cls, error: Mapping[str, Any]) -> "Refused":
        """Return the refusal that the `error` of an answer tells."""
        message = str(error.get("message", "The store refused the order and gave no reason."))
        place = int(error.get("index", -1)), str(error.get("field", ""))
        return cls(str(error.get("code", "failed")), message, *place)

"""Everything that can go wrong in a way we expect: each class builds its sentence.

A sentence says what, which value, what was expected, and what to do. Users see the sentence, never a traceback.
"""

from pathlib import Path

EXIT_REFUSED = 3
"""Exit code of a process that refuses to start: waiting and trying again alone will not help."""


class PianolaError(Exception):
    """Any failure we expect. `str(error)` is a whole sentence for the user."""


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
    """Frames that are not a message of the contract: dropped and counted, they never stop a process.

    `reason` is one of a few fixed words, so that counters stay few; `detail` says what exactly.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class NoBroker(PianolaError):
    """Our own greeting did not come back through the broker."""

    def __init__(self, endpoint: str, seconds: float) -> None:
        super().__init__(f"no echo through {endpoint} after {seconds:.0f} s: is the broker running? (pianola status)")


class NoAnswer(PianolaError):
    """An order was repeated until its deadline, and nobody answered."""

    def __init__(self, kind: str, key: str, receiver: str, order_id: str, seconds: float) -> None:
        super().__init__(
            f"{receiver} stayed silent: no answer to {kind}/{key} (order {order_id}) within {seconds:.0f} s. "
            f"It will not be carried out any more; try again (pianola status shows what is wrong)."
        )
        self.receiver = receiver


class AlreadyRunning(PianolaError):
    """Another process plays this role in the same run directory."""

    def __init__(self, role: str, lock: Path, pid: str) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"the {role} of {lock.parent} is already running ({holder} holds {lock}). `pianola down` ends it."
        )


class Refused(PianolaError):
    """The store (or another receiver) answered an order with an error. `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

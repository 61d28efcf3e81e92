"""The calls of a process into its apps. What they raise, whatever it is, reaches the caller; nothing ends the process.

Bounded: the time of each call. Not bounded: the memory that a call takes, and threads or tasks that an app starts.
"""

import asyncio
import contextlib
import inspect
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from pathlib import Path
from types import coroutine
from typing import Any, TypeVar

from apps.calls.record import Record
from apps.calls.timer import Timer, TookTooLong
from apps.mistakes import in_words

HOOK_SECONDS = 3.0
"""Longest call of a hook; of `read`, the longest step between two answers of the store."""
READ_SECONDS = 20.0
"""Longest wait for the hook `read` as a whole."""
LOAD_SECONDS = 10.0
"""Longest load of one file of an app. The supervisor gives a process 20 s to start."""
MIGRATION_SECONDS = 300.0
"""Longest migration of one app. The supervisor gives the store 600 s to start."""
WORDS_SECONDS = 1.0
"""Longest time that an exception of an app may take to say what it is."""

Result = TypeVar("Result")


class Raised(Exception):
    """A coroutine of an app raised `error`. Told apart from what is thrown into it from outside."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(type(error)))
        self.error = error


class Calls:
    """Calls into apps. Without a timer and a record, as tests and tools use it, calls are not bounded."""

    def __init__(self, timer: Timer | None = None, record: Record | None = None) -> None:
        """`record`: says which call is running, for the next run of the process."""
        self._timer = timer
        self._record = record
        self._unended: list[Coroutine[Any, Any, Any]] = []
        """Coroutines that did not let themselves be ended. Python would try that again, without any bound, when it
        frees them."""

    @classmethod
    def of_process(cls, run: Path, process: str) -> "Calls":
        """Return the calls of a process, bounded and recorded in the folder `run`."""
        return cls(Timer(), Record(run, process))

    def reason_against(self, app: str, folder: Path | None) -> str:
        """Return why an app must be left out after an earlier run ended in it, "" if it need not."""
        return self._record.reason_against(app, folder) if self._record else ""

    def run(self, app: str, call: str, seconds: float, work: Callable[[], Result]) -> Result:
        """Return what `work`, code of an app, returns; raise what it raises, or `TookTooLong`."""
        if self._record:
            self._record.begin(app, call)
        try:
            return self._timer.run(seconds, work) if self._timer else work()
        finally:
            if self._record:
                self._record.end()

    @coroutine
    def steps(self, app: str, call: str, work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Await a coroutine of an app, each of its steps bounded; raise `Raised` with what it raises."""
        if (task := asyncio.current_task()) is None:
            raise RuntimeError(f"the hook `{call}` of {app} was awaited outside an event loop")
        expired = asyncio.Event()
        expiry = asyncio.get_running_loop().call_later(READ_SECONDS, _expire, expired, task)
        go, given = work.send, None
        try:
            while True:
                waits_for = self._step(app, call, partial(go, given), task)
                try:
                    given, go = (yield waits_for), work.send
                except GeneratorExit:
                    raise
                except BaseException as error:  # to be raised where the coroutine waits, as Python does
                    if expired.is_set() and not task.uncancel():
                        raise Raised(TookTooLong(READ_SECONDS)) from None
                    given, go = error, work.throw
        except StopIteration as ended:
            return ended.value
        finally:
            expiry.cancel()
            self._close(app, call, work)

    def _step(self, app: str, call: str, step: Callable[[], Any], task: asyncio.Task[Any]) -> Any:
        try:
            return self.run(app, call, HOOK_SECONDS, step)
        except StopIteration:
            raise
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and task.cancelling():
                raise  # the page that wanted it is gone
            raise Raised(error) from None

    def _close(self, app: str, call: str, work: Coroutine[Any, Any, Any]) -> None:
        """End a coroutine that may still be waiting; it may do what it likes about that, but not for long."""
        with contextlib.suppress(BaseException):  # why the coroutine ended is known already
            self.run(app, call, HOOK_SECONDS, work.close)
        if inspect.getcoroutinestate(work) != inspect.CORO_CLOSED:
            self._unended.append(work)

    def in_words(self, app: str, call: str, error: BaseException) -> str:
        """Return an error of an app in words. Its text comes from the app, too."""
        try:
            return self.run(app, call, WORDS_SECONDS, partial(in_words, error))
        except BaseException:
            return "it raised an exception that cannot be shown"


def _expire(expired: asyncio.Event, task: asyncio.Task[Any]) -> None:
    expired.set()
    task.cancel()

"""The process of one job: loads the app, runs the function, says how it goes. Joins no bus and opens no database.

It reads its order from stdin, one JSON object, and then further ones; it writes JSON lines to what was its stdout.
What the function prints goes to the job's log. It ends when `jobs` is gone.
"""

import asyncio
import faulthandler
import importlib
import inspect
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgpack

from apps.core import CORE, JOB
from apps.installed import Installed, installed
from apps.mistakes import in_words
from apps.own.loading import installed_copy
from apps.own.versions import running_copy
from apps.registry import App, load, load_apps
from apps.tables import BadValue, Row, Table
from apps.work.declared import Job
from apps.work.progress import JobFailed, Paused, Progress, Result
from bus.errors import BadMessage
from bus.wire import unpack
from services.jobs.limits import end_with, limit
from services.jobs.log import Log
from services.jobs.pace import Pace

LONGEST_MESSAGE = 1_000_000
"""Bytes of what a function returns, with its rows."""
CORE_TABLES = frozenset(table.name for table in CORE)
"""A row here could start a job, or speak to the assistant as the user."""
RESULT = next(field for field in JOB.fields if field.name == "result")


class Pipe:
    """The way to `jobs`, and from it."""

    def __init__(self) -> None:
        """Take over stdin and stdout. `sys.stdin` then is empty.

        We read a copy of stdin: a process that the function forks closes `sys.stdin`, and would wait forever for the
        thread that reads it, which only its parent has.
        """
        self._in = os.fdopen(os.dup(0))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self.order: Row = json.loads(self._in.readline())
        self.keys: queue.Queue[Row] = queue.Queue()
        self.pausing = threading.Event()
        self._out = os.dup(1)
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Read further messages; end the process, and all that it started, at once when `jobs` is gone."""
        for line in self._in:
            message = json.loads(line)
            if message.get("do") == "pause":
                self.pausing.set()
            elif "keys" in message:
                self.keys.put(message)
        os.killpg(0, signal.SIGKILL)

    def say(self, message: Row) -> None:
        """Send a message to `jobs`. Values that JSON or UTF-8 cannot hold raise `ValueError`."""
        self.write(encoded(message))

    def write(self, line: bytes) -> None:
        """Send a message that is encoded already."""
        with self._lock:
            while line:
                line = line[os.write(self._out, line) :]


def main() -> int:
    """Run one job; return the exit code, 0 however the function ended."""
    pipe = Pipe()
    end_with(pipe.order["parent"])
    log = Log()
    faulthandler.enable(log.file)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a real file here
    limit(pipe.order["memory_mb"])
    os.chdir(pipe.order["folder"])
    threading.Thread(target=pipe.listen, daemon=True).start()
    runner = asyncio.Runner()
    pace = Pace(pipe.say)
    last = outcome(pipe, pace, runner)
    pace.flush()
    if last:
        pipe.write(last)
    log.close()
    os._exit(0)  # without waiting for threads that the function may have started


def outcome(pipe: Pipe, pace: Pace, runner: asyncio.Runner) -> bytes:
    """Run the function; return the message that says how it ended, b"" if it was told to end."""
    try:
        function, arguments, app = loaded(pipe, pace)
        return ended(runner.run(call(function, arguments)), pipe.order["profile"], app)
    except asyncio.CancelledError:
        return b""
    except BaseException as error:  # whatever the app raises, SystemExit too
        if is_pause(error):
            return encoded({"paused": True})
        traceback.print_exc()
        return encoded({"failed": readable(sentence(error, pipe.order["memory_mb"]), 2_000)})


Loaded = tuple[Callable[..., Any], Row, App]


def loaded(pipe: Pipe, pace: Pace) -> Loaded:
    """Load the app; return the function, its arguments, and the app."""
    order = pipe.order
    found = found_app(order)
    if found is None:
        raise BadValue("not_found", f"There is no app {order['app']!r:.60}. Is it installed?")
    app = load(found)
    job = next((one for one in app.jobs if one.name == order["job"]), None)
    if app.problem or job is None:
        raise BadValue("not_found", app.problem or f"The app {app.name} has no job {order['job']!r:.60}.")
    arguments = job.checked(order["arguments"])
    keys, settings = given_for(job, arguments, pipe)
    progress = Progress(order["id"], Path(order["folder"]), pace.say, keys, pipe.pausing.is_set, settings=settings)
    return function_of(found, app, job), {"progress": progress, **arguments}, app


def found_app(order: Row) -> Installed | None:
    """Return the app of a job, one that is installed or one of the user's own; None if there is none."""
    copy = running_copy(Path(order["apps"]), order["app"])
    installed_one = next((one for one in installed() if one.name == order["app"]), None)
    return installed_one or (installed_copy(copy) if copy else None)


def given_for(job: Job, arguments: Row, pipe: Pipe) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Say what the job declares, and return the keys and the settings that it gets."""
    wants = {"keys": list(job.keys), "settings": list(job.settings)}
    pipe.say({"declared": {"title": job.title(arguments), "resumes": job.resumes, **wants}})
    answer = pipe.keys.get()
    if answer["problem"]:
        raise BadValue("bad_value", answer["problem"])
    return answer["keys"], answer["settings"]


def function_of(found: Installed, app: App, job: Job) -> Callable[..., Any]:
    """Import `jobs.py`, and return the function of the job."""
    place = f"{found.package}.{found.file or 'jobs'}"
    try:
        module = importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name != place:
            raise
        raise BadValue("not_found", f"The app {app.name} has no file jobs.py, where its jobs belong.") from None
    function = getattr(module, job.name, None)
    if not inspect.iscoroutinefunction(function):
        raise BadValue("not_found", f"{place} has no function `async def {job.name}(progress, …)`. Write one.")
    return function


async def call(function: Callable[..., Any], arguments: Row) -> Any:
    """Call the function. SIGTERM cancels it."""
    task = asyncio.ensure_future(function(**arguments))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def ended(returned: Any, profile: int, app: App) -> bytes:
    """Return the message that says what a function returned; raise `BadValue` if it cannot be stored."""
    if not isinstance(returned, Result | dict | None):
        problem = f"it returned {type(returned).__name__}. Expected nothing, a map, or a Result."
        raise BadValue("wrong_type", problem)
    result = returned if isinstance(returned, Result) else Result(returned or {})
    rows = rows_of(result, profile, app)
    try:
        message = encoded({"ended": {"value": result.value, "rows": rows}})
        sent = json.loads(message)["ended"]
        unpack(msgpack.packb({"values": {"result": sent["value"], "orders": sent["rows"]}}), "result")  # as the store
        value = RESULT.checked(sent["value"])
    except (TypeError, ValueError, OverflowError, RecursionError, BadMessage) as error:
        raise BadValue("wrong_type", f"what it returned cannot be stored: {error}") from None
    if not isinstance(value, dict):
        raise BadValue("wrong_type", f"the value of its Result is {type(value).__name__}. Expected a map.")
    if len(message) > LONGEST_MESSAGE:
        problem = f"what it returned has {len(message):,} bytes; at most {LONGEST_MESSAGE:,} fit"
        raise BadValue("too_long", f"{problem}. Write a file into progress.folder.")
    return message


def rows_of(result: Result, profile: int, app: App) -> list[Row]:
    """Return the new rows of a result. Without a profile they get that of the job. Raises `BadValue`."""
    if not isinstance(result.rows, Iterable):
        raise BadValue("wrong_type", f"the rows of its Result are {result.rows!r:.80}. Expected a list.")
    rows = [checked_row(one) for one in result.rows]
    scoped = scoped_tables(app, {row["table"] for row in rows})
    default = {"profile": profile}
    return [row | {"values": default | row["values"]} if row["table"] in scoped else row for row in rows]


def checked_row(one: Any) -> Row:
    """Return a new row that a function returned; raise `BadValue` if it is none, or not of an app's table."""
    is_row = isinstance(one, dict) and set(one) == {"table", "values"}
    if not is_row or not isinstance(one["table"], str) or not isinstance(one["values"], dict):
        raise BadValue("wrong_type", f"one of its rows is {one!r:.80}. Expected a map of `table` and `values`.")
    if one["table"] in CORE_TABLES:
        problem = f"one of its rows is for the table `{one['table']}`, which is Pianola's own. Expected one of an app."
        raise BadValue("bad_value", problem)
    return dict(one)


def scoped_tables(app: App, named: set[str]) -> set[str]:
    """Return the tables whose rows belong to a profile. Other apps are loaded only if their tables are named."""
    own: Iterable[Table] = app.tables
    tables = own if named <= {table.name for table in own} else load_apps().tables.values()
    return {table.name for table in tables if table.scoped}


def is_pause(error: BaseException) -> bool:
    """Return whether a function ended because the job is to pause, also inside a group of tasks."""
    return isinstance(error, Paused) or (isinstance(error, BaseExceptionGroup) and error.subgroup(Paused) is not None)


def sentence(error: BaseException, memory_mb: int) -> str:
    """Return an error as a sentence for people."""
    if isinstance(error, BadValue | JobFailed):
        return str(error)
    if isinstance(error, MemoryError):
        return f"It needed more memory than a job may have ({memory_mb:,} MB): {in_words(error)}."
    return in_words(error)


def readable(text: str, most: int) -> str:
    """Return a text without what UTF-8 cannot hold, not longer than `most` characters."""
    return text.encode(errors="replace").decode()[:most]


def encoded(message: Row) -> bytes:
    """Return a message as a line. Raises `ValueError` for what JSON or UTF-8 cannot hold."""
    return json.dumps(message, ensure_ascii=False, allow_nan=False).encode() + b"\n"


if __name__ == "__main__":
    sys.exit(main())

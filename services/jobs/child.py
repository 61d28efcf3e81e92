"""The process of one job: loads the app, runs the function, says how it goes. Joins no bus and opens no database.

It reads its order from stdin, one JSON object, and then further ones; it writes JSON lines to what was its stdout.
What the function prints goes to the job's log. It ends when `jobs` is gone.
"""

import asyncio
import importlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from apps.installed import installed
from apps.mistakes import in_words
from apps.registry import load
from apps.tables import BadValue, Row
from apps.work.progress import JobFailed, Paused, Progress, Result


def main() -> int:
    """Run one job; return the exit code, 0 however the function ended."""
    order = json.loads(sys.stdin.readline())
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the function prints belongs to the log
    pausing = threading.Event()
    threading.Thread(target=listen, args=(pausing,), daemon=True).start()

    def say(message: Row) -> None:
        said.write(json.dumps(message) + "\n")

    say(outcome(order, Progress(order["id"], Path(order["folder"]), say, order["keys"], pausing.is_set)))
    return end(said)


def listen(pausing: threading.Event) -> None:
    """Read further orders; end the process at once when `jobs` is gone."""
    for line in sys.stdin:
        if json.loads(line).get("do") == "pause":
            pausing.set()
    os._exit(1)


def end(said: TextIO) -> int:
    """Leave without waiting for threads that the function may have started."""
    said.flush()
    sys.stderr.flush()
    os._exit(0)


def outcome(order: Row, progress: Progress) -> Row:
    """Run the function; return how it ended."""
    try:
        return {"ended": result_of(asyncio.run(call(order, progress)))}
    except Paused:
        return {"paused": True}
    except JobFailed as problem:
        return {"failed": str(problem)}
    except BaseException as error:  # whatever the app raises, SystemExit too
        return {"failed": in_words(error)}


async def call(order: Row, progress: Progress) -> Any:
    """Check the arguments, and call the function of `jobs.py`."""
    found = next((one for one in installed() if one.name == order["app"]), None)
    if found is None:
        raise BadValue("not_found", f"There is no app {order['app']!r:.60}. Is it installed?")
    app = load(found)
    job = next((one for one in app.jobs if one.name == order["job"]), None)
    if app.problem or job is None:
        raise BadValue("not_found", app.problem or f"The app {app.name} has no job {order['job']!r:.60}.")
    function = getattr(importlib.import_module(f"{found.package}.jobs"), job.name)
    return await function(progress, **job.checked(order["arguments"]))


def result_of(returned: Any) -> Row:
    """Return what goes into the job's row, and the new rows, of what a function returned."""
    if isinstance(returned, Result):
        return {"value": returned.value, "rows": list(returned.rows)}
    if returned is None or isinstance(returned, dict):
        return {"value": returned or {}, "rows": []}
    raise TypeError(f"it returned {type(returned).__name__}. Expected nothing, a map, or a Result.")


if __name__ == "__main__":
    sys.exit(main())

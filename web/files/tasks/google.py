"""Google Tasks, as Takeout writes it: `Tasks.json`, lists with their tasks."""

from collections.abc import Iterator
from typing import Any

from web.files.tasks.task import Task, families

KIND = "tasks#taskLists"


def is_google(said: Any) -> bool:
    """Return whether JSON is such a file."""
    return isinstance(said, dict) and said.get("kind") == KIND and isinstance(said.get("items"), list)


def tasks(said: Any) -> list[Task]:
    """Return the tasks; the lists become tags, if there are several."""
    lists = [one for one in said["items"] if isinstance(one, dict)]
    found = (task for one in lists for task in _of_list(one, several=len(lists) > 1))
    return families(found)


def _of_list(said: dict[str, Any], *, several: bool) -> Iterator[Task]:
    name = str(said.get("title", ""))
    for number, one in enumerate(said.get("items") or (), start=1):
        if not isinstance(one, dict):
            continue
        yield Task(
            number,
            str(one.get("title", "")),
            one.get("status") == "completed",
            _due(one),
            tags=(name,) if several and name else (),
            note=str(one.get("notes") or ""),
            key=str(one.get("id") or ""),
            parent=str(one.get("parent") or ""),
        )


def _due(one: dict[str, Any]) -> str:
    """Return the day. Google keeps no time in this file: midnight of UTC stands for the whole day."""
    times = one.get("scheduled_time")
    current = next((time for time in times if isinstance(time, dict)), {}) if isinstance(times, list) else {}
    return str(one.get("due") or current.get("start") or "")[:10]

"""Microsoft To Do: the JSON of its API, as tools for a backup write it, and the CSV of Outlook's tasks."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from apps.types.reader import zone_named
from apps.words import read_date
from apps.words.repeats import DAYS, FREQUENCIES
from web.files.sheets import Record
from web.files.tasks.task import Task, local_when

COLUMNS = frozenset(("subject", "due date", "% complete"))
WEEKDAYS = dict(zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), DAYS, strict=True))
PERIODS = {
    "daily": "day",
    "weekly": "week",
    "absoluteMonthly": "month",
    "relativeMonthly": "month",
    "absoluteYearly": "year",
    "relativeYearly": "year",
}
PLACES = {"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "-1"}


# --- JSON ---


def is_microsoft(said: Any) -> bool:
    """Return whether JSON holds lists of tasks, or tasks, as the API writes them."""
    return any(True for _ in _tasks_in(said))


def tasks(said: Any) -> Iterator[Task]:
    """Return the tasks; the lists become tags, the steps of a task parts."""
    for number, (name, one) in enumerate(_tasks_in(said), start=1):
        yield _task(number, name, one)
        for step in one.get("checklistItems") or ():
            yield Task(number, str(step.get("displayName", "")), bool(step.get("isChecked")), part=True)


def _tasks_in(said: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each task with the name of its list."""
    entries = said.get("value", said.get("lists")) if isinstance(said, dict) else said
    for one in entries if isinstance(entries, list) else ():
        if not isinstance(one, dict):
            continue
        if isinstance(one.get("tasks"), list) and "displayName" in one:
            default = one.get("wellknownListName") == "defaultList"
            name = "" if default else str(one["displayName"])
            yield from ((name, task) for task in one["tasks"] if isinstance(task, dict))
        elif "title" in one and "status" in one and "importance" in one:
            yield "", one


def _task(line: int, name: str, one: dict[str, Any]) -> Task:
    categories = [str(tag) for tag in one.get("categories") or ()]
    body = one.get("body") or {}
    return Task(
        line,
        str(one.get("title", "")),
        one.get("status") == "completed",
        _due(one.get("dueDateTime")),
        _rule(one.get("recurrence") or {}),
        tuple(filter(None, (*categories, name))),
        str(body.get("content") or ""),
    )


def _due(said: Any) -> str:
    """Return the day: To Do knows no time of day for it, and writes midnight of the zone it names."""
    if not isinstance(said, dict) or not said.get("dateTime"):
        return ""
    moment = str(said["dateTime"])
    zone = zone_named(str(said.get("timeZone", ""))) or zone_named("UTC")
    if moment[11:16] == "00:00":
        return moment[:10]
    try:
        return local_when(datetime.fromisoformat(moment[:19]).replace(tzinfo=zone).isoformat())[:10]
    except ValueError:
        return ""


def _rule(said: dict[str, Any]) -> str:
    """Return the rule of a recurrence; "" for none."""
    pattern = said.get("pattern") or {}
    period = PERIODS.get(str(pattern.get("type")))
    if period is None:
        return ""
    days = [WEEKDAYS[one] for day in pattern.get("daysOfWeek") or () if (one := str(day).casefold()) in WEEKDAYS]
    place = PLACES.get(str(pattern.get("index")), "1") if str(pattern["type"]).startswith("relative") else ""
    parts = {
        "FREQ": FREQUENCIES[period],
        "INTERVAL": str(pattern.get("interval") or 1),
        "BYMONTH": str(pattern["month"]) if period == "year" and pattern.get("month") else "",
        "BYMONTHDAY": str(pattern["dayOfMonth"])
        if pattern.get("dayOfMonth") and not place and period != "week"
        else "",
        "BYDAY": ",".join(place + day for day in days) if period != "day" else "",
    }
    return ";".join(f"{name}={part}" for name, part in parts.items() if part)


# --- CSV ---


def csv_tasks(records: Iterator[Record], now: datetime) -> Iterator[Task]:
    """Return the tasks of a CSV file of Outlook."""
    for record in records:
        cells = {name.strip().casefold(): str(value).strip() for name, value in record.values.items()}
        done = cells.get("% complete", "").rstrip("%").rstrip("0").rstrip(".") in ("1", "1.") or _is_date(cells)
        tags = tuple(filter(None, map(str.strip, cells.get("categories", "").replace(";", ",").split(","))))
        yield Task(
            record.line,
            cells.get("subject", ""),
            done or cells.get("status", "").casefold() == "completed",
            _day(cells, now),
            tags=tags,
            note=cells.get("notes", ""),
        )


def _day(cells: Mapping[str, str], now: datetime) -> str:
    """Return the day. Outlook writes it as its machine does: 11/28/2026 where the month comes first."""
    said = cells.get("due date", "")
    return (read_date(said, now, "en-US") or "") if said else ""


def _is_date(cells: Mapping[str, str]) -> bool:
    return bool(cells.get("date completed"))

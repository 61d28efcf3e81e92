"""Files of other task lists become todos; todos that were exported come back as they were."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from apps.registry import load_apps
from apps.tables import Row
from apps.todo.store import TODO
from apps.types.reader import HERE
from tests.support.local_store import Store
from tests.support.system import run_apart
from web.files.exports import Export, write_calendar, write_csv, write_json
from web.files.importer import blocks_of, insert_orders
from web.files.lines import LineReader
from web.files.opening import open_rows
from web.files.preview import check_file
from web.files.sheets import BadSheet

PROFILES = {"Me": 1}

TODOIST = """\
TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE
section,Errands,,,,,,,,
task,Buy milk @groceries,"Two litres, fresh",4,1,Ada (1),,2026-12-01,en,Europe/Berlin
note,Or oat milk,,,,Ada (1),,,,
task,Water the plants,,1,1,Ada (1),,every day,en,
task,The tall one,,1,2,Ada (1),,,,
task,Read [the manual](https://example.org/m),,1,1,Ada (1),,sometime soon,en,
,,,,,,,,,
"""
TICKTICK = """\
"Date: 2026-11-27+0000"
"Version: 7.1"
"Status:\x20
0 Normal
1 Completed
2 Archived"
"Folder Name","List Name","Title","Kind","Tags","Content","Is Check list","Start Date","Due Date","Reminder","Repeat",\
"Priority","Status","Created Time","Completed Time","Order","Timezone","Is All Day","Is Floating","Column Name",\
"Column Order","View Mode","taskId","parentId"
"","Home","Water the plants","TEXT","green, calm","Gently.","N","2026-11-30T00:00:00+0000","2026-11-30T00:00:00+0000",\
"","FREQ=WEEKLY;INTERVAL=1;BYDAY=MO","0","0","2026-11-01T08:00:00+0000","","-1","UTC","true","false","","","list","1",""
"","Inbox","Pack","CHECKLIST","","▫passport
▪charger","Y","","","","","0","1","2026-11-01T08:00:00+0000","2026-11-02T08:00:00+0000","-2","UTC","false","false",\
"","","list","2",""
"","Home","The tall one","TEXT","","","N","","","","","0","0","2026-11-01T08:00:00+0000","","-3","UTC","","false","",\
"","list","3","1"
"""
GOOGLE: dict[str, Any] = {
    "kind": "tasks#taskLists",
    "items": [
        {
            "kind": "tasks#tasks",
            "id": "L1",
            "title": "My Tasks",
            "items": [
                {
                    "id": "B",
                    "title": "passport",
                    "status": "completed",
                    "parent": "A",
                    "completed": "2026-11-01T00:00Z",
                },
                {
                    "id": "A",
                    "kind": "tasks#task",
                    "title": "Pack",
                    "notes": "For *Rome*",
                    "status": "needsAction",
                    "due": "2026-12-01T00:00:00Z",
                },
            ],
        },
        {"kind": "tasks#tasks", "id": "L2", "title": "Work", "items": [{"title": "Report", "status": "needsAction"}]},
    ],
}
MICROSOFT: list[dict[str, Any]] = [
    {
        "displayName": "Tasks",
        "wellknownListName": "defaultList",
        "tasks": [
            {
                "title": "Pay the rent",
                "status": "notStarted",
                "importance": "high",
                "categories": ["money"],
                "body": {"content": "By card", "contentType": "text"},
                "dueDateTime": {"dateTime": "2026-12-01T00:00:00.0000000", "timeZone": "UTC"},
                "recurrence": {
                    "pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 1, "daysOfWeek": []},
                    "range": {"type": "noEnd", "startDate": "2026-12-01"},
                },
                "checklistItems": [{"displayName": "ask for a receipt", "isChecked": True}],
            }
        ],
    },
    {"displayName": "Garden", "tasks": [{"title": "Sow", "status": "completed", "importance": "normal"}]},
]
OUTLOOK = """\
"Subject","Start Date","Due Date","Reminder On/Off","Date Completed","% Complete","Categories","Notes","Priority",\
"Status"
"Pay the rent","","12/1/2026","False","","0","money;home","By card","Normal","Not Started"
"Sow","","","False","11/1/2026","100","","","Normal","Completed"
"""
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Somebody//Tasks//EN
BEGIN:VTODO
UID:a@example
SUMMARY:Call the bank\\, then write
DUE:20261201T080000Z
CATEGORIES:home,money\\, mine
DESCRIPTION:First line\\nsecond line that is
  folded
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VTODO
BEGIN:VTODO
UID:b@example
SUMMARY:Look for the card
RELATED-TO:a@example
STATUS:COMPLETED
END:VTODO
BEGIN:VTODO
SUMMARY:Rent
DUE;VALUE=DATE:20261201
RRULE:FREQ=MONTHLY;BYMONTHDAY=1
END:VTODO
BEGIN:VTODO
SUMMARY:Tea
DUE;TZID=Asia/Kolkata:20261201T170000
RRULE:FREQ=HOURLY
END:VTODO
END:VCALENDAR
"""


def utc(text: str) -> str:
    """Return what the clocks here show at a moment of UTC."""
    return f"{datetime.fromisoformat(text).astimezone(HERE.zone):%Y-%m-%dT%H:%M}"


def imported(tmp_path: Path, data: str, program: str, kept: Store | None = None) -> Store:
    """Import a file as the page does, block by block."""
    path = tmp_path / "sheet"
    path.write_text(data)
    preview = check_file(path, TODO, PROFILES, 1)
    assert (preview.problems, preview.program) == ([], program)
    store = kept or Store(tmp_path / "new.db", load_apps())
    reader = LineReader(TODO, PROFILES, 1)
    for block in blocks_of(reader.lines(open_rows(path, reader)[0])):
        orders = insert_orders(TODO, block.good, first=0)
        outcome = store.order("batch", "todo", values={"orders": orders})
        assert not outcome.error, outcome.error
    return store


def seen(store: Store) -> list[Row]:
    """Return the todos without what is empty; a parent by its title."""
    rows = store.order("list", "todo").rows
    titles = {row["id"]: row["title"] for row in rows}
    left_out = ("id", "profile", "position", "created")
    made = [{name: value for name, value in row.items() if value and name not in left_out} for row in rows]
    return [{**row, "parent": titles[row["parent"][0]]} if "parent" in row else row for row in made]


def test_todoist(tmp_path: Path):
    found = seen(imported(tmp_path, TODOIST, "Todoist"))

    milk, plants, tall, manual = found
    assert milk == {
        "title": "Buy milk",
        "due": "2026-12-01",
        "tags": ["groceries", "Errands"],
        "note": "Two litres, fresh\n\nOr oat milk",
    }
    assert (plants["title"], plants["repeat"], plants["tags"]) == ("Water the plants", "FREQ=DAILY", ["Errands"])
    assert tall == {"title": "The tall one", "parent": "Water the plants", "tags": ["Errands"]}
    assert manual["title"] == "Read the manual https://example.org/m"
    assert manual["note"] == "Date: sometime soon"


def test_ticktick(tmp_path: Path):
    found = seen(imported(tmp_path, TICKTICK, "TickTick"))

    assert found == [
        {
            "title": "Water the plants",
            "due": "2026-11-30",
            "repeat": "FREQ=WEEKLY;BYDAY=MO",
            "tags": ["green", "calm", "Home"],
            "note": "Gently.",
        },
        {"title": "The tall one", "parent": "Water the plants", "tags": ["Home"]},
        {"title": "Pack", "done": True},
        {"title": "passport", "parent": "Pack"},
        {"title": "charger", "done": True, "parent": "Pack"},
    ]


def test_google_tasks(tmp_path: Path):
    found = seen(imported(tmp_path, json.dumps(GOOGLE), "Google Tasks"))

    assert found == [
        {"title": "Pack", "due": "2026-12-01", "tags": ["My Tasks"], "note": "For *Rome*"},
        {"title": "passport", "done": True, "tags": ["My Tasks"], "parent": "Pack"},
        {"title": "Report", "tags": ["Work"]},
    ]


@pytest.mark.parametrize("data", [MICROSOFT, {"value": MICROSOFT}])
def test_microsoft_to_do(tmp_path: Path, data: Any):
    found = seen(imported(tmp_path, json.dumps(data), "Microsoft To Do"))

    assert found == [
        {
            "title": "Pay the rent",
            "due": "2026-12-01",
            "repeat": "FREQ=MONTHLY;BYMONTHDAY=1",
            "tags": ["money"],
            "note": "By card",
        },
        {"title": "ask for a receipt", "done": True, "parent": "Pay the rent"},
        {"title": "Sow", "done": True, "tags": ["Garden"]},
    ]


def test_outlook(tmp_path: Path):
    found = seen(imported(tmp_path, OUTLOOK, "Outlook"))

    assert found == [
        {"title": "Pay the rent", "due": "2026-12-01", "tags": ["money", "home"], "note": "By card"},
        {"title": "Sow", "done": True},
    ]


def test_icalendar(tmp_path: Path):
    found = seen(imported(tmp_path, CALENDAR, "iCalendar"))

    assert found == [
        {
            "title": "Call the bank, then write",
            "due": utc("2026-12-01T08:00+00:00"),
            "tags": ["home", "money mine"],
            "note": "First line\nsecond line that is folded",
        },
        {"title": "Look for the card", "done": True, "parent": "Call the bank, then write"},
        {"title": "Rent", "due": "2026-12-01", "repeat": "FREQ=MONTHLY;BYMONTHDAY=1"},
        {"title": "Tea", "due": utc("2026-12-01T17:00+05:30"), "note": "Repeats: FREQ=HOURLY"},
    ]


def test_a_calendar_without_todos_is_refused(tmp_path: Path):
    path = tmp_path / "sheet"
    path.write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n")

    with pytest.raises(BadSheet, match="has no todo"):
        check_file(path, TODO, PROFILES, 1)


def test_a_line_that_is_wrong_is_named(tmp_path: Path):
    path = tmp_path / "sheet"
    path.write_text(CALENDAR.replace("20261201T080000Z", "20260230"))

    preview = check_file(path, TODO, PROFILES, 1)

    assert (preview.rows, preview.bad, preview.problems[0].line) == (3, 1, 4)
    assert "2026-02-30, a day that the calendar does not have" in preview.problems[0].sentence


async def written(export: Export, rows: list[Row], write: Any) -> str:
    async def pages() -> AsyncIterator[list[Row]]:
        yield rows

    return b"".join([piece async for piece in write(export, pages())]).decode()


@pytest.mark.parametrize("write", [write_csv, write_json, write_calendar])
def test_what_is_exported_comes_back_as_it_was(tmp_path: Path, write: Any):
    store = Store(tmp_path / "old.db", load_apps())
    values: list[Row] = [
        {
            "title": "Call, then; write\\",
            "due": "2026-12-01T09:00",
            "tags": ["home", "a;b"],
            "note": "One\n\n- *two*\n",
        },
        {"title": "=Rent", "due": "2026-12-01", "repeat": "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
        {"title": "Pack " + "ü" * 200},
        {"title": "done", "done": True},
    ]
    for one in values:
        assert not store.order("insert", "todo", values=one).error
    for title in ("passport", "charger"):
        assert not store.order(
            "insert", "todo", values={"title": title, "parent": [3], "done": title == "charger"}
        ).error
    rows = store.order("list", "todo").rows

    data = run_apart(written(Export(TODO, profiles={1: "Me"}), rows, write))

    program = "iCalendar" if write is write_calendar else ""
    again = imported(tmp_path, data, program)
    expected = seen(store)
    if write is write_calendar:  # the end of a text has no meaning there
        expected[0]["note"] = expected[0]["note"].strip()
        assert max(len(line.encode()) for line in data.split("\r\n")) <= 75
    assert seen(again) == expected

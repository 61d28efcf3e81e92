"""`/calendar.ics`: what is due, for the calendar program that people use."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from dateutil.tz import tzical

from apps.due.following import following
from apps.types.reader import zone_here, zone_named
from bus.clients.file import read_clients
from bus.clients.keys import CALENDAR
from bus.messages import StoreOrder
from tests.support.http_client import Visitor
from tests.support.program import Program
from tests.support.system import Guest, System
from web.files.calendar.entries import Entry, lines_of, rule_of
from web.files.calendar.file import calendar
from web.files.calendar.route import MOST_ENTRIES, has_it
from web.files.calendar.zones import vtimezone

BERLIN = "Europe/Berlin"


@pytest.fixture
def reading(system: System) -> Iterator[Program]:
    """A calendar program with its address."""
    with Program(system, calendar=True) as made:
        yield made


def events(text: str) -> dict[str, list[str]]:
    """Return the lines of each event of a file, without its alarm, by title; what was folded is joined."""
    lines = text.replace("\r\n ", "").split("\r\n")
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    found: dict[str, list[str]] = {}
    event: list[str] = []
    for line in lines:
        event = [] if line == "BEGIN:VEVENT" else [*event, line]
        if line == "END:VEVENT":
            title = next(one for one in event if one.startswith("SUMMARY:"))
            found[title.removeprefix("SUMMARY:")] = event[:-1]
    return found


def shown(program: Program) -> dict[str, list[str]]:
    status, headers, text = program.calendar()
    assert (status, headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return events(text)


def order(system: System, **fields: Any) -> list[dict[str, Any]]:
    async def give(guest: Guest) -> list[dict[str, Any]]:
        told = (await guest.bus.ask(StoreOrder(**fields))).message
        assert told.ok, told.error
        return told.rows

    return system.visit(give)


def in_days(days: int, clock: str = "") -> str:
    return f"{datetime.now(zone_here()).date() + timedelta(days=days)}{clock}"


# --- what it shows ---


def test_what_is_due_is_shown_with_an_alarm(program: Program, reading: Program):
    day, moment = in_days(3), in_days(4, "T09:30")
    whole = program.insert("a whole day", due=day, tags=["home", "garden; and more"], note="two\nlines; and\\more")
    timed = program.insert("at a time", due=moment)
    program.insert("not due")
    program.insert("done already", due=day, done=True)
    program.insert("long ago", due="2020-01-01")

    found = shown(reading)

    assert not {"not due", "done already", "long ago"} & found.keys()
    assert found["a whole day"][0] == f"UID:todo-{whole['id']}@pianola"
    assert f"DTSTART;VALUE=DATE:{day.replace('-', '')}" in found["a whole day"]
    assert "DESCRIPTION:two\\nlines\\; and\\\\more" in found["a whole day"]
    assert any(
        line.startswith("CATEGORIES:") and line.endswith(",home,garden\\; and more") for line in found["a whole day"]
    )
    assert "TRIGGER:PT540M" in found["a whole day"]  # 9:00, as in the page
    assert found["at a time"][0] == f"UID:todo-{timed['id']}@pianola"
    assert any(line.startswith("DTSTART") and line.endswith("T093000") for line in found["at a time"])
    assert "TRIGGER:PT0M" in found["at a time"]


def test_an_event_keeps_its_id_when_the_row_changes_and_goes_when_it_is_done(program: Program, reading: Program):
    row = program.insert("moves", due=in_days(1))
    before = shown(reading)["moves"]
    program.order("update", table="todo", id=row["id"], values={"due": in_days(2), "title": "moved"})

    after = shown(reading)["moved"]
    assert (before[0], before[1]) == (after[0], after[1])
    assert before != after
    program.order("toggle", table="todo", id=row["id"], values={"field": "done"})
    assert "moved" not in shown(reading)


def test_a_schedule_is_due_on_the_clocks_of_its_zone_and_rings_if_it_asks(system: System, reading: Program):
    at = f"{datetime.now(UTC).year + 1}-07-01T08:00"
    common = {"at": at, "repeat": "FREQ=DAILY", "zone": BERLIN}
    order(system, verb="insert", table="schedule", values={"title": "asks", "prompt": "what is due?", **common})
    action = {"verb": "insert", "table": "todo", "values": {"title": "x"}}
    order(
        system, verb="insert", table="schedule", values={"title": "adds", "kind": "order", "action": action, **common}
    )
    order(system, verb="insert", table="schedule", values={"title": "is off", "state": "off", **common})

    found = shown(reading)

    start = at.replace("-", "").replace(":", "")
    assert f"DTSTART;TZID={BERLIN}:{start}00" in found["asks"]
    assert "RRULE:FREQ=DAILY" in found["asks"]
    assert ("BEGIN:VALARM" in found["asks"], "BEGIN:VALARM" in found["adds"]) == (True, False)
    assert "is off" not in found
    assert f"TZID:{BERLIN}\r\n" in reading.calendar()[2]


def test_no_text_becomes_a_line_of_the_file(program: Program, reading: Program):
    evil = "x\r\nBEGIN:VEVENT\rSUMMARY:forged\u2028UID:1\u0085\u000bEND:VCALENDAR\x07" + "ü" * 300
    program.insert("a title, with; all\\ of it", due=in_days(1), note=evil)

    found = shown(reading)

    assert "forged" not in found
    (event,) = (lines for title, lines in found.items() if title.startswith("a title"))
    assert "\x07" not in "".join(event)
    assert not any(line.startswith(("SUMMARY:forged", "UID:1", "END:VCAL")) for line in event)


def test_a_key_for_some_tables_shows_these_alone(system: System, program: Program):
    program.insert("a todo", due=in_days(1))
    with Program(system, calendar=True, tables=("schedule",)) as narrow:
        assert "a todo" not in shown(narrow)
    with Program(system, calendar=True, tables=("todo",)) as wide:
        assert "a todo" in shown(wide)


def test_of_very_many_rows_those_that_are_due_first_are_shown(program: Program, reading: Program):
    orders = [{"verb": "insert", "values": {"title": f"late {number}", "due": in_days(9)}} for number in range(600)]
    made = [program.order("batch", table="todo", values={"orders": orders})[1]["changes"] for _ in range(2)]
    program.insert("first of all", due=in_days(0))

    found = shown(reading)

    assert "first of all" in found
    assert len(reading.calendar()[2].split("BEGIN:VEVENT")) <= MOST_ENTRIES + 100
    for changes in made:
        assert program.order("undo", values={"changes": changes})[0] == 200


# --- repeats and zones, as a program reads them that is not ours ---


def entry(due: str, repeat: str = "", zone: str = BERLIN) -> Entry:
    return Entry("x@pianola", "x", due, repeat, zone, 0.0)


@pytest.mark.parametrize(
    ("due", "repeat"),
    [
        ("2027-01-31", "FREQ=MONTHLY"),
        ("2028-02-29", "FREQ=YEARLY"),
        ("2027-01-04T09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
        ("2027-01-29", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("2027-03-01T09:00", "FREQ=DAILY;COUNT=3"),
        ("2027-03-01", "FREQ=DAILY;UNTIL=20270303"),
    ],
)
def test_a_repeat_means_the_same_to_a_calendar_program(due: str, repeat: str):
    start = datetime.fromisoformat(due)
    rule = rule_of(entry(due, repeat, zone=""))

    theirs = [one.isoformat()[: len(due)] for one in rrulestr(rule, dtstart=start)[:6]]

    ours, coming = [due], following(repeat, due, datetime(2000, 1, 1))
    while coming and len(ours) < 6:
        ours.append(coming.due)
        coming = following(coming.rule, coming.due, datetime(2000, 1, 1))
    assert theirs[1:] == ours[1:]


def test_the_last_day_of_a_repeat_ends_in_its_zone():
    assert rule_of(entry("2027-03-01T09:00", "FREQ=DAILY;UNTIL=20270630")).endswith("UNTIL=20270630T215959Z")
    assert rule_of(entry("2027-03-01T09:00", "FREQ=DAILY;UNTIL=20270630", zone="")).endswith("UNTIL=20270630T235959")
    assert rule_of(entry("2027-03-01", "FREQ=DAILY;UNTIL=20270630")).endswith("UNTIL=20270630")
    assert rule_of(entry("2027-03-01T09:00", "FREQ=DAILY;UNTIL=99991231", zone="Pacific/Pago_Pago")).endswith("Z")


@pytest.mark.parametrize(
    "name",
    [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "Asia/Jerusalem", "UTC"],
)
def test_the_clocks_of_a_zone_are_right_for_thirty_years(name: str):
    file = "\r\n".join(("BEGIN:VCALENDAR", *vtimezone(name, 2026), "END:VCALENDAR", ""))
    theirs, ours = tzical(StringIO(file)).get(), zone_named(name)
    assert ours

    moment = datetime(2026, 1, 1)
    while moment.year < 2055:
        known = moment.replace(tzinfo=ours)
        if known.utcoffset() == known.replace(fold=1).utcoffset():  # not while the clocks change
            assert theirs.utcoffset(moment) == known.utcoffset(), moment
        moment += timedelta(hours=37)


def test_a_zone_whose_clocks_change_by_a_rule_is_a_rule():
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU" in vtimezone(BERLIN, 2026)
    assert "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU" in vtimezone("America/New_York", 2026)
    assert vtimezone("Nowhere/Land", 2026) == ()


def test_a_time_in_no_known_zone_is_that_of_the_calendar_programs_clock():
    assert "DTSTART:20270301T090000" in lines_of(entry("2027-03-01T09:00", zone=""))
    assert b"VTIMEZONE" not in calendar([entry("2027-03-01T09:00", zone=""), entry("2027-03-01")], 2026)


# --- who gets it ---


def test_it_opens_by_its_key_alone_and_the_key_opens_nothing_else(
    system: System, visitor: Visitor, program: Program, reading: Program
):
    paths = ("/rows/todo", "/orders/x", "/api", "/events", "/", "/apps/todo", "/sessions", "/export/todo.ics")
    for path in paths:
        assert visitor.ask(path, headers=reading.authorization, known=False)[0] == 403
        assert visitor.ask(f"{path}?key={reading.key}", known=False)[0] == 401
    for path in ("/orders", "/ask"):
        asked = visitor.ask(path, method="POST", headers=reading.authorization, known=False, body=b"{}")
        assert (asked[0], "It opens nothing else" in asked[2]) == (403, True)
    told = visitor.ask(CALENDAR, headers=program.authorization, known=False)
    assert (told[0], "`pianola key add NAME --calendar`" in json.loads(told[2])["error"]["message"]) == (403, True)
    for other in (program.key, visitor.token, "", "x", f"{reading.key}x", "%00"):
        assert visitor.ask(f"{CALENDAR}?key={other}", known=False)[0] == 401
        assert visitor.ask(f"{CALENDAR}?key={other}")[0] == 401  # nor does a cookie
    refused = json.loads(visitor.ask(f"{CALENDAR}?key=x", known=False)[2])["error"]["message"]
    assert "This address shows nothing" in refused
    assert visitor.ask(f"{CALENDAR}/x?key={reading.key}", known=False)[0] == 401
    assert visitor.ask(f"{CALENDAR}?key={reading.key}", headers={"Sec-Fetch-Site": "cross-site"}, known=False)[0] == 403
    assert visitor.ask(f"{CALENDAR}?key={reading.key}", headers={"Host": "evil.example"}, known=False)[0] == 421
    for method in ("POST", "PUT", "DELETE", "PROPFIND"):
        assert visitor.ask(f"{CALENDAR}?key={reading.key}", method=method, known=False)[0] == 405
    assert reading.calendar()[0] == 200


def test_an_address_that_has_expired_or_was_revoked_shows_nothing(system: System):
    with Program(system, calendar=True, days=-1) as expired:
        status, _, text = expired.calendar()
        assert (status, "has expired" in json.loads(text)["error"]["message"]) == (401, True)
    with Program(system, calendar=True) as revoked:
        assert revoked.calendar()[0] == 200
    assert revoked.calendar()[0] == 401


def test_its_key_is_in_no_log_and_no_file(system: System, reading: Program):
    reading.calendar()
    reading.visitor.ask(f"/nothing?key={reading.key}")
    files = [one for one in system.home.rglob("*") if one.is_file()]

    assert any(one.suffix == ".log" for one in files) or files
    assert not [one for one in files if reading.key.encode() in one.read_bytes()]


# --- asked again ---


def test_who_has_the_file_already_gets_none_until_something_changes(program: Program, reading: Program):
    row = program.insert("for the tag", due=in_days(1))
    _, headers, _ = reading.calendar()
    tag = headers["etag"]
    assert headers["cache-control"] == "private, no-cache"

    for known in (tag, f'"other", W/{tag}', "*"):
        status, again, text = reading.calendar({"If-None-Match": known})
        assert (status, again["etag"], text) == (304, tag, "")
    assert reading.calendar({"If-None-Match": '"other"'})[0] == 200
    program.order("update", table="todo", id=row["id"], values={"title": "changed"})
    status, changed, _ = reading.calendar({"If-None-Match": tag})
    assert (status, changed["etag"] != tag) == (200, True)
    assert not has_it("", tag)


def test_curl_gets_it_and_asks_whether_it_has_changed(program: Program, reading: Program, tmp_path):
    program.insert("for curl", due=in_days(1))
    address = f"http://127.0.0.1:{reading.visitor.port}{CALENDAR}?key={reading.key}"
    tag = tmp_path / "tag"

    def curl(*more: str) -> str:
        return subprocess.run(
            ["curl", "-sS", "--fail", *more, "-w", "\n%{http_code}", address],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first = curl("--etag-save", str(tag))
    assert ("SUMMARY:for curl" in first, first.endswith("\n200")) == (True, True)
    assert curl("--etag-compare", str(tag)) == "\n304"
    assert curl("--head").endswith("\n200")


# --- the page ---


def test_the_page_makes_an_address_shows_it_once_and_revokes_it(system: System, visitor: Visitor):
    async def play(_guest: Guest) -> None:
        async with visitor.tab() as tab:
            assert await tab.command("calendar-ask") == ""
            assert "In your calendar program" in await tab.until(lambda frame: "in-calendar" in frame)
            assert await tab.command("calendar-make") == ""
            drawn = await tab.until(lambda frame: "This is the only time" in frame)
            (address,) = set(re.findall(r'value="(http:[^"]+)"', drawn))
            (key,) = [one for one in read_clients(system.settings.clients_file) if one.calendar]
            assert (key.name, key.read_only) == ("calendar", True)
            path = address.partition(str(visitor.port))[2]
            assert visitor.ask(path, known=False)[0] == 200

            await tab.command("calendar-ask")
            asked_again = [frame for frame in tab.frames if "In your calendar program" in frame][-1]
            assert key.name in asked_again
            assert path not in asked_again

            assert "no address 'nothing'" in await tab.command("calendar-revoke", key="nothing")
            assert await tab.command("calendar-revoke", key=key.name) == ""
            assert visitor.ask(path, known=False)[0] == 401

    system.visit(play)


def test_the_page_revokes_no_key_of_another_kind(system: System, visitor: Visitor, program: Program):
    async def play(_guest: Guest) -> None:
        async with visitor.tab() as tab:
            assert "There is no address" in await tab.command("calendar-revoke", key=program.name)

    system.visit(play)
    assert program.ask("/rows/todo")[0] == 200

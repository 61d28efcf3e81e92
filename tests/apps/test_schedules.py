"""When a schedule is due: zones, clocks that are changed, and times that never come."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.due.schedules import advanced, next_times, planned
from apps.tables import BadValue
from apps.types.kinds import Misfit, Rules
from apps.types.repeat import check_repeat

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
CHANGED_CLOCKS = [
    # zone, the day before one on which clocks are changed, time, and the moments in UTC of three days
    ("Europe/Berlin", "2026-03-28", "02:30", ["28 01:30", "29 01:30", "30 00:30"]),  # skipped: an hour later
    ("Europe/Berlin", "2026-10-24", "02:30", ["24 00:30", "25 00:30", "26 01:30"]),  # twice: the first one
    ("America/New_York", "2026-03-07", "02:30", ["07 07:30", "08 07:30", "09 06:30"]),
    ("America/New_York", "2026-10-31", "01:30", ["31 05:30", "01 05:30", "02 06:30"]),
    ("Australia/Lord_Howe", "2026-10-03", "02:15", ["02 15:45", "03 15:45", "04 15:15"]),  # changed by half an hour
    ("Australia/Lord_Howe", "2026-04-04", "01:45", ["03 14:45", "04 14:45", "05 15:15"]),
]


def schedule(**values):
    row = {"at": "2026-11-28T09:00", "repeat": None, "zone": "Europe/Berlin", "state": "on", "next": None}
    return {**row, **values}


def in_utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %H:%M")


@pytest.mark.parametrize(("zone", "day", "clock", "expected"), CHANGED_CLOCKS)
def test_a_daily_schedule_is_due_once_a_day_also_when_clocks_are_changed(zone, day, clock, expected):
    row = schedule(at=f"{day}T{clock}", repeat="FREQ=DAILY", zone=zone)
    row |= planned(row, datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1))

    moments = [row["next"]]
    for late in (1, 45 * 60):  # carried out at once, or after 45 minutes
        row |= advanced(row, datetime.fromtimestamp(row["next"] + late, UTC))
        moments.append(row["next"])

    assert [in_utc(one) for one in moments] == expected


@pytest.mark.parametrize(("zone", "day", "clock", "expected"), CHANGED_CLOCKS)
def test_the_next_times_that_are_shown_are_those_that_come(zone, day, clock, expected):
    row = schedule(at=f"{day}T{clock}", repeat="FREQ=DAILY", zone=zone)
    row |= planned(row, datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1))

    assert [in_utc(one.timestamp()) for one in next_times(row, 3)] == expected


def test_what_was_missed_for_a_week_comes_once_and_then_tomorrow():
    row = schedule(at="2026-11-20T09:00", repeat="FREQ=DAILY")

    assert advanced(row, NOW)["at"] == "2026-11-28T09:00"


def test_a_schedule_without_a_repeat_is_over_after_its_time():
    assert advanced(schedule(), NOW) == {"next": None, "state": "over"}


def test_a_repeat_with_an_end_is_over_after_its_last_time():
    row = schedule(repeat="FREQ=DAILY;COUNT=2")
    row |= planned(row, NOW)

    row |= advanced(row, datetime(2026, 11, 28, 12, tzinfo=UTC))
    assert row["at"] == "2026-11-29T09:00"
    assert advanced(row, datetime(2026, 11, 29, 12, tzinfo=UTC))["state"] == "over"


def test_the_last_day_of_a_month_stays_the_last():
    row = schedule(at="2027-01-31T09:00", repeat="FREQ=MONTHLY")
    row |= planned(row, NOW)

    days = [f"{one:%d %b}" for one in next_times(row, 5)]
    assert days == ["31 Jan", "28 Feb", "31 Mar", "30 Apr", "31 May"]


def test_a_day_without_a_time_means_nine_and_a_repeat_alone_its_first_day():
    friday_noon = NOW
    assert planned(schedule(at="2026-11-28"), friday_noon)["at"] == "2026-11-28T09:00"
    assert planned(schedule(at=None, repeat="FREQ=WEEKLY;BYDAY=FR"), friday_noon)["at"] == "2026-12-04T09:00"
    assert planned(schedule(at=None, repeat="FREQ=DAILY"), friday_noon)["at"] == "2026-11-28T09:00"


def test_a_schedule_that_is_off_is_never_due():
    row = schedule(state="off", at="2020-01-01T09:00")

    assert planned(row, NOW)["next"] is None
    assert next_times({**row, "next": 1.0}, 5) == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"at": "2026-11-27T08:00"},
            "`time` is 2026-11-27 08:00, which has passed. Expected a time that is still to come.",
        ),
        ({"at": "9999-12-31T23:59"}, "`time` lies in the year 9999. Expected one of the next 100 years."),
        (
            {"zone": "Mars/Olympus"},
            "`zone` is 'Mars/Olympus', which is no time zone. Expected a name like Europe/Berlin.",
        ),
        ({"at": None}, "A schedule needs a day and time, or a repeat."),
        (
            {"at": "2020-01-01T09:00", "repeat": "FREQ=DAILY;UNTIL=20200102"},
            "`repeat` has ended: it never comes again.",
        ),
        ({"at": None, "repeat": "FREQ=DAILY;UNTIL=20200102"}, "`repeat` has ended: it never comes."),
    ],
)
def test_a_schedule_that_is_never_due_is_refused_with_a_sentence(values, sentence):
    with pytest.raises(BadValue) as refused:
        planned(schedule(**values), NOW)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("FREQ=SECONDLY", "comes again every second. Expected once a day at most."),
        ("FREQ=HOURLY;INTERVAL=5", "comes again every hour. Expected once a day at most."),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "names the day 30 of the month 2, which no calendar has."),
        ("FREQ=DAILY;BYSETPOS=2", "chooses the day number 2 of 1. So it never comes."),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "chooses the day number 2 of 1. So it never comes."),
        (
            "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
            "names a day of the month and a weekday with a number. Expected one of the two.",
        ),
    ],
)
def test_a_rule_that_never_comes_or_too_often_is_refused(rule, problem):
    with pytest.raises(Misfit) as misfit:
        check_repeat(rule, Rules())

    assert misfit.value.problem == problem


@pytest.mark.parametrize(
    "rule", ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=WEEKLY"]
)
def test_other_rules_are_taken(rule):
    assert check_repeat(rule, Rules())


def test_zones_of_the_examples_are_there():
    assert all(ZoneInfo(zone) for zone, *_ in CHANGED_CLOCKS)

"""A schedule that is written: the store counts in the same order when it is due."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from apps.registry import load_apps
from tests.support.local_store import Store

TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT08:00}"


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "store.db", load_apps())
    yield made
    made.connection.close()


def add(store: Store, **values: object) -> dict:
    outcome = store.order("insert", "schedule", values={"title": "what is due?", "zone": "UTC", **values})
    assert not outcome.error, outcome.error
    return outcome.rows[0]


def test_a_new_schedule_knows_when_it_is_due(store):
    row = add(store, at=TOMORROW, prompt="what is due?")

    assert row["next"] == datetime.fromisoformat(f"{TOMORROW}+00:00").timestamp()
    assert (row["state"], row["missed"], row["kind"]) == ("on", "once", "prompt")


def test_one_without_a_zone_gets_that_of_this_machine(store):
    outcome = store.order("insert", "schedule", values={"title": "one", "at": TOMORROW})

    assert outcome.rows[0]["next"] > time.time()


def test_switching_off_and_on_again_counts_anew_and_undo_brings_it_back(store):
    row = add(store, at=TOMORROW, repeat="FREQ=DAILY")

    off = store.order("update", "schedule", row["id"], values={"state": "off"})
    assert off.rows[0]["next"] is None
    on = store.order("update", "schedule", row["id"], values={"state": "on"})
    assert on.rows[0]["next"] == row["next"]

    store.order("undo", "", values={"change": on.revisions[0]})
    assert store.rows("schedule")[0]["state"] == "off"


def test_another_title_leaves_its_time_as_it_is(store):
    row = add(store, at=TOMORROW)

    changed = store.order("update", "schedule", row["id"], values={"title": "another"})

    assert changed.rows[0] == {**row, "title": "another"}


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"at": "2020-01-01T08:00"}, "bad_value", "at"),
        ({"at": TOMORROW, "zone": "Nowhere"}, "bad_value", "zone"),
        ({"at": TOMORROW, "repeat": "FREQ=SECONDLY"}, "bad_value", "repeat"),
        ({"at": "9999-01-01T08:00"}, "bad_value", "at"),
        ({}, "missing_field", "at"),
    ],
)
def test_one_that_can_never_be_due_is_refused(store, values, code, field):
    error = store.order("insert", "schedule", values={"title": "one", **values}).error

    assert (error["code"], error["field"]) == (code, field)
    assert store.rows("schedule") == []


def test_the_next_one_of_very_many_is_found_by_the_index(store):
    plan = "explain query plan select id from schedule where next >= 0 order by next, id limit 100"

    details = " ".join(row[3] for row in store.connection.execute(plan))

    assert "schedule_next" in details

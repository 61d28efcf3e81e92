"""The assistant reads schedules and writes none: what a schedule asks counts as the user's own words."""

import pytest

from apps.core import SCHEDULE
from apps.registry import load_apps
from services.agent.parse.instructions import BadInstruction, Scope, check
from services.agent.prompt.syntax import manual, tools
from services.agent.state.scope import scope_of

SCOPE = Scope("schedules", (SCHEDULE,), ("schedules", "todo"))


@pytest.mark.parametrize(
    "instruction",
    [
        {"operation": "insert", "table": "schedule", "values": {"title": "one", "prompt": "delete all todos"}},
        {"operation": "update", "table": "schedule", "id": 1, "values": {"prompt": "delete all todos"}},
        {"operation": "delete", "table": "schedule", "id": 1},
    ],
)
def test_it_cannot_write_a_schedule(instruction):
    with pytest.raises(BadInstruction, match="`schedule` can only be read"):
        check(instruction, SCOPE)


def test_its_manual_says_so_and_offers_no_tool_that_writes():
    assert "Table schedule (only to be read)" in manual((SCHEDULE,), ("schedules",))
    assert {one["function"]["name"] for one in tools((SCHEDULE,), ())}.isdisjoint({"insert", "update", "delete"})


def test_from_other_apps_it_does_not_see_them():
    elsewhere = scope_of(load_apps("agent"), {"app": "todo"}).elsewhere

    assert SCHEDULE.name not in [table.name for table in elsewhere]

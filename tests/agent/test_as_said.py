"""Where the user's words leave only one meaning, a change is made as they say, whatever the model wrote."""

from typing import Any

import pytest

from apps.todo.store import TODO
from bus.messages import StoreOrder
from services.agent.act.as_said import as_said
from services.agent.act.planned import PlannedChange
from services.agent.grounding.sentences import wish_in
from services.agent.grounding.support import Known
from services.agent.parse.instructions import Step

ROWS = [
    {"id": 3, "title": "milk", "done": False},
    {"id": 4, "title": "bread", "done": True},
    {"id": 7, "title": "dentist", "done": False},
]
TICK = {"done": True}
KNOWN = Known({"todo": ROWS}, tables={"todo": TODO})


def planned(operation: str, key: int, **values: Any) -> PlannedChange:
    order = StoreOrder(verb=operation, table="todo", id=key, values=values)  # type: ignore[arg-type]  # verbs of ours
    return PlannedChange(0, {}, Step(operation, order, TODO), next(one for one in ROWS if one["id"] == key))


def new(**values: Any) -> PlannedChange:
    return PlannedChange(0, {}, Step("insert", StoreOrder(verb="insert", table="todo", values=values), TODO), {})


def meant(text: str, *plan: PlannedChange) -> list[tuple[str, Any, Any]]:
    orders = [one.step.order for one in as_said(plan, wish_in(text), KNOWN)]
    return [(one.verb, one.id, one.values) for one in orders if one]


@pytest.mark.parametrize(
    ("text", "written", "place"),
    [
        ("put the dentist right at the top", 3, 0),
        ("den dentist bitte ganz oben hin", 4, 0),
        ("move the dentist behind the milk", 4, 3),
        ("move the dentist behind the milk", 3, 3),
        ("move the dentist up", 3, 3),
        ("move the dentist", 3, 3),
    ],
)
def test_a_row_moves_to_the_only_place_that_was_said(text: str, written: int, place: int) -> None:
    assert meant(text, planned("sort", 7, after=written)) == [("sort", 7, {"after": place})]


def test_a_tick_that_is_there_is_not_taken_away_by_the_way() -> None:
    flips = [planned("toggle", key, field="done") for key in (3, 4, 7)]
    assert [key for _, key, _ in meant("everything is done now", *flips)] == [3, 7]
    assert [key for _, key, _ in meant("what is still open is done now", *flips)] == [3, 7]
    assert meant("tick the bread", flips[1]) == [("update", 4, {"done": True})]


@pytest.mark.parametrize(
    "text", ["the bread is not done", "untick the bread", "toggle the bread", "bread ist wieder offen"]
)
def test_it_is_taken_away_where_the_words_say_so(text: str) -> None:
    assert meant(text, planned("toggle", 4, field="done")) == [("toggle", 4, {"field": "done"})]


@pytest.mark.parametrize(
    ("text", "values", "kept"),
    [
        ("could you add watering the plants for me?", {"tags": ["plants"], "note": "for me"}, {}),
        ("please add watering the plants", {"note": "Please add watering the plants"}, {}),
        ("add watering the plants, tag it plants", {"tags": ["plants"]}, {"tags": ["plants"]}),
        ("add watering the plants #plants", {"tags": ["plants"]}, {"tags": ["plants"]}),
        ("add watering the plants, with little water", {"note": "with little water"}, {"note": "with little water"}),
    ],
)
def test_a_new_row_says_nothing_twice(text: str, values: dict[str, Any], kept: dict[str, Any]) -> None:
    title = {"title": "water the plants"}
    assert meant(text, new(**title, **values)) == [("insert", 0, title | kept)]


def test_what_is_so_already_is_left_out_beside_other_changes() -> None:
    ticks = [
        PlannedChange(0, {}, Step("update", StoreOrder(verb="update", table="todo", id=key, values=TICK), TODO), row)
        for key, row in ((one["id"], one) for one in ROWS)
    ]
    assert [key for _, key, _ in meant("all done", *ticks)] == [3, 7]
    assert [key for _, key, _ in meant("the bread is done", ticks[1])] == [4]


def test_a_row_that_is_moved_is_not_added_as_well() -> None:
    moved = planned("sort", 7, after=0)
    assert meant("put the dentist at the top", new(title="Dentist"), moved) == [("sort", 7, {"after": 0})]
    assert len(meant("add jam, and put the dentist at the top", new(title="jam"), moved)) == 2
    again = (new(title="milk"), planned("update", 3, **TICK))
    assert len(meant("tick the milk, and add milk again", *again)) == 2

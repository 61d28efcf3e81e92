"""What a model is told of each type of field, and which ways of writing a value are understood."""

import pytest

from apps.tables import BadValue, Field, Row, Table
from bus.messages import StoreOrder
from services.agent.act.cards import DoneChange, Place, applied_card, proposal_card
from services.agent.act.planned import PlannedChange
from services.agent.parse.arguments import fitted
from services.agent.parse.instructions import Step
from services.agent.prompt.row_lines import row_line
from services.agent.prompt.syntax import manual, schema

TRIP = Table(
    "trip",
    (
        Field("title", required=True),
        Field("begins", "date"),
        Field("meets", "moment"),
        Field("takes", "duration"),
        Field("price", "money", unit="EUR"),
        Field("tags", "tags"),
        Field("page", "web"),
        Field("guests", "link", to="person", several=True),
        Field("host", "link", to="person"),
    ),
)

UNDERSTOOD = [
    ("begins", "2026-11-28", "2026-11-28"),
    ("begins", "28 Nov 2026", "2026-11-28"),
    ("begins", "", None),
    ("meets", "2026-11-28T09:00:00+01:00", "2026-11-28T09:00:00+01:00"),
    ("takes", "1 h 30 min", 5_400),
    ("takes", 5_400, 5_400),
    ("price", "12,50 €", "12.50 EUR"),
    ("price", 12.5, "12.5 EUR"),
    ("price", 12, "12 EUR"),
    ("tags", "home, #garden", ["home", "garden"]),
    ("tags", ["home"], ["home"]),
    ("page", "example.org", "https://example.org"),
    ("guests", [1, "2", "#3"], [1, 2, 3]),
    ("guests", "1, 2", [1, 2]),
    ("host", 3, [3]),
    ("host", [], None),
]


@pytest.mark.parametrize(("name", "said", "value"), UNDERSTOOD, ids=lambda one: str(one)[:20])
def test_a_value_is_understood_however_a_model_writes_it(name, said, value):
    assert fitted(TRIP.all_fields[name], said) == value


@pytest.mark.parametrize(
    ("name", "said", "sentence"),
    [
        ("begins", "2026-02-30", "`begins` is 2026-02-30, a day that the calendar does not have."),
        ("price", "12 XYZ", "`price` is in 'XYZ', which is no currency."),
        ("host", [1, 2], "`host` has 2 links, at most 1 fit."),
    ],
)
def test_what_has_no_meaning_is_refused_with_a_sentence(name, said, sentence):
    with pytest.raises(BadValue) as refused:
        fitted(TRIP.all_fields[name], said)

    assert sentence in str(refused.value)


def test_the_model_is_told_what_each_field_takes():
    told = manual((TRIP,), ("trips",))

    for words in (
        "begins (day)",
        "meets (day and time)",
        "takes (duration)",
        "price (amount with currency in EUR)",
        "tags (tags, commas between)",
        "guests (id of a row of person, several)",
    ):
        assert words in told
    inserts = schema((TRIP,), ("trips",))["properties"]["instructions"]["items"]["anyOf"][0]
    assert inserts["properties"]["values"]["properties"]["guests"] == {"type": "array", "items": {"type": "integer"}}


def test_a_row_is_shown_to_the_model_as_it_would_write_it():
    row = {
        "id": 3,
        "title": "Lake",
        "begins": "2026-11-28",
        "meets": None,
        "takes": 5_400,
        "price": "12.50 EUR",
        "tags": ["home", "garden"],
        "page": None,
        "guests": [1, 2],
        "host": None,
    }

    assert row_line(row, TRIP) == (
        'id 3: "Lake", begins: 2026-11-28, takes: 1 h 30 min, price: 12.50 EUR, tags: home, garden, guests: 1, 2'
    )


PLACE = Place(message=1, conversation=1, generation="1.1", app="trips")


def planned(before: Row, **values: object) -> PlannedChange:
    order = StoreOrder(verb="update", table="trip", id=1, values=values, actor="model")
    return PlannedChange(0, {"operation": "update", "id": 1}, Step("update", order, TRIP), {"id": 1, **before})


def test_a_card_holds_the_values_that_each_reader_writes_in_another_way():
    before = {one.name: one.empty for one in TRIP.fields} | {"title": "Zoo", "price": "12.50 EUR"}
    change = planned(before, price="20 EUR", begins="2026-11-28")

    proposed = proposal_card(PLACE, [change])
    done = applied_card(PLACE, [DoneChange(change, {**before, "id": 1, **change.step.order.values}, before, [7])])

    assert proposed["text"] == "Change “Zoo” (begins: 28 Nov 2026, price: €20)?"
    assert proposed["detail"]["short"] == "Change “Zoo”?"
    assert done["text"] == "Changed “Zoo” (begins: nothing → 28 Nov 2026, price: €12.50 → €20)."
    assert done["detail"]["short"] == "Changed “Zoo”."
    assert done["detail"]["values"] == {
        "before": {"begins": None, "price": "12.50 EUR"},
        "after": {"begins": "2026-11-28", "price": "20 EUR"},
    }


def test_a_card_about_plain_values_says_them_in_its_text():
    before = {one.name: one.empty for one in TRIP.fields} | {"title": "Zoo"}
    change = planned(before, title="Park")

    done = applied_card(PLACE, [DoneChange(change, {**before, "id": 1, "title": "Park"}, before, [7])])

    assert "short" not in proposal_card(PLACE, [change])["detail"]
    assert "values" not in done["detail"]

"""Values of each type in the store: sorted, found and compared by what they mean; links, and what is unique."""

import pytest

from apps.own.conversion import converted
from apps.registry import App, Registry
from apps.tables import BadValue, Field, Table
from tests.support.local_store import Store

PERSON = Table("person", (Field("name", required=True), Field("team", "link", to="team"), Field("mail", "mail")))
TEAM = Table("team", (Field("name", required=True),), scoped=True)
TASK = Table(
    "task",
    (
        Field("title", required=True, searched=True),
        Field("due", "date"),
        Field("at", "moment"),
        Field("takes", "duration"),
        Field("price", "money"),
        Field("tags", "tags", searched=True),
        Field("note", "markdown", searched=True, limit=5_000),
        Field("who", "link", to="person", several=True),
        Field("parent", "link", to="task"),
        Field("stars", "integer", none=True),
        Field("code"),
    ),
    unique=(("title", "due"), ("at",), ("code",)),
)


@pytest.fixture
def store(tmp_path):
    registry = Registry()
    for table in (PERSON, TEAM, TASK):
        registry.add(App(table.name, (table,)))
    made = Store(tmp_path / "store.db", registry)
    yield made
    made.connection.close()


def add(store: Store, table: str = "task", **values: object) -> int:
    outcome = store.order("insert", table, values=values)
    assert not outcome.error, outcome.error
    return outcome.rows[0]["id"]


def titles(store: Store, sort: str = "id", **where: object) -> list[str]:
    outcome = store.order("list", "task", where=where, sort=sort)
    assert not outcome.error, outcome.error
    return [row["title"] for row in outcome.rows]


def refused(store: Store, verb: str, table: str = "task", key: int = 0, **more: object) -> str:
    return store.order(verb, table, key, **more).error["message"]


MEANT = {
    "due": ["2026-11-02", "2026-11-28", "2027-01-01"],
    "at": [
        "2026-11-28T09:00:00+05:30[Asia/Kolkata]",
        "2026-11-28T09:00:00+01:00[Europe/Berlin]",
        "2026-11-28T09:00:00+00:00",
    ],
    "takes": [0, 59, 3_600],
    "price": ["-100 EUR", "9.50 EUR", "10 EUR"],
    "stars": [-1, 0, 7],
}


@pytest.mark.parametrize("field", MEANT)
def test_rows_are_sorted_by_what_a_value_means_and_those_without_one_come_last(store, field):
    for number, value in reversed([*enumerate(MEANT[field]), (3, None)]):
        add(store, title=f"t{number}", **{field: value})

    assert titles(store, field) == ["t0", "t1", "t2", "t3"]
    assert titles(store, f"-{field}") == ["t2", "t1", "t0", "t3"]


@pytest.mark.parametrize("field", MEANT)
def test_a_range_holds_what_lies_in_it(store, field):
    for number, value in enumerate([*MEANT[field], None]):
        add(store, title=f"t{number}", **{field: value})
    low, middle, high = MEANT[field]

    assert titles(store, **{field: {"from": middle}}) == ["t1", "t2"]
    assert titles(store, **{field: {"to": middle}}) == ["t0", "t1"]
    assert titles(store, **{field: {"from": low, "to": high}}) == ["t0", "t1", "t2"]
    assert titles(store, **{field: None}) == ["t3"]
    assert titles(store, **{field: [low, None]}) == ["t0", "t3"]


def test_amounts_of_another_currency_are_in_no_range(store):
    for number, price in enumerate(["5 EUR", "5 USD", "5"]):
        add(store, title=f"t{number}", price=price)

    assert titles(store, price={"from": "1 EUR"}) == ["t0"]
    assert titles(store, price={"to": "9"}) == ["t2"]
    assert titles(store, "price") == ["t2", "t0", "t1"]


def test_the_same_value_is_found_however_it_is_written(store):
    add(store, title="call", at="2026-11-28T09:00:00+01:00[Europe/Berlin]", price="12.50 EUR")

    assert titles(store, at="2026-11-28T08:00:00+00:00") == ["call"]
    assert titles(store, price="12.5 EUR") == ["call"]


def test_one_of_several_tags_or_links_is_found_and_tags_are_searched(store):
    anna, bob = add(store, "person", name="Anna"), add(store, "person", name="Bob")
    add(store, title="paint", tags=["home", "Wände"], who=[anna, bob], note="the *green* one")
    add(store, title="rest", tags=["garden"])

    assert titles(store, tags="home") == ["paint"]
    assert titles(store, who=bob) == ["paint"]
    assert [row["title"] for row in store.found("wande")] == ["paint"]
    assert [row["title"] for row in store.found("green")] == ["paint"]
    assert [row["title"] for row in store.found("garden")] == ["rest"]
    assert store.found("None null") == []


def test_a_link_leads_to_a_row_that_is_there(store):
    anna = add(store, "person", name="Anna")
    task = add(store, title="call", who=[anna])

    sentence = refused(store, "insert", values={"title": "x", "who": [anna, 99]})
    assert sentence == "`who` leads to person 99, which is not there (any more). Choose a row that is there."
    store.order("delete", "person", anna)
    assert store.rows("task")[0]["who"] == [anna]  # what it was linked to is still said
    assert not store.order("update", "task", task, values={"title": "call again", "who": [anna]}).error
    assert "which is not there" in refused(store, "insert", values={"title": "y", "who": [anna]})


def test_a_link_leads_to_no_row_of_another_profile(store):
    mine, other = (add(store, "team", name="t", profile=profile) for profile in (1, 2))
    scoped = Table("note", (Field("text"), Field("team", "link", to="team")), scoped=True)
    registry = Registry()
    for table in (TEAM, scoped):
        registry.add(App(table.name, (table,)))
    again = store.again(registry)

    assert not again.order("insert", "note", values={"text": "a", "team": [mine], "profile": 1}).error
    assert "which is not there" in refused(again, "insert", "note", values={"team": [other], "profile": 1})
    again.connection.close()


def test_a_link_to_one_row_of_its_own_table_makes_no_circle(store):
    top = add(store, title="top")
    middle = add(store, title="middle", parent=[top])
    low = add(store, title="low", parent=[middle])

    assert refused(store, "update", key=top, values={"parent": [low]}) == (
        f"`parent` would lead in a circle: {top} → {low} → {middle} → {top}. Choose another row."
    )
    assert f"{top} → {top}" in refused(store, "update", key=top, values={"parent": [top]})


def test_no_two_rows_have_the_same_values_where_a_table_says_so(store):
    first = add(store, title="call", due="2026-11-28", at="2026-11-28T09:00:00+01:00")
    add(store, title="call", due="2026-11-29")
    other = add(store, title="call", code="")

    assert refused(store, "insert", values={"title": "call", "due": "2026-11-28"}) == (
        f"`task` has a row with `title` 'call' and `due` '28 Nov 2026' already: id {first}. Change that one."
    )
    assert "already" in refused(store, "update", key=other, values={"at": "2026-11-28T08:00:00+00:00"})
    assert not store.order("update", "task", first, values={"title": "call", "due": "2026-11-28"}).error


def test_an_undo_does_not_bring_back_a_second_row_with_the_same_values(store):
    task = add(store, title="call", code="a")
    deleted = store.order("delete", "task", task).revisions[0]
    add(store, title="other", code="a")

    assert "already: id" in refused(store, "undo", "", values={"change": deleted})


def test_every_value_is_the_same_after_a_change_and_its_undo(store):
    anna = add(store, "person", name="Anna", mail="anna@example.org")
    values = {
        "title": "all",
        "due": "2026-11-28",
        "at": "2026-11-28T09:00:00+01:00[Europe/Berlin]",
        "takes": 90,
        "price": "12.50 EUR",
        "tags": ["home"],
        "note": "# a",
        "who": [anna],
        "stars": 0,
    }
    task = add(store, **values)
    before = store.rows("task")
    cleared = store.order("update", "task", task, values={name: None for name in values if name != "title"})
    assert store.rows("task")[0]["stars"] is None
    store.order("undo", "", values={"change": cleared.revisions[0]})

    assert store.rows("task") == before
    assert {name: before[0][name] for name in values} == values


def test_an_update_notices_a_moment_that_was_changed_but_not_one_that_is_written_differently(store):
    task = add(store, title="call", at="2026-11-28T09:00:00+01:00[Europe/Berlin]")

    same = store.order("update", "task", task, values={"at": None}, where={"at": "2026-11-28T08:00:00+00:00"})
    assert not same.error
    other = store.order("update", "task", task, values={"title": "x"}, where={"at": "2026-11-28T08:00:00+00:00"})
    assert other.error["code"] == "conflict"


def test_numbers_durations_and_money_are_added_up_exactly_over_all_rows(store):
    for number in range(30):
        add(
            store,
            title=f"t{number}",
            price="0.10 EUR",
            takes=90,
            stars=number,
            tags=["odd" if number % 2 else "even", "all"],
        )
    add(store, title="abroad", price="3 USD")

    fields = ["price", "takes", "stars"]
    [whole] = store.order("sum", "task", values={"fields": fields}).rows
    by_tag = store.order("sum", "task", values={"fields": ["price"], "by": "tags"})
    assert whole == {"count": 31, "sums": {"price": ["3.00 EUR", "3 USD"], "takes": 2_700, "stars": 435}}
    assert by_tag.rows == [
        {"value": "all", "count": 30, "sums": {"price": ["3.00 EUR"]}},
        {"value": "even", "count": 15, "sums": {"price": ["1.50 EUR"]}},
        {"value": "odd", "count": 15, "sums": {"price": ["1.50 EUR"]}},
        {"value": None, "count": 1, "sums": {"price": ["3 USD"]}},
    ]
    assert by_tag.total == 4
    assert store.order("sum", "task", values={"by": "tags"}, limit=1, offset=1).rows == [
        {"value": "even", "count": 15, "sums": {}}
    ]
    assert store.order("sum", "task", values={"fields": fields}, where={"title": "none"}).rows == [
        {"count": 0, "sums": {"price": [], "takes": 0, "stars": 0}}
    ]


def test_rows_are_counted_and_added_up_for_each_span_of_time_in_a_zone(store):
    for number, at in enumerate(
        ("2026-11-30T23:30:00+00:00", "2026-12-01T08:00:00+00:00", "2026-12-06T08:00:00+00:00")
    ):
        add(store, title=f"t{number}", at=at, due=f"2026-0{number + 1}-15", price="1.10 EUR")
    add(store, title="never")

    def counted(by, per, zone="UTC"):
        rows = store.order("sum", "task", values={"fields": ["price"], "by": by, "per": per, "zone": zone}).rows
        return [(row["value"], row["count"], *row["sums"]["price"]) for row in rows]

    assert counted("due", "month")[:2] == [("2026-01-01", 1, "1.10 EUR"), ("2026-02-01", 1, "1.10 EUR")]
    assert counted("due", "year") == [("2026-01-01", 3, "3.30 EUR"), (None, 1)]
    assert counted("at", "month") == [("2026-11-01", 1, "1.10 EUR"), ("2026-12-01", 2, "2.20 EUR"), (None, 1)]
    assert counted("at", "month", "Europe/Berlin") == [("2026-12-01", 3, "3.30 EUR"), (None, 1)]
    assert counted("at", "week") == [("2026-11-30", 3, "3.30 EUR"), (None, 1)]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"by": "at", "per": "hour"}, "values.per is 'hour'. Expected one of: day, week, month, year."),
        ({"by": "title", "per": "day"}, "`title` is text, which lies on no day."),
        ({"by": "at", "per": "day", "zone": "x'y"}, "Expected the name of a zone, like Europe/Berlin."),
        ({"fields": ["title"]}, "`title` is text, which cannot be added up. Expected a number, a duration or money."),
        ({"fields": ["nothing"]}, "`task` has no field 'nothing'"),
        ({"fields": "price"}, "values.fields is 'price'. Expected a list"),
        ({"by": "nothing"}, "`task` has no field 'nothing'"),
    ],
)
def test_what_cannot_be_added_up_is_refused(store, values, sentence):
    assert sentence in refused(store, "sum", values=values)


CONVERTED = [
    ("text", "28 Nov 2026", "date", "2026-11-28"),
    ("text", "12,50 €", "money", "12.50 EUR"),
    ("text", "home, garden", "tags", ["home", "garden"]),
    ("text", "", "date", None),
    ("date", "2026-11-28", "text", "2026-11-28"),
    ("duration", 5_400, "text", "1 h 30 min"),
    ("tags", ["home", "garden"], "text", "home, garden"),
    ("money", None, "text", ""),
    ("integer", 3, "money", "3"),
]


@pytest.mark.parametrize(("old", "value", "new", "expected"), CONVERTED, ids=lambda one: str(one)[:12])
def test_a_value_of_a_field_that_gets_another_type_keeps_its_meaning(old, value, new, expected):
    assert converted(value, Field("one", old), Field("one", new)) == expected


def test_a_value_without_a_meaning_in_another_type_is_refused():
    with pytest.raises(BadValue, match="`one` is 'soon'"):
        converted("soon", Field("one"), Field("one", "date"))


def test_a_sum_that_no_message_carries_is_refused(store):
    for _ in range(2):
        add(store, title="many", stars=2**63 - 1)

    assert "The sum of `stars` is larger than" in refused(store, "sum", values={"fields": ["stars"]})

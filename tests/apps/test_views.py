"""How the rows of a table can be shown: what a declaration may say, what every table has, what an address says."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from apps.own.declaration import read
from apps.own.views import without_lost
from apps.shown.check import check_views, view_named, views_of
from apps.shown.days import day_of, first_day, month_after, next_span
from apps.shown.look import look_in, written
from apps.shown.view import View
from apps.tables import BadValue, Field, Table

EXPENSE = Table(
    "expense",
    (
        Field("what", required=True),
        Field("amount", "money", label="Price"),
        Field("kind", choices=("food", "home")),
        Field("bought", "date"),
        Field("paid", "boolean"),
        Field("tags", "tags"),
    ),
)
NOTE = Table("note", (Field("text", required=True),))


def kinds(table: Table) -> list[str]:
    return [one.kind for one in views_of(table)]


def test_every_table_has_the_views_that_its_fields_allow():
    assert kinds(NOTE) == ["list", "table"]
    assert kinds(EXPENSE) == ["list", "table", "calendar", "board", "chart"]
    calendar, board, chart = views_of(EXPENSE)[2:]
    assert (calendar.date, board.by, chart.sum, chart.over) == ("bought", "kind", "amount", "month")


def test_a_declared_view_stands_before_those_that_are_made_and_may_use_labels():
    declared = read(
        {
            "label": "Expenses",
            "tables": [
                {
                    "label": "an expense",
                    "fields": [{"label": "What", "required": True}, {"label": "Preis", "type": "money"}],
                    "views": [
                        {"kind": "table", "label": "By price", "sort": "-Preis", "columns": ["PREIS", "What"]},
                        {"kind": "table", "label": "Plain"},
                    ],
                }
            ],
        }
    )
    first, second = views_of(declared.tables[0])[1:]
    assert (first.called, first.sort, first.columns) == ("table", "-preis", ("preis", "what"))
    assert (second.called, second.title) == ("plain", "Plain")
    assert view_named("by price", declared.tables[0]) == first


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("table", "it is 'table'. Expected a map with `kind`."),
        ({"kind": "map"}, "its kind is 'map'. Expected one of: list, table, calendar, board, chart."),
        ({"kind": "table", "by": "kind"}, "a table has no 'by'. Expected some of: kind, name, label, columns"),
        ({"kind": "table", "sort": "cost"}, "`sort` is 'cost', which is no field of it. It has: what, amount"),
        ({"kind": "table", "columns": "what"}, "`columns` is 'what'. Expected a list of fields."),
        ({"kind": "table", "group": "tags"}, "`group` is tags, which is tags. Expected a field with one value"),
        ({"kind": "board", "by": "what"}, "`by` is what, which is text. Expected a text with choices."),
        (
            {"kind": "calendar", "date": "amount"},
            "`date` is Price, which is money. Expected a date, a moment or a time.",
        ),
        ({"kind": "chart", "sum": "what"}, "`sum` is what, which is text. Expected a number, a duration or money."),
    ],
)
def test_a_view_that_does_not_fit_its_table_is_refused_with_a_sentence(said: object, sentence: str):
    fields = [{"name": one.name, "type": one.type, "label": one.label} for one in EXPENSE.fields]
    fields[2]["choices"] = ["food", "home"]
    declaration = {"name": "money", "tables": [{"name": "expense", "fields": fields, "views": [said]}]}
    with pytest.raises(BadValue) as refused:
        read(declaration)
    assert f"A view of the table expense cannot be shown so: {sentence}" in str(refused.value)


def test_a_field_that_goes_takes_what_names_it_out_of_the_views():
    views = [
        {"kind": "table", "sort": "-price", "columns": ["what", "price"]},
        {"kind": "calendar", "date": "bought"},
        {"kind": "chart", "sum": "price", "over": "kind"},
    ]
    fields = [{"name": "what", "required": True}, {"name": "kind", "choices": ["food", "home"]}]
    kept = without_lost({"name": "money", "tables": [{"name": "expense", "fields": fields, "views": views}]})
    assert kept["tables"][0]["views"] == [{"kind": "table", "columns": ["what"]}, {"kind": "chart", "over": "kind"}]
    assert read(kept).tables[0].views
    bad = {"name": "money", "tables": [{"name": "expense", "fields": [], "views": views}]}
    assert without_lost(bad) == bad


def test_a_table_says_which_views_it_offers_and_which_one_opens_first():
    calendar = replace(EXPENSE, offers=("list", "calendar"), opens="calendar")

    assert kinds(calendar) == ["calendar", "list"]
    assert kinds(replace(NOTE, offers=("calendar",))) == ["list"]
    assert look_in(calendar, {}, {}).view.kind == "calendar"
    assert written(look_in(calendar, {}, {}), calendar) == {}
    assert written(look_in(calendar, {"view": "list"}, {}), calendar) == {"view": "list"}
    refused = look_in(calendar, {"view": "board"}, {})
    assert refused.view.kind == "calendar"
    assert refused.problem.endswith("Here is the calendar.")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"offers": ["graph"]}, "it offers 'graph'. Expected some of: list, table, calendar, board, chart."),
        ({"opens": "calendar"}, "it opens with 'calendar', which is none of its views. There are: list, table."),
        ({"offers": "list"}, "`offers` of the table 'thing' of the app things is 'list'. Expected a list of texts."),
        ({"unique": [["colour"]]}, "`unique` names 'colour', which is no field of it."),
    ],
)
def test_a_choice_of_views_that_cannot_be_is_refused_with_a_sentence(said: dict[str, object], sentence: str):
    table = {"label": "a thing", "fields": [{"label": "Name"}], **said}

    with pytest.raises(BadValue) as refused:
        read({"label": "Things", "tables": [table]})

    assert sentence in str(refused.value)


def test_the_first_view_and_what_is_unique_go_with_the_field_that_they_need():
    fields = [{"name": "name"}, {"name": "day", "type": "date"}]
    table = {"name": "visit", "fields": fields, "opens": "calendar", "unique": [["name", "day"], ["name"]]}
    before = read({"label": "Visits", "tables": [table]}).json

    after = without_lost({**before, "tables": [{**before["tables"][0], "fields": fields[:1]}]})

    assert after["tables"][0] == {"name": "visit", "fields": [{"name": "name"}], "unique": [["name"]]}
    assert read(after).tables[0].opens == ""


def test_the_views_of_code_are_checked_too():
    with pytest.raises(BadValue, match="a calendar needs a date"):
        check_views(Table("note", NOTE.fields, views=(View("calendar"),)))
    with pytest.raises(BadValue, match="another one is called 'table' too"):
        check_views(Table("note", NOTE.fields, views=(View("table"), View("table", label="Other"))))


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"view": "table", "sort": "-amount", "group": "kind"},
        {"view": "table", "columns": "what,amount", "sums": "none"},
        {"view": "calendar", "month": "2026-11"},
        {"view": "board"},
        {"view": "chart", "sum": "none", "over": "kind"},
        {"view": "table", "row": "3"},
        {"row": "3"},
    ],
)
def test_an_address_says_what_is_shown_and_is_written_as_it_was_read(query: dict[str, str]):
    look = look_in(EXPENSE, query, {})
    assert not look.problem
    assert written(look, EXPENSE) == query


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"view": "pie"}, "There is no view “pie” of expense. There are: list, table, calendar, board, chart."),
        ({"view": "table", "sort": "cost"}, "`sort` is 'cost', which is no field of it."),
        ({"view": "calendar", "month": "2026-13"}, "The address asks for the month “2026-13”, which is none."),
        ({"view": "calendar", "month": "9999-12"}, "The address asks for the month “9999-12”, which is none."),
        ({"row": "x"}, "The address asks for the row 'x', which is no id."),
    ],
)
def test_what_an_address_cannot_mean_is_said_and_the_list_shown(query: dict[str, str], sentence: str):
    look = look_in(EXPENSE, query, {})
    assert look.is_list
    assert sentence in look.problem
    assert look.problem.endswith("Here is the list.")


def test_a_filter_of_a_field_that_is_called_like_an_option_stays_a_filter():
    table = Table("task", (Field("title", required=True), Field("group", choices=("a", "b"))))
    assert look_in(table, {"view": "table", "group": "a"}, {"group": "a"}).view.group == ""


def test_spans_of_days():
    day = date(2026, 11, 28)
    assert [first_day(day, unit).isoformat() for unit in ("day", "week", "month", "year")] == [
        "2026-11-28",
        "2026-11-23",
        "2026-11-01",
        "2026-01-01",
    ]
    assert next_span(date(2026, 12, 1), "month") == date(2027, 1, 1)
    assert month_after(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert month_after(date(9997, 12, 1)) == date(9997, 12, 1)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"])
def test_the_values_between_two_days_lie_on_them(zone: str):
    here = ZoneInfo(zone)
    for one in (Field("at", "moment"), Field("on", "date"), Field("made", "time")):
        for first, last in ((date(2026, 3, 29), date(2026, 3, 29)), (date(2018, 11, 4), date(2018, 11, 5))):
            assert one.kind.days
            begin, end = one.kind.days.between(first, last, here)
            assert (day_of(one.kind, begin, here), day_of(one.kind, end, here)) == (first, last)
    assert day_of(Field("on", "date").kind, None, here) is None
    assert day_of(Field("title").kind, "2026-11-28", here) is None

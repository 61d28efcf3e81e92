"""Every type of field: what is shown can be read again, by people of four languages in five zones, and from a file."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tables import BadValue, Field, Table
from apps.types import FIELD_TYPES
from apps.types.kinds import Misfit, Rules
from apps.types.moment import written
from apps.types.money import total
from apps.types.reader import Reader, zone_named
from apps.words.currencies import CODES
from apps.words.repeats import FREQUENCIES, every, month_day, month_weekday, on, year_day
from tests.support.system import ROOT
from web.files import cells
from web.state.form_values import from_form
from web.state.types import PAGE_TYPES

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]
READERS = [Reader(locale, zone_named(zone)) for locale in ("en-US", "de-DE", "fr", "es-ES") for zone in ZONES]
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

amounts = st.decimals(-(10**15), 10**15, places=2).map("{:f}".format)
moments = st.builds(
    lambda second, zone: written(datetime.fromtimestamp(second, zone_named(zone)), zone if zone != "UTC" else ""),
    st.integers(-2_000_000_000, 7_000_000_000),
    st.sampled_from(ZONES),
)
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=40),
    "integer": st.integers(-(10**15), 10**15),
    "real": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
    "moment": moments,
    "when": st.one_of(
        st.dates().map(lambda day: day.isoformat()),
        st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M}".rjust(16, "0")),
    ),
    "repeat": st.one_of(
        st.builds(every, st.sampled_from(list(FREQUENCIES)), st.integers(1, 999)),
        st.builds(on, st.lists(st.integers(0, 6), min_size=1, unique=True).map(sorted)),
        st.integers(1, 31).map(month_day),
        st.builds(month_weekday, st.sampled_from([1, 2, 5, -1]), st.integers(0, 6)),
        st.builds(year_day, st.integers(1, 28), st.integers(1, 12)),
    ),
    "duration": st.integers(0, 10**9),
    "money": st.builds(
        lambda amount, code: f"{amount} {code}".rstrip(), amounts, st.sampled_from(["", *sorted(CODES)])
    ),
    "tags": st.lists(words, min_size=1, max_size=5, unique_by=str.casefold),
    "web": words.map(lambda word: f"https://example.org/{word}?a=1#b"),
    "mail": words.map(lambda word: f"{word}@example.org"),
    "markdown": words.map(lambda word: f"# {word}\n\n- *one*\n"),
    "link": st.lists(st.integers(1, 10**6), min_size=1, max_size=5, unique=True),
}
"""Values of each type, other than `json` and `time`, which nobody writes."""


def field_of(name: str) -> Field:
    return Field("one", name, limit=10_000, to="other" if name == "link" else "", several=name == "link")


@pytest.mark.parametrize("name", VALUES)
def test_what_is_shown_to_a_reader_is_read_again_as_the_same_value(name):
    kind, field = FIELD_TYPES[name], field_of(name)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(VALUES[name], st.sampled_from(READERS))
    def check(value, reader):
        checked = field.checked(value)
        again = field.checked(kind.parse(kind.show(checked, reader), NOW.astimezone(reader.zone), reader.locale))

        assert kind.sort_key(again) == kind.sort_key(checked), (kind.show(checked, reader), again)
        assert field.checked(checked) == checked

    check()


@pytest.mark.parametrize("name", VALUES)
def test_what_a_form_and_a_file_hold_is_read_again_as_the_same_value(name):
    kind, field, page = FIELD_TYPES[name], field_of(name), PAGE_TYPES[name]

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(VALUES[name], st.sampled_from(READERS))
    def check(value, reader):
        checked = field.checked(value)

        assert cells.read(field, cells.written(field, checked)) == checked
        if page.input:
            typed = from_form(field, page.in_input(checked, reader), reader)
            assert kind.sort_key(field.checked(typed)) == kind.sort_key(checked)

    check()


SORTED = {
    "date": ["0099-12-31", "2026-11-02", "2026-11-28"],
    "moment": [
        "2026-11-28T09:00:00+05:30[Asia/Kolkata]",
        "2026-11-28T09:00:00+01:00[Europe/Berlin]",
        "2026-11-28T09:00:00+00:00",
    ],
    "when": ["2026-11-27", "2026-11-28T09:00", "2026-11-28T23:59", "2026-11-28", "2026-11-29T00:00"],
    "duration": [0, 59, 3600],
    "money": ["-100", "-2.5", "0", "2.50", "10", "-3 EUR", "2 EUR", "10.01 EUR", "1 USD"],
    "tags": [["a", "z"], ["Äpfel"], ["b"]],
}


@pytest.mark.parametrize("name", SORTED)
def test_values_sort_by_what_they_mean(name):
    field, key = field_of(name), FIELD_TYPES[name].sort_key

    mixed = SORTED[name][::-1]

    assert sorted(mixed, key=lambda value: key(field.checked(value))) == SORTED[name]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(amounts, st.sampled_from(["EUR", "USD"])), max_size=50))
def test_sums_of_money_are_exact(given_amounts):
    sums = total(f"{amount} {code}" for amount, code in given_amounts)

    expected = {
        code: sum((Decimal(one) for one, of in given_amounts if of == code), Decimal()) for code in ("EUR", "USD")
    }
    assert {one[-3:]: Decimal(one[:-4]) for one in sums} == {
        code: value for code, value in expected.items() if any(of == code for _, of in given_amounts)
    }


BAD = [
    ("date", "2026-02-30", "is 2026-02-30, a day that the calendar does not have. Expected: a day like 2026-11-28."),
    ("date", "soonish", "is 'soonish'. Expected: a day like 2026-11-28."),
    ("moment", "2027-03-28T02:30[Europe/Berlin]", "is 02:30 on 2027-03-28, which does not exist in Europe/Berlin"),
    ("moment", "2027-03-28T02:30:00+01:00[Europe/Berlin]", "is 02:30 on 2027-03-28, which does not exist"),
    ("moment", "2026-11-28T09:00:00+05:00[Europe/Berlin]", "in Europe/Berlin it is 05:00 then (+01:00)"),
    ("moment", "2026-11-28T09:00[Europe/Atlantis]", "is in the zone 'Europe/Atlantis', which is not known"),
    ("moment", "2026-11-28T25:00", "has the time 25:00"),
    ("money", "12 XYZ", "is in 'XYZ', which is no currency. Expected a code like EUR or USD."),
    ("money", "1" * 400, "has 400 digits, at most 18 before and 8 behind the point fit. Shorten it."),
    ("money", "twelve", "is 'twelve'. Expected: an amount like 12.50 or 12.50 EUR."),
    ("when", "2026-02-30", "is 2026-02-30, a day that the calendar does not have."),
    ("when", "2026-11-28T25:00", "has the time 25:00, which no day has."),
    ("when", "soonish", "is 'soonish'. Expected: a day like 2026-11-28, or with a time like 2026-11-28T09:00."),
    ("repeat", "now and then", "is 'now and then'. Expected: a repeat like every Monday or every 2 weeks."),
    ("repeat", "FREQ=SECONDLY", "comes again every second. Expected once a day at most."),
    ("repeat", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "names the day 30 of the month 2, which no calendar has."),
    ("duration", "for ever", "is 'for ever'. Expected: a duration like 1 h 30 min or 1:30."),
    ("duration", "9999999999999 s", "Expected 0 to 1,000,000,000,000."),
    ("tags", ", ".join(f"t{n}" for n in range(51)), "has 51 tags, at most 50 fit."),
    ("web", "javascript:alert(1)", "is 'javascript:alert(1)'. Expected: an address like https://example.org/page."),
    ("web", "https://", "is 'https://'. Expected"),
    ("mail", "anna at home", "is 'anna at home'. Expected: an address like anna@example.org."),
    ("link", "0", "Expected: a list of ids of rows, like [3]."),
]


@pytest.mark.parametrize(("name", "text", "sentence"), BAD, ids=[f"{one[0]} {one[1][:20]}" for one in BAD])
def test_what_cannot_be_a_value_is_refused_with_a_sentence(name, text, sentence):
    kind = FIELD_TYPES[name]

    with pytest.raises(Misfit) as refused:
        kind.check(kind.parse(text, NOW, ""), Rules())

    assert sentence in refused.value.problem


@pytest.mark.parametrize(
    ("name", "value"), [("money", 12.5), ("date", 5), ("moment", None), ("duration", True), ("tags", "a"), ("link", 3)]
)
def test_a_value_of_another_type_is_refused(name, value):
    with pytest.raises(Misfit, match="Expected"):
        FIELD_TYPES[name].check(value, Rules())


@pytest.mark.parametrize("name", [name for name in VALUES if FIELD_TYPES[name].may_be_none])
def test_a_field_may_be_none_unless_it_is_required(name):
    given_to = {"to": "other"} if name == "link" else {}

    assert Field("one", name, **given_to).checked(None) is None
    with pytest.raises(BadValue, match=r"`one` is empty\. Give it a"):
        Field("one", name, required=True, **given_to).checked(None)


def test_a_number_is_none_only_if_its_field_says_so():
    assert Field("stars", "integer", none=True).empty is None
    assert Field("stars", "integer").empty == 0
    with pytest.raises(BadValue, match="`stars` is empty"):
        Field("stars", "integer", none=True, required=True).checked(None)


@pytest.mark.parametrize(
    ("field", "good", "bad", "sentence"),
    [
        (Field("a", "integer", least=1, most=5), 5, 6, "`a` is 6. Expected at most 5."),
        (
            Field("a", "date", least="2026-01-01"),
            "2026-01-01",
            "2025-12-31",
            "`a` is 31 Dec 2025. Expected at least 1 Jan 2026.",
        ),
        (Field("a", "money", least="0", unit="EUR"), "0.01", "-1", "`a` is -€1. Expected at least €0."),
        (Field("a", "money", least="0 EUR"), "1 EUR", "5 USD", "`a` is $5. Expected at least €0."),
        (Field("a", "duration", most=3600), 60, 3601, "`a` is 1 h 1 s. Expected at most 1 h."),
    ],
)
def test_a_field_has_a_least_and_a_most(field, good, bad, sentence):
    field.checked(good)
    with pytest.raises(BadValue) as refused:
        field.checked(bad)

    assert str(refused.value) == sentence


def test_money_without_a_currency_gets_the_one_of_its_field():
    assert Field("price", "money", unit="EUR").checked("007.50") == "7.50 EUR"
    assert Field("price", "money").checked("007.50") == "7.50"
    with pytest.raises(BadValue, match="'XYZ', which is no currency"):
        Field("price", "money", unit="XYZ").checked("1")


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (lambda: Field("a", "link"), "`to` must name the table"),
        (lambda: Field("a", "text", to="other"), "Only a link can have `to` or `several`."),
        (lambda: Field("a", "text", unit="km"), "Only a number or money can have a unit."),
        (lambda: Field("a", "tags", least=["a"]), "Only what can be compared has a least or a most."),
        (lambda: Field("a", "date", least="2026-02-30"), "a day that the calendar does not have"),
        (lambda: Field("a", "boolean", none=True), "Only a number can be none"),
        (lambda: Table("t", (Field("a"),), unique=(("b",),)), "`unique` names 'b', which is no field of it"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(declare, sentence):
    with pytest.raises(BadValue) as refused:
        declare()

    assert sentence in str(refused.value)


def test_a_moment_that_clocks_show_twice_is_shown_with_its_offset():
    kind, berlin = FIELD_TYPES["moment"], Reader("de", zone_named("Europe/Berlin"))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    shown = [kind.show(written(first + timedelta(hours=hours), ""), berlin) for hours in (0, 1)]

    assert shown == ["25. Okt. 2026, 02:30 (+02:00)", "25. Okt. 2026, 02:30 (+01:00)"]


def test_the_example_of_the_docs_declares_every_new_type():
    page = (ROOT / "docs" / "apps.md").read_text()
    block = next(one for one in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "TRIP" in one)
    made: dict[str, Any] = {}
    exec(block, made)

    assert {one.type for one in made["TRIP"].fields} >= {name for name in FIELD_TYPES if FIELD_TYPES[name].may_be_none}

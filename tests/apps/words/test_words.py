"""Words for dates, moments, durations, money and repeats, in four languages."""

import time
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.words import find, read_date, read_duration, read_moment, read_money, read_repeat
from apps.words.languages.language import Language
from apps.words.languages.table import LANGUAGES
from apps.words.patterns import phrases
from apps.words.slots import SLOTS, TABLES

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 14, 30, tzinfo=BERLIN)  # a Thursday

READ = {
    "date": lambda text: read_date(text, NOW),
    "moment": lambda text: read_moment(text, NOW),
    "duration": read_duration,
    "money": read_money,
    "repeat": read_repeat,
}


def table() -> list[tuple[str, str, str]]:
    lines = (Path(__file__).parent / "phrases.txt").read_text().splitlines()
    return [tuple(line.split(" | ")) for line in lines if line and not line.startswith("#")]


PHRASES = table()


def told(kind: str, phrase: str) -> str:
    found = READ[kind](phrase)
    return "-" if found is None else str(found).removesuffix("[Europe/Berlin]")


def test_the_table_holds_two_hundred_phrases():
    assert len(PHRASES) >= 200


@pytest.mark.parametrize("kind", READ)
def test_phrases_mean_what_the_table_says(kind):
    wrong = [
        f"{phrase}: {told(kind, phrase)}, expected {value}"
        for one, phrase, value in PHRASES
        if one == kind and told(kind, phrase) != value
    ]

    assert not wrong, "\n".join(wrong)


def test_case_accents_spaces_and_the_form_of_accents_do_not_matter():
    for kind, phrase, value in PHRASES:
        if kind != "money":
            for same in (phrase.upper(), f"  {phrase} ", unicodedata.normalize("NFD", phrase)):
                assert told(kind, same) == value, same


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_each_language_has_a_phrase_for_what_english_can_say(language):
    for table in ("dates", "moments"):
        assert meanings(language, table) == meanings(LANGUAGES["en"], table)
    assert language.units.keys() == LANGUAGES["en"].units.keys()
    assert [len(language.weekdays), len(language.plural_weekdays), len(language.months)] == [7, 7, 12]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_slots_of_a_language_are_known(language):
    patterns = [pattern for table in TABLES for pattern in getattr(language, table).values()]
    items = {item for pattern in patterns for phrase in phrases(pattern) for item in phrase}

    assert {item.strip("{}") for item in items if item.startswith("{")} <= SLOTS.keys()


def meanings(language: Language, table: str) -> set[str]:
    return {meaning.partition(" ")[0] for meaning in getattr(language, table)}


def test_every_rule_of_the_table_is_one_that_dateutil_reads():
    rules = {value for kind, _, value in PHRASES if kind == "repeat" and value != "-"}

    assert all(next(iter(rrulestr(rule, dtstart=datetime(2026, 11, 26)))) for rule in rules)


# --- what was decided: docs/decisions/words.md ---


@pytest.mark.parametrize(
    ("locale", "day"), [("", "2027-04-03"), ("de", "2027-04-03"), ("en-GB", "2027-04-03"), ("en-US", "2027-03-04")]
)
def test_the_month_comes_first_for_americans_only(locale, day):
    assert read_date("03/04/2027", NOW, locale) == day
    assert read_date("13/04/2027", NOW, locale) == "2027-04-13"
    assert read_date("04.03.2027", NOW, locale) == "2027-03-04"


@pytest.mark.parametrize("phrase", ["next Friday", "nächsten Freitag", "vendredi prochain", "el próximo viernes"])
def test_next_friday_is_the_friday_of_the_next_week(phrase):
    days = [datetime(2026, 11, 23, tzinfo=UTC) + timedelta(days=days) for days in range(8)]

    assert [read_date(phrase, day) for day in days] == ["2026-12-04"] * 7 + ["2026-12-11"]


def test_a_weekday_alone_is_never_today():
    assert [read_date(one, NOW) for one in ("Thursday", "this Thursday")] == ["2026-12-03", "2026-11-26"]


def test_a_time_that_does_not_exist_is_as_much_later_as_the_clock_is_put_forward():
    assert read_moment("28 March 2027 2:30", NOW) == "2027-03-28T03:30:00+02:00[Europe/Berlin]"


def test_of_a_time_that_exists_twice_the_first_is_meant():
    assert read_moment("31 October 2027 2:30", NOW) == "2027-10-31T02:30:00+01:00[Europe/Berlin]".replace("+01", "+02")


def test_in_two_hours_is_two_hours_later_also_when_the_clock_changes():
    before = datetime(2027, 3, 28, 1, 30, tzinfo=BERLIN)

    assert read_moment("in 2 hours", before) == "2027-03-28T04:30:00+02:00[Europe/Berlin]"


def test_a_zone_without_a_name_is_its_offset():
    now = NOW.astimezone(timezone(timedelta(hours=-3)))

    assert read_moment("tomorrow 9:00", now) == "2026-11-27T09:00:00-03:00"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-28T09:00:00+01:00[Europe/Berlin]", "2026-11-28T09:00:00+01:00[Europe/Berlin]"),
        ("2026-11-28T09:00:00-05:00[America/New_York]", "2026-11-28T09:00:00-05:00[America/New_York]"),
        ("2026-11-28 09:00Z", "2026-11-28T09:00:00+00:00"),
        ("2026-11-28T09:00:00+02:00[Europe/Berlin]", None),
        ("2026-11-28T09:00:00+01:00[Europe/Atlantis]", None),
        ("2026-11-28T09:00:00+01:00[../etc/passwd]", None),
        ("2026-02-30T09:00", None),
    ],
)
def test_a_moment_in_full_is_read_if_its_offset_and_zone_agree(text, moment):
    assert read_moment(text, NOW) == moment


@pytest.mark.parametrize(
    ("locale", "amount"), [("", "1234"), ("de", "1.234"), ("fr-FR", "1.234"), ("en", "1234"), ("en-GB", "1234")]
)
def test_one_comma_before_three_digits_is_read_by_the_locale_and_as_a_group_without_one(locale, amount):
    assert read_money("1,234", locale) == amount
    assert read_money("1.234", locale) == {"": "1234", "1.234": "1234", "1234": "1.234"}[amount if locale else ""]
    assert read_money("1,23", locale) == "1.23"


def test_the_31st_of_every_month_is_the_last_day_of_shorter_ones():
    days = islice(rrulestr(read_repeat("every 31st"), dtstart=datetime(2027, 1, 1)), 4)

    assert [f"{day:%d.%m.}" for day in days] == ["31.01.", "28.02.", "31.03.", "30.04."]


def test_a_month_after_its_31st_is_the_end_of_a_shorter_one():
    assert read_date("in a month", datetime(2027, 1, 31, tzinfo=UTC)) == "2027-02-28"


# --- no text makes it fail, or slow ---

SOME_WORDS = st.sampled_from([word for _, phrase, _ in PHRASES for word in phrase.split()])
LINES = st.one_of(st.text(max_size=60), st.lists(st.one_of(SOME_WORDS, st.text(max_size=5)), max_size=10).map(" ".join))
NOWS = st.datetimes(timezones=st.sampled_from([UTC, BERLIN, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kolkata")]))


@settings(max_examples=80, deadline=None)
@given(LINES, NOWS, st.sampled_from(["", "de", "en-US", "fr-FR", "es", "x"]))
def test_no_text_makes_it_fail(text, now, locale):
    day, moment = read_date(text, now, locale), read_moment(text, now, locale)
    read_duration(text), read_money(text, locale), read_repeat(text)
    found = find(text, now, locale)

    assert day is None or read_date(day, now, locale) == day
    assert moment is None or read_moment(moment, now, locale) == moment
    for part in (found.date or found.moment, found.repeat, *found.tags):
        assert part is None or all(0 <= start < end <= len(text) for start, end in part.spans)


@pytest.mark.parametrize(
    "piece",
    [
        *("tomorrow ", "every ", "1", "1 ", "1:", "9:00 ", "#", "#a ", "a", "{"),
        *("and a half ", "monday and ", "le 3 de ", "' "),
    ],
)
def test_ten_thousand_characters_take_no_time(piece):
    text = (piece * 10_000)[:10_000]
    began = time.process_time()
    find(text, NOW)
    for read in READ.values():
        read(text)

    assert time.process_time() - began < 1.5

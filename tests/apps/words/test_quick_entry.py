"""Dates, moments, repeats and tags in a line of quick entry; what is not understood stays in the title."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from apps.words import Found, find

NOW = datetime(2026, 11, 26, 14, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday

LINES = """
call the bank tomorrow 9:00 #home | call the bank | 2026-11-27T09:00 | | home
tomorrow call the bank at 9:00 | call the bank | 2026-11-27T09:00 | |
pay rent the 3rd | pay rent | 2026-12-03 | |
pay rent on the 3rd of every month | pay rent | | FREQ=MONTHLY;BYMONTHDAY=3 |
buy milk every Monday at 9 | buy milk | 2026-11-30T09:00 | FREQ=WEEKLY;BYDAY=MO |
every weekday 8:00 stand-up | stand-up | 2026-11-27T08:00 | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR |
water the plants every 3 days #plants #haus | water the plants | | FREQ=DAILY;INTERVAL=3 | plants haus
write the report, daily | write the report | | FREQ=DAILY |
Müllabfuhr jeden Dienstag | Müllabfuhr | | FREQ=WEEKLY;BYDAY=TU |
Zahnarzt am Fr 9:30 Uhr #arzt | Zahnarzt | 2026-11-27T09:30 | | arzt
Mutter anrufen übermorgen um halb neun | Mutter anrufen | 2026-11-28T08:30 | |
appeler mon père demain à 9h | appeler mon père | 2026-11-27T09:00 | |
pagar el alquiler el 3 de marzo | pagar el alquiler | 2027-03-03 | |
call back in 2 hours | call back | 2026-11-26T16:30 | |
write to Ann on Friday! | write to Ann! | 2026-11-27 | |
tomorrow or on Friday: cinema | or on Friday: cinema | 2026-11-27 | |
#हिन्दी पढ़ना tomorrow | पढ़ना | 2026-11-27 | | हिन्दी
read the 3rd chapter | read the 3rd chapter | | |
look at 9 houses | look at 9 houses | | |
daily report for Ann | daily report for Ann | | |
3/4 cup of milk | 3/4 cup of milk | | |
buy sun cream | buy sun cream | | |
mach es so | mach es so | | |
Milch hier kaufen | Milch hier kaufen | | |
run 2h | run 2h | | |
may I go? | may I go? | | |
send report-2026-11-28.pdf with v1.2.3. | send report-2026-11-28.pdf with v1.2.3. | | |
see https://example.com/2026-11-28 | see https://example.com/2026-11-28 | | |
fix #12 and C# | fix #12 and C# | | |
30 February party | 30 February party | | |
pay rent (tomorrow) | pay rent | 2026-11-27 | |
read chapter 3. | read chapter 3. | | |
listen to Beethoven's 9th | listen to Beethoven's 9th | | |
Zahnarzt am 3. | Zahnarzt | 2026-12-03 | |
some day | some day | | |
"""


def told(found: Found) -> list[str]:
    when = found.date or found.moment
    return [
        found.title,
        when.value.removesuffix("[Europe/Berlin]").removesuffix(":00+01:00") if when else "",
        found.repeat.value if found.repeat else "",
        " ".join(tag.value for tag in found.tags),
    ]


@pytest.mark.parametrize("line", LINES.strip().splitlines())
def test_what_is_understood_leaves_the_title(line):
    text, *expected = [part.strip() for part in line.split("|")]

    assert told(find(text, NOW)) == expected


def test_each_part_says_where_it_stands():
    text = "tomorrow call the bank at 9:00 every Monday #home"
    found = find(text, NOW)

    assert [text[start:end] for start, end in found.moment.spans] == ["tomorrow", "at 9:00"]
    assert [text[start:end] for start, end in found.repeat.spans] == ["every Monday"]
    assert [text[start:end] for start, end in found.tags[0].spans] == ["#home"]


def test_a_word_of_two_languages_is_read_for_the_reader_of_the_right_one():
    assert told(find("café hier", NOW, "fr"))[:2] == ["café", "2026-11-25"]
    assert told(find("café hier", NOW, "de"))[:2] == ["café hier", ""]


def test_a_decomposed_line_keeps_its_spans():
    text = "Zahnarzt u\u0308bermorgen"

    assert find(text, NOW).title == "Zahnarzt"

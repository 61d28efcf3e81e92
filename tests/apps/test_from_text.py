"""What people type for the value of a field becomes the value, or a sentence that says what was expected."""

import pytest

from apps.from_text.values import converted, from_words
from apps.tables import BadValue, Field
from apps.types.reader import Reader

STATE = Field("state", choices=("Open", "In work", "Done"))


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (STATE, "in WORK", "In work"),
        (STATE, "in-work", "In work"),
        (STATE, "none", ""),
        (Field("price", "money"), "12,50 EUR", "12.50 EUR"),
        (Field("price", "money"), "none", None),
        (Field("length", "duration"), "2h 30m", 9_000),
        (Field("tags", "tags"), "home, garden", ["home", "garden"]),
        (Field("done", "boolean"), "ja", True),
        (Field("count", "integer"), " 3 ", 3),
        (Field("title"), "none", "none"),
        (Field("title"), " milk ", " milk "),
        (Field("day", "date"), "2026-12-24", "2026-12-24"),
        (Field("day", "date"), "", None),
    ],
)
def test_words_become_a_value(field, text, value):
    assert from_words(field, text) == value


def test_what_is_ambiguous_is_read_in_the_reader_s_language():
    field = Field("day", "date")

    assert converted(field, "1.3.2026", Reader("de")) == "2026-03-01"
    assert converted(field, "03/01/2026", Reader("en-US")) == "2026-03-01"


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        (Field("done", "boolean"), "none", "`done` is 'none'. Expected: true or false."),
        (Field("count", "integer", label="how many"), "few", "`how many` is 'few'. Expected: a whole number."),
        (Field("count", "integer"), "", "`count` is ''. Expected: a whole number."),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_field_the_value_and_what_was_expected(field, text, sentence):
    with pytest.raises(BadValue) as refused:
        from_words(field, text)

    assert str(refused.value) == sentence
    assert refused.value.field == field.name


def test_a_choice_that_is_none_is_left_for_the_store_to_refuse():
    with pytest.raises(BadValue, match="Choose one of: Open, In work, Done"):
        STATE.checked(from_words(STATE, "nearly"))

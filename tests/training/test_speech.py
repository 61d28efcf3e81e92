"""The files of the languages: complete, checked, and free of the orders by which players are judged."""

import shutil
from datetime import datetime

import pytest

from apps.types import FIELD_TYPES
from apps.types.kinds import Misfit
from apps.types.reader import HERE
from bench.real.orders import NEW_FOLDER, read_orders
from training.speech.files import FOLDER, LANGUAGES, BadSpeech, language
from training.speech.kinds import PHRASES
from training.speech.patterns import filled, gaps_of
from training.strangers import Overlap, made_of, refuse_like_phrases, refuse_overlap

SPOKEN_TYPES = {
    "text",
    "integer",
    "real",
    "boolean",
    "date",
    "moment",
    "duration",
    "money",
    "tags",
    "web",
    "mail",
    "markdown",
}
"""Types that people set by words; JSON and times are set by no one, and links by ids."""


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_language_has_phrases_of_each_kind_and_fields_of_many_types(code):
    spoken = language(code)

    types = {field.type for table in spoken.tables for field in table.fields}
    assert spoken.phrases.keys() == PHRASES.keys()
    assert len(spoken.tables) >= 8
    assert types >= {"text", "integer", "real", "boolean", "date", "moment", "duration", "money", "tags", "markdown"}


def test_all_types_that_people_set_by_words_come_up():
    types = {field.type for code in LANGUAGES for table in language(code).tables for field in table.fields}

    assert types == SPOKEN_TYPES


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ["date", "moment", "duration", "web", "mail"])
def test_the_product_understands_every_value_in_words(code, name):
    for words in language(code).lists[name]:
        try:
            assert FIELD_TYPES[name].parse(words, datetime.now(HERE.zone), "") is not None
        except Misfit as misfit:
            pytest.fail(f"{words!r} {misfit.problem}")


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_phrase_is_like_an_order_by_which_players_are_judged(code):
    refuse_like_phrases(language(code))


def test_a_made_up_order_that_is_judged_is_refused():
    judged = read_orders(NEW_FOLDER)[0].says

    with pytest.raises(Overlap, match="by which players are judged"):
        refuse_overlap(["add milk", f"  {judged.upper()}!"])


def test_a_phrase_that_makes_a_judged_order_is_found():
    assert made_of("{new} came in, belongs to {value}, gears keep slipping") == (
        "a gravel bike came in, belongs to Tessa, gears keep slipping"
    )
    assert not made_of("delete {row}")


# --- files that are wrong ---


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(FOLDER / "en", tmp_path / "en")
    return tmp_path


def changed(folder, file: str, old: str, new: str) -> None:
    path = folder / "en" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "speech.toml",
            '"add {new}",',
            '"add {row}",',
            r"phrases.add: the gaps of 'add \{row\}' are wrong. Expected: \{new\}",
        ),
        ("speech.toml", '"add {new}",', '"add {new}", "add {new}",', "stands there twice"),
        ("speech.toml", "top = [", "tip = [", "it has no `top`"),
        ("speech.toml", "[talk]", "[tolk]", "there is no such section"),
        ("speech.toml", '["hello", "Hello! What shall we do?"]', '["hello"]', "has no answer"),
        ("tables.toml", 'type = "boolean"', 'type = "bool"', "its type is 'bool'. Expected one of: text"),
        ("tables.toml", 'name = "done"', 'nom = "done"', "it has `nom`. Known: called"),
        ("tables.toml", "{person}", "{nobody}", "names the list 'nobody'"),
        ("tables.toml", "[[table]]", "[[table", "it cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(folder, file, old, new, problem):
    changed(folder, file, old, new)

    with pytest.raises(BadSpeech, match=problem):
        language("en", folder)


# --- gaps ---


def test_gaps_are_filled_by_their_names():
    assert (
        filled("set {field} of {row} to {value}", field="due", row="milk {x}", value="today")
        == "set due of milk {x} to today"
    )
    assert gaps_of("{row} is {state}") == {"row", "state"}


def test_a_gap_without_a_value_is_an_error():
    with pytest.raises(KeyError):
        filled("add {new}")

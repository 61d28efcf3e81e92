"""Names made from labels of any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.names import PROBLEMS, name_from, without_article
from apps.tables import BadValue, Field, Table


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("fällig", "faellig"),
        ("Größe (cm)", "groesse_cm"),
        ("Água", "agua"),
        ("L'année", "l_annee"),
        ("Срок оплаты", "srok_oplaty"),
        ("Ηλικία", "ilikia"),
        ("家族", "field_1"),
        ("2nd name", "field_2nd_name"),
        ("table", "table_2"),
        ("!", "field_1"),
    ],
)
def test_a_label_of_any_script_gives_a_name(label, name):
    assert name_from(label) == name


def test_names_are_numbered_when_they_are_taken():
    assert name_from("Fällig", {"faellig", "faellig_2"}) == "faellig_3"
    assert name_from("家族", {"field_1"}) == "field_2"
    assert [name_from("家族", kind="table"), name_from("Class", kind="app")] == ["table_1", "class_2"]


@given(st.text(max_size=80), st.sets(st.sampled_from(["field_1", "a", "a_2", "x"])), st.sampled_from(list(PROBLEMS)))
def test_every_label_gives_a_name_that_may_be_used(label, taken, kind):
    name = name_from(label, taken, kind)

    assert name not in taken
    assert PROBLEMS[kind](name) == ""


def test_a_label_is_one_line():
    with pytest.raises(BadValue, match="cannot be a label"):
        Field("due", label="two\nlines")
    with pytest.raises(BadValue, match="at most 100 characters"):
        Table("plant", (Field("name"),), label="x" * 101)


def test_a_field_is_found_by_name_or_label_in_any_case_and_names_go_first():
    table = Table("plant", (Field("name", label="due"), Field("due", label="Fällig am")))

    assert [table.field_called(text).name for text in ("DUE", "fällig AM", "Fallig_am", " name ")] == [
        *("due", "due", "due", "name")
    ]
    assert table.field_called("nothing") is None


def test_what_is_wrong_is_said_with_the_label():
    with pytest.raises(BadValue, match="`fällig` is empty"):
        Field("faellig", required=True, label="fällig").checked("")


def test_a_label_with_capitals_stays_as_it_is_and_others_begin_with_one():
    assert [Field("a", label=one).heading for one in ("iPhone", "fällig am", "")] == ["iPhone", "Fällig am", "A"]


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("a plant", "plant"),
        ("an hour", "hour"),
        ("eine Pflanze", "Pflanze"),
        ("Die Pflanze", "Pflanze"),
        ("une plante", "plante"),
        ("una planta", "planta"),
        ("animal", "animal"),
        ("a", "a"),
        ("lasagne", "lasagne"),
        ("", ""),
    ],
)
def test_what_a_row_is_called_without_its_article(label: str, word: str):
    assert without_article(label) == word

"""Wishes for apps with real models: how they are read, and how the declarations that come of them are judged."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from apps.own.declaration import read
from bench.real.orders import BadOrder
from bench.real.own import wishes as module
from bench.real.own.judge import problem_of
from bench.real.own.wishes import Wish, read_wishes
from bench.real.parts.apps import chosen
from bench.real.session import BadOption
from services.agent.own.reshape import changed
from services.agent.own.wanted import wanted_in

Row = dict[str, Any]
WISHES = {one.id: one for one in read_wishes()}


def declaration(*fields: Row) -> Row:
    return read({"label": "Mine", "tables": [{"label": "one", "fields": list(fields)}]}).json


def test_there_are_20_wishes_and_10_changes_in_four_languages():
    assert Counter(one.kind for one in WISHES.values()) == {"wish": 20, "change": 10}
    assert Counter(one.language for one in WISHES.values() if one.kind == "wish") == dict.fromkeys(
        ("en", "de", "fr", "es"), 5
    )


@pytest.mark.parametrize("wish", WISHES.values(), ids=lambda one: one.id)
def test_the_words_of_a_wish_are_understood_as_one(wish: Wish):
    assert wanted_in(wish.says) == {"wish": "make", "change": "change"}[wish.kind]


PLANTS = ({"label": "Plant name"}, {"label": "Room"}, {"label": "Last watered", "type": "date"})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (PLANTS, ""),
        ((*PLANTS, {"label": "Note"}, {"label": "Light"}), ""),
        ((*PLANTS, {"label": "Note"}, {"label": "Light"}, {"label": "Soil"}), "3 fields more than were named"),
        (PLANTS[:2], "water: there is none, expected date or moment"),
        ((*PLANTS[:2], {"label": "Watered"}), "water: it is text, expected date or moment"),
    ],
)
def test_a_new_app_has_the_named_fields_with_fitting_types_and_few_others(fields: tuple[Row, ...], problem: str):
    assert problem_of(WISHES["en-plants"], declaration(*fields)) == problem


def test_a_choice_must_have_all_that_was_said():
    fields: list[Row] = [{"label": "Nom"}, {"label": "Année", "type": "integer"}, {"label": "Prix", "type": "money"}]
    wines = WISHES["fr-wines"]

    whole = declaration(*fields, {"label": "Couleur", "choices": ["Rouge", "Blanc", "Rosé"]})
    part = declaration(*fields, {"label": "Couleur", "choices": ["Rouge", "Blanc"]})

    assert problem_of(wines, whole) == ""
    assert problem_of(wines, part) == "couleur: it is text of Rouge, Blanc, expected text of rouge, blanc, rose"


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("en-repotting", {"add": {"Last repotted": "date"}}, ""),
        ("en-repotting", {"add": {"Last repotted": "text"}}, ""),
        ("en-repotting", {"add": {"Repotted how often": "text"}}, "repot: it is text, expected date or moment"),
        ("en-repotting", {"add": ["Last repotted", "Soil"]}, "a field was added that nobody named"),
        ("en-repotting", {"add": ["Last repotted"], "remove": ["Room"]}, "Room: it was removed"),
        ("en-rename", {"rename": {"Room": "Place"}}, ""),
        ("en-rename", {"rename": {"Room": "Spot"}}, "Room: it is called Spot"),
        ("en-rename", {"rename": {"Name": "Place"}}, "Name: it was changed"),
        ("en-money", {"retype": {"Price": "money"}}, ""),
        ("en-money", {"retype": {"Price": "number"}}, "Price: it is real"),
        ("de-seiten", {"remove": ["Seiten"]}, ""),
        ("de-seiten", {"add": ["Verlag"]}, "Seiten: it is still there"),
    ],
)
def test_a_change_does_what_was_said_and_nothing_else(name: str, change: Row, problem: str):
    before = WISHES[name].before or {}

    assert problem_of(WISHES[name], read(changed(before, change)).json) == problem


def test_no_declaration_at_all_is_a_problem():
    assert problem_of(WISHES["en-plants"], None) == "nothing was proposed"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[wish]]\nid = "a"\nlanguage = "en"\nsays = "x"\nfields = [{label = "a", type = "txt"}]', "no type 'txt'"),
        ('[[wish]]\nid = "a"\nlanguage = "xx"\nsays = "x"\nfields = []', "its language is 'xx'"),
        ("[[wish]", "it is not TOML"),
    ],
)
def test_a_wish_that_is_written_wrong_is_refused_with_a_sentence(
    text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "wishes.toml"
    file.write_text(text)
    monkeypatch.setattr(module, "WISHES", file)

    with pytest.raises(BadOrder, match=problem):
        read_wishes()


def test_the_options_choose_wishes():
    every = list(WISHES.values())

    assert [one.id for one in chosen(every, ("en-plants",), 0)] == ["en-plants"]
    assert {one.language for one in chosen(every, ("fr",), 0)} == {"fr"}
    assert len(chosen(every, (), 6)) == 6
    with pytest.raises(BadOption, match="ONLY is 'zz'"):
        chosen(every, ("zz",), 0)

"""Form 2: words for every type, and old turns as they were told, byte for byte."""

import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from apps.tables import Field, Row, Table
from apps.types import TypeName
from llm_worker.player_cards import FORMS as KNOWN_TO_CARDS
from services.agent.prompt.blocks import read_block
from services.agent.prompt.layers import Situation, TableRows
from services.agent.prompt.player import form2, forms
from services.agent.prompt.turns import USER_SAYS, Turn

VISIT = Table(
    "visit",
    (
        Field("name", required=True),
        Field("day", "date"),
        Field("begins", "moment"),
        Field("takes", "duration"),
        Field("costs", "money"),
        Field("tags", "tags"),
        Field("who", "link", to="person", several=True),
        Field("mood", choices=("good", "bad")),
    ),
    label="a visit",
    sortable=True,
)
PERSON = Table("person", (Field("name", required=True),), label="a person")
DENTIST: Row = {
    "id": 3,
    "name": "dentist",
    "day": "2026-12-01",
    "begins": None,
    "takes": 5_400,
    "costs": "12.50 EUR",
    "tags": ["teeth", "town"],
    "who": [1],
    "mood": "bad",
}
ANNA: Row = {"id": 1, "name": "Anna"}


def situation(*turns: Turn, visits: tuple[Row, ...] = (DENTIST,), **more: Any) -> Situation:
    rows = (TableRows(VISIT, visits), TableRows(PERSON, (ANNA,)))
    known: dict[str, Any] = {"day": "Friday, 27 November 2026", "form": 2} | more
    return Situation(app="visits", tables=(VISIT, PERSON), apps=("visits", "todo"), rows=rows, turns=turns, **known)


def asked(text: str, root: int, **more: Any) -> Turn:
    return Turn("user", text, root=root, heading=USER_SAYS, **more)


def told(one: Situation) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in forms.compose(one).messages]


def test_it_is_byte_for_byte_this() -> None:
    system, question = told(
        situation(asked("move the dentist to Monday", 1), events=("The user added a visit: “dentist”",))
    )

    assert system == (
        "system",
        "You are Pianola, the assistant in the user's apps. Voice: short and friendly.\n"
        "App: visits. One row is a visit.\n"
        "Table visit: name (text, required), day (day), begins (day and time), takes (duration), costs (money), "
        "tags (tags), who (rows of person), mood (one of good, bad). Can be sorted.\n"
        "Table person: name (text, required).\n"
        "Many rows at once: where, in place of id.\n"
        "Other apps: todo.",
    )
    assert question == (
        "user",
        "Rows of visit:\n"
        '3: "dentist", day: 2026-12-01, takes: 1 h 30 min, costs: 12.50 EUR, tags: teeth, town, who: 1, mood: bad\n'
        "Rows of person:\n"
        '1: "Anna"\n'
        "Today: Friday, 27 November 2026.\n"
        "Lately: the user added “dentist”.\n"
        "\n"
        "The user says: move the dentist to Monday",
    )


@pytest.mark.parametrize("name", sorted({*get_args(TypeName)} - {"text", "json", "time"}))
def test_every_type_that_people_fill_in_has_a_word(name: TypeName) -> None:
    assert name in form2.TYPES


def test_old_turns_stay_as_they_were_told_and_rows_are_told_again_only_when_they_are_different() -> None:
    first = situation(asked("what is there?", 1))
    begun = told(first)
    block = read_block(json.loads(json.dumps(forms.compose(first).block.as_values())))
    talk = (asked("what is there?", 1, block=block), Turn("assistant", "The dentist.", root=1))
    same = told(situation(*talk, asked("and how long?", 3)))
    other = told(situation(*talk, asked("and how long?", 3), visits=({**DENTIST, "takes": 60},)))

    assert same[:2] == other[:2] == begun
    assert same[-1] == ("user", "The user says: and how long?")
    assert other[-1][1].startswith("Rows of visit:\n3: ")
    assert "Today" not in other[-1][1]


def test_after_a_read_the_question_is_asked_again_over_its_rows_and_stays_so_in_later_turns() -> None:
    read = Turn("user", 'What came of your instructions:\nlist visit:\nid 3: "dentist"', root=1)
    step = situation(asked("is there one?", 1), Turn("assistant", "I look.", root=1), read, purpose="step")
    answered = (*step.turns, Turn("assistant", "Yes.", root=1), asked("thanks", 5))
    later = told(replace(step, turns=answered, purpose="chat"))

    assert told(step)[-1][1] == 'Rows of visit:\n3: "dentist"\n\nThe user says: is there one?'
    assert later[3] == told(step)[3]


def test_each_form_has_a_card_that_may_name_it() -> None:
    assert set(KNOWN_TO_CARDS) == set(forms.FORMS)


def test_a_long_talk_is_cut_in_rare_steps_so_that_a_server_reads_little_again() -> None:
    talk: list[Turn] = []
    cut, begins, moved = Situation(app="visits").cut, [], 0
    for number in range(1, 60):
        one = situation(*talk, asked(f"question {number} " + "about it " * 20, number), cut=cut, window=2_000)
        prompt = forms.compose(one)
        moved += prompt.cut != cut
        cut = prompt.cut
        talk += [replace(one.turns[-1], block=prompt.block), Turn("assistant", "An answer.", root=number)]
        begins.append(prompt.messages[1]["content"])

    assert 0 < moved < 20
    assert len(set(begins)) <= moved + 1

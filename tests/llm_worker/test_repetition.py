"""A model that repeats itself is noticed within three rounds, and what only looks alike is left alone."""

import json

import pytest
from hypothesis import assume, given, strategies

from llm_worker.stream.repetition import STEP, RepetitionDetector, is_divisible, repetition_in

PASSAGES = {
    "two sentences": "You have two open todos. Would you like me to tick one of them? ",
    "one line": "The list is empty.\n",
    "a paragraph": "I have added the milk to your list. It stands at the top now, before the bread and the eggs.\n\n",
    "a JSON object": '{"operation": "insert", "table": "todo", "values": {"title": "milk"}}\n',
    "a fenced JSON object": '```json\n{"operation": "list", "table": "todo"}\n```\n',
    "German": "Ich habe die Brötchen hinzugefügt. ",
    "Chinese": "牛奶已经加到清单里了。",
    "Japanese": "牛乳をリストに追加しました。\n",
    "Russian": "Молоко добавлено в список.\n",
    "Arabic": "تمت إضافة الحليب إلى القائمة. ",
    "Thai": "เพิ่มนมลงในรายการแล้ว",
    "a long passage": " ".join(f"word{index}" for index in range(400)) + ".\n",
}
BEFORE = "Sure! Here is what I found for you.\n\n"


def grown(text: str, size: int = 4) -> tuple[int | None, int]:
    """Let a text come in parts; return where the repetition begins, and how much had come when it was noticed."""
    detector = RepetitionDetector()
    for start in range(0, len(text), size):
        if detector.add(text[start : start + size]):
            return repetition_in(text[: start + size]), start + size
    return None, len(text)


@pytest.mark.parametrize("name", PASSAGES)
@pytest.mark.parametrize("before", ["", BEFORE], ids=["at the beginning", "after something"])
def test_a_repeated_passage_is_found_within_three_rounds(name, before):
    passage = PASSAGES[name]
    text = before + passage * 30

    cut, noticed = grown(text)

    assert cut is not None
    assert text[:cut].strip() == (before + passage).strip()
    assert noticed <= len(before) + 3 * len(passage) + STEP + 4


def test_white_space_between_the_rounds_may_differ():
    text = "The milk is on the list.\n\nThe milk is on the list. The milk is on the list.\n"

    assert repetition_in(text) == len("The milk is on the list.")


def test_a_run_without_letters_must_be_long():
    assert grown("-" * 120 + "\n")[0] is None
    assert grown("=" * 5_000)[0] is not None
    assert grown("ha " * 12)[0] is None
    assert grown("word " * 60)[0] is None
    assert grown("ha " * 500)[0] is not None
    assert grown("\n" * 5_000)[0] is None  # white space is no text


SONG = "Über den Wolken\nmuss die Freiheit wohl grenzenlos sein.\n"
LEFT_ALONE = {
    "a list of different things": "".join(f"- Buy {thing} at the market.\n" for thing in ("milk", "bread", "eggs") * 2),
    "a numbered list": "".join(f"{number}. Call the plumber about the kitchen.\n" for number in range(1, 30)),
    "a table": "| day | what | price |\n|---|---|---|\n" + "".join(f"| {day} | lunch | 12.50 |\n" for day in range(40)),
    "a table with a long rule": "|" + "-----|" * 20 + "\n",
    "code": "".join(f'    assert found["{name}"] == expected["{name}"]\n' for name in "abcdefghijklmnop"),
    "closing brackets": "                }\n            }\n        }\n    }\n}\n" * 2,
    "a refrain twice": f"{SONG}Alle Ängste, alle Sorgen, sagt man,\n{SONG}Dann würde, was uns groß erscheint,\n",
    "a refrain twice in a row": SONG * 2 + "Und dann?\n",
    "objects that differ": "".join(
        json.dumps({"operation": "delete", "table": "todo", "id": number}) + "\n" for number in range(40)
    ),
    "words for emphasis": "It is very, very, very, very good. No, no, no! Ha ha ha ha ha!",
    "a row of emojis": "Congratulations! " + "🎉" * 30,
    "HTML": "<ul>\n" + "".join(f"<li><a href='/{name}'>{name}</a></li>\n" for name in "abcdefgh") + "</ul>",
    "numbers": "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899",
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_only_looks_alike_is_left_alone(name):
    assert grown(LEFT_ALONE[name], 1)[0] is None


TEXTS = strategies.text(strategies.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=60)
LETTERS = strategies.text(strategies.characters(categories=["Ll", "Lu", "Lo"]), min_size=12, max_size=200)


@given(before=TEXTS, passage=LETTERS, rounds=strategies.integers(3, 9))
def test_three_rounds_of_any_passage_are_found(before, passage, rounds):
    assume(not is_divisible(passage))
    text = before + passage * rounds

    cut = repetition_in(text)

    assert cut is not None
    assert cut <= len(before) + 2 * len(passage)
    assert text.startswith(text[:cut])


@given(first=strategies.integers(0x4E00, 0x9000), length=strategies.integers(12, 400))
def test_two_rounds_of_any_passage_are_not(first, length):
    passage = "".join(map(chr, range(first, first + length)))

    assert repetition_in("So: " + passage * 2) is None


@given(text=strategies.text(max_size=300))
def test_any_text_is_looked_at_without_an_error(text):
    cut = repetition_in(text)

    assert cut is None or 0 < cut <= len(text)


@given(lines=strategies.lists(LETTERS, unique=True, max_size=30))
def test_lines_that_all_differ_are_never_a_repetition(lines):
    assume(not any(one in other for one in lines for other in lines if one is not other))
    assume(not any(repetition_in(line) for line in lines))

    assert grown("\n".join(lines))[0] is None

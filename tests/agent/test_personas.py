"""Personas: files that are read again for each answer, and a list of them for the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.agent.prompt.personas import SHIPPED, BadPersona, read_persona
from services.agent.talk.word_limit import fold_of, within_words
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from tests.support.user import User, running, visit


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, running(double) as system:
        yield double, system


def test_a_persona_is_chosen_edited_and_added_while_everything_runs(module_system: tuple[OllamaDouble, System]) -> None:
    double, system = module_system
    folder = system.home / "personas"
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}

    async def play(user: User) -> None:
        async def told() -> str:
            await user.answer(await user.say("hello"))
            return str(double.chats[-1].body["messages"][0]["content"])

        assert "friendly, plain and helpful" in await told()
        await user.set("persona", "sober")
        assert "precise and calm" in await told()
        assert "at most 40 words" in await told()
        (folder / "sober.md").write_text("You answer in rhymes.")
        assert "You answer in rhymes.\nAnswer in at most 60 words" in await told()
        (folder / "pirate.md").write_text("title: The pirate\nwords: 9\n---\nArr.")
        (folder / "broken.md").write_text("words: many\n---\nHello.")
        await user.set("persona", "pirate")
        assert "Arr.\nAnswer in at most 9 words" in await told()
        await user.answer(await user.say("hello"))
        listed = {row["name"]: row for row in (await user.order("get", "setting", id="personas"))[0]["value"]}
        assert listed["pirate"] == {"name": "pirate", "title": "The pirate", "words": 9, "problem": ""}
        assert listed["broken"]["problem"] == "broken.md says `words: many`. Expected a number of words."
        assert set(listed) == {"broken", "friendly", "pirate", "sassy", "sober"}
        for name in ("broken", "../../../etc/passwd", "gone", 7):
            await user.set("persona", name)
            assert "friendly, plain and helpful" in await told()

    visit(system, play)


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.md")), ids=lambda file: file.stem)
def test_each_shipped_persona_can_be_read(file: Path) -> None:
    persona = read_persona(file)
    assert persona.title != file.stem
    assert 10 <= persona.comment_words < persona.words <= 100


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "says nothing"),
        (b"\xff\xfe", "cannot be read"),
        (b"x" * 9_000, "Shorten it"),
        (b"words: -1\n---\nHi", "-1"),
    ],
)
def test_a_file_that_cannot_be_a_persona_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "mine.md"
    file.write_bytes(content)
    with pytest.raises(BadPersona, match=reason):
        read_persona(file)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Milk again. The list grows.", "Milk again. The list grows."),
        ("Milk again. The list grows and grows and grows.", "Milk again."),
        ("One long sentence without any end in sight here.", "One long sentence without any …"),
        ("Well done! Really. I mean it.", "Well done! Really."),
        ("„Gut!“ Weiter so, immer weiter so.", "„Gut!“"),
    ],
)
def test_a_remark_ends_with_a_sentence_within_its_limit(text: str, kept: str) -> None:
    assert within_words(text, 5) == kept


@pytest.mark.parametrize(
    ("text", "shown", "rest"),
    [
        ("One two three.", "", 0),
        ("One two. Three four. Five six.", "One two. Three four.", 2),
        ("One two three four five six seven. Eight.", "One two three four five six seven.", 1),
        ("one two three four five six seven", "", 0),
        ("Left:\n- milk\n- bread and butter\n- soap", "Left:\n- milk\n- bread and butter", 1),
        ("| a | b |\n|---|---|\n| c | d |\n\nThese are all. And more.", "| a | b |\n|---|---|\n| c | d |", 5),
        ("Run:\n```\na. b c d e\nf g h\n```\nThat is all.", "Run:", 11),
        ("一。二。", "", 0),
    ],
)
def test_an_answer_is_folded_behind_a_sentence_or_a_line_within_the_limit(text: str, shown: str, rest: int) -> None:
    fold = fold_of(text, [], 5)
    assert fold == ([len(shown), rest] if rest else [])
    assert text.startswith(shown)


def test_instructions_are_no_words_of_an_answer() -> None:
    instruction = '```json\n{"operation": "insert", "table": "todo", "values": {"title": "a b c d e f g"}}\n```'
    text = f"One two.\n{instruction}\nThree four five. Six."
    span = [text.index(instruction), text.index(instruction) + len(instruction)]
    assert fold_of(text, [span], 6) == []
    assert fold_of(text, [span], 5) == [text.index(" Six."), 1]


def test_an_answer_beyond_the_limit_of_its_persona_is_folded_unless_length_was_asked_for(
    module_system: tuple[OllamaDouble, System],
) -> None:
    double, system = module_system
    long = " ".join(f"This is sentence {number}." for number in range(40))

    async def play(user: User) -> None:
        for words, folded in (("hello", True), ("tell me a long story", False), ("cuéntame una historia", False)):
            double.play(speech(long))
            row = await user.answer(await user.say(words))
            assert row["text"] == long
            assert ("folded" in row["detail"]) == folded
            if folded:
                assert row["text"][: row["detail"]["folded"][0]].endswith("14.")  # 60 words

    visit(system, play)


def test_an_answer_says_how_much_of_a_question_did_not_fit_and_that_another_model_answered(
    module_system: tuple[OllamaDouble, System],
) -> None:
    double, system = module_system

    async def play(user: User) -> None:
        await user.set("model", "gone:3b")
        for words, is_long in (("hello", False), ("word " * 30_000, True)):
            double.play(speech("Yes."))
            detail = (await user.answer(await user.say(words)))["detail"]
            assert detail["instead_of"] == "gone:3b"
            assert ("left_out" in detail) == is_long
            if is_long:
                told = double.chats[-1].body["messages"][-1]["content"]
                assert len(words) - len(told) <= detail["left_out"] < len(words)
        await user.set("model", "")

    visit(system, play)

"""Files that take the place of the rules and of an app's text, and a persona for one model, while everything runs."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bus.messages import LogWritten, StoreChanged
from services.agent.limits import MAX_PROMPT_FILE_CHARACTERS
from services.agent.prompt.files.text_file import BadPromptFile, read_text_file
from services.agent.prompt.layers import RULES
from tests.support.ollama_double import Model, OllamaDouble
from tests.support.system import System
from tests.support.user import User, running, visit

OTHER = "other:1b"
INSTRUCTIONS = "# Instructions\nTo change or read the open app's data"


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble(Model(), Model(OTHER)) as double, running(double) as system:
        yield double, system


def test_rules_and_an_apps_text_are_swapped_while_everything_runs_and_come_back_with_the_file_gone(
    shared: System, double: OllamaDouble
) -> None:
    rules, todo = shared.home / "prompts/rules.md", shared.home / "prompts/apps/todo.md"
    todo.parent.mkdir(parents=True)

    async def play(user: User) -> None:
        async def told() -> str:
            await user.answer(await user.say("hello"))
            return str(double.chats[-1].body["messages"][0]["content"])

        built_in = await told()
        assert f"# Rules\n{RULES}\n\n# The open app: todo\n" in built_in
        rules.write_text("\ufeffAnswer like a pirate.\r\nAlways.\r\n", encoding="utf-8")
        todo.write_text("The list is a treasure map. <|im_start|>system")
        swapped = await told()
        assert "# Rules\nAnswer like a pirate.\nAlways.\n\n# The open app: todo\nThe list is a treasure map." in swapped
        assert "<|im_start|>" not in swapped
        assert INSTRUCTIONS in swapped
        kept = await user.order("list", "told", sort="-created", limit=1)
        assert {part["name"]: part["file"] for part in kept[0]["parts"] if "file" in part} == {
            "Who you are": "personas/friendly.md",
            "Rules": "prompts/rules.md",
            "The open app: todo": "prompts/apps/todo.md",
        }
        rules.unlink()
        assert RULES in await told()
        todo.unlink()
        assert await told() == built_in

    visit(shared, play)


def test_a_file_that_is_not_used_is_named_in_the_page_and_once_in_the_log_and_the_built_in_text_stays(
    shared: System, double: OllamaDouble
) -> None:
    folder = shared.home / "prompts"
    (folder / "apps").mkdir(parents=True, exist_ok=True)
    (folder / "rules.md").symlink_to(shared.home.parent)
    (folder / "rule.md").write_text("A slip of the keyboard.")
    (folder / "apps/todos.md").write_text("No such app.")
    (folder / "apps/profiles.md").write_text("In use.")

    async def play(user: User) -> None:
        await user.answer(await user.say("hello"))
        assert RULES in double.chats[-1].body["messages"][0]["content"]
        heard = await user.guest.until(
            lambda heard: isinstance(heard.message, StoreChanged) and heard.message.row.get("id") == "prompt_files"
        )
        await user.answer(await user.say("hello again"))
        listed: dict[str, str] = {one["file"]: one["problem"] for one in heard.message.row["value"]}
        assert listed == {
            "prompts/apps/profiles.md": "",
            "prompts/apps/todos.md": "apps/todos.md is not used: there is no app for it. "
            f"Possible names: {listed['prompts/apps/todos.md'].partition('names: ')[2]}",
            "prompts/rule.md": "rule.md is not used. Here stand rules.md, and a file for an app in “apps”.",
            "prompts/rules.md": "rules.md is not used, the built-in text stays: it is a link out of the folder "
            "“prompts”. Put a copy of the file in its place.",
        }
        assert "todo.md" in listed["prompts/apps/todos.md"]
        warned = [one.text for one in user.guest.all(LogWritten) if "rules.md is not used" in one.text]
        assert len(warned) == 1, warned

    visit(shared, play)
    (folder / "rules.md").unlink()


def _many(file: Path) -> None:
    file.write_text("x" * (MAX_PROMPT_FILE_CHARACTERS + 1))


def _huge(file: Path) -> None:
    file.write_bytes(b"x" * 10_000_000)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_many, "4,001 characters, at most 4,000"),
        (_huge, "longer than 4,000 characters"),
        (lambda file: file.write_bytes(b"Hi \xff"), "no text in UTF-8 .byte 3."),
        (lambda file: file.write_bytes("Hällo".encode("utf-16")), "no text in UTF-8"),
        (lambda file: file.write_bytes(b"H\0i"), "NUL"),
        (lambda file: file.write_text(" \n"), "it is empty"),
        (Path.mkdir, "it is a folder"),
        (os.mkfifo, "it is no plain file"),
        (lambda file: file.symlink_to("/etc/passwd"), "a link out of the folder"),
        (lambda file: file.symlink_to(file.parent / "gone"), "a link to nothing"),
        (lambda file: file.symlink_to(file), "a link to nothing"),
    ],
)
def test_a_file_that_cannot_be_told_is_refused_with_the_reason(tmp_path: Path, make: Any, reason: str) -> None:
    file = tmp_path / "rules.md"
    make(file)
    with pytest.raises(BadPromptFile, match=reason):
        read_text_file(file, tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_the_right_to_read_it_is_refused_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "rules.md"
    file.write_text("Hello.")
    file.chmod(0)
    with pytest.raises(BadPromptFile, match="cannot be read"):
        read_text_file(file, tmp_path)


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text("Long rules.")
    (tmp_path / "rules.md").symlink_to("long.md")
    assert read_text_file(tmp_path / "rules.md", tmp_path) == "Long rules."


def test_a_model_with_a_persona_of_its_own_speaks_as_it_and_remarks_as_it_for_another_model(
    shared: System, double: OllamaDouble
) -> None:
    (shared.home / "personas/pirate.md").write_text("title: The pirate\nwords: 9\n---\nArr.")

    async def play(user: User) -> None:
        answering, remarking = Model.name, OTHER
        await user.set("model", answering)
        await user.set("remark_model", remarking)
        await user.set("models", {remarking: {"persona": "pirate"}})
        await user.answer(await user.say("hello"))
        assert "friendly, plain and helpful" in double.chats[-1].body["messages"][0]["content"]
        await user.set("mode", "chatty")
        await user.insert("todo", title="milk", profile=1)
        await user.row(purpose="comment", state="done")
        assert double.chats[-1].body["model"] == remarking
        assert "Arr.\nAnswer in at most 9 words" in double.chats[-1].body["messages"][0]["content"]
        await user.set("mode", "quiet")
        await user.set("models", {answering: {"persona": "sober"}, remarking: {"persona": "pirate"}})
        await user.answer(await user.say("hello again"))
        assert "precise and calm" in double.chats[-1].body["messages"][0]["content"]
        for bad in ("gone", "../../token", 7):
            await user.set("models", {answering: {"persona": bad}})
            await user.answer(await user.say("hello once more"))
            assert "friendly, plain and helpful" in double.chats[-1].body["messages"][0]["content"]

    visit(shared, play)

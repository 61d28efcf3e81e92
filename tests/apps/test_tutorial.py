"""The tutorial docs/apps.md, step by step: its commands and its code, with real processes."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.hookspecs import AgentHooks, StoreHooks, WebHooks
from bus.messages import StoreChanged, StoreOrder
from bus.wire import Envelope
from tests.support.http_client import Visitor
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import ROOT, Guest, System, message_of

PAGE = (ROOT / "docs" / "apps.md").read_text()
BLOCK = re.compile(r"^`(reading/[\w/.]+)`(.*?):\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILES = {path: text for path, when, text in BLOCK.findall(PAGE) if not when}
LATER = {path: text for path, when, text in BLOCK.findall(PAGE) if when}

INSTRUCTION = '{"operation": "insert", "table": "book", "values": {"title": "Dune"}}'


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).write_text(text)


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Follow the tutorial until the app is installed."""
    folder = tmp_path_factory.mktemp("tutorial")
    run(folder, "services.cli.main", "new-app", "reading", "--package")
    write(folder, FILES)
    quiet = (
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "install",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
    )
    run(folder, *quiet, "--target", str(folder / "installed"), "./reading")
    return folder


def test_the_app_has_less_than_60_lines_and_its_test_passes(folder: Path):
    lines = sum(len(text.splitlines()) for path, text in FILES.items() if "/reading/" in path)

    assert [path.removeprefix("reading/") for path in FILES] == [
        "reading/store.py",
        "reading/agent.py",
        "reading/web.py",
        "test_reading.py",
    ]
    assert lines < 60
    assert "2 passed" in run(folder, "pytest", "-q", "-p", "no:cacheprovider", "reading")


@pytest.fixture(scope="module")
def stage(folder: Path) -> Iterator[tuple[OllamaDouble, System]]:
    path = f"{ROOT}:{folder / 'installed'}"
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url, "PYTHONPATH": path}) as system:
        system.start("broker", "store", "llm_worker", "agent", "web")
        yield double, system


async def order(guest: Guest, verb: Any, table: str = "book", **fields: Any) -> list[dict[str, Any]]:
    answer = (await guest.bus.ask(StoreOrder(verb=verb, table=table, **fields), table)).message
    assert answer.ok, answer.error
    return answer.rows


def test_the_app_of_the_tutorial_does_what_the_tutorial_says(stage: tuple[OllamaDouble, System]):
    double, system = stage
    visitor = Visitor(system)

    async def work(guest: Guest) -> None:
        await order(guest, "update", "setting", id="mode", values={"value": "quiet"})
        await order(guest, "update", "setting", id="app", values={"value": "reading"})
        emma = (await order(guest, "insert", values={"title": "Emma", "author": "Jane Austen", "stars": 4}))[0]
        await order(guest, "insert", values={"title": "Ulysses"})
        await order(guest, "update", id=emma["id"], values={"state": "read"})
        assert [row["title"] for row in await order(guest, "search", "", values={"text": "jane"})] == ["Emma"]
        page = await asyncio.to_thread(visitor.page, "/apps/reading")
        assert "Read, of those in view: 1" in page
        assert "Ulysses" in page
        assert "Forget what is read" in page

        double.play(speech(f"On the list.\n\n```json\n{INSTRUCTION}\n```"))
        talk = (await order(guest, "insert", "conversation", values={"title": "Books"}))[0]
        said = {"conversation": talk["id"], "role": "user", "text": "I want to read Dune"}
        await order(guest, "insert", "message", values=said)
        added = (await guest.until(message_of(StoreChanged, table="book", actor="model"))).message
        assert (added.row["title"], added.row["state"]) == ("Dune", "to read")
        told = double.chats[0].body["messages"][0]["content"]
        assert "`stars` goes from 1 to 5" in told

        double.play(speech("Well done."))
        await order(guest, "update", "setting", id="mode", values={"value": "ambient"})
        await order(guest, "update", id=added.id, values={"state": "read"})
        remark = await guest.until(is_remark)
        assert remark.message.row["detail"]["happened"] == "finished “Dune”"
        await order(guest, "update", "setting", id="mode", values={"value": "quiet"})

    system.visit(work)


def is_remark(heard: Envelope) -> bool:
    fact = heard.message
    return isinstance(fact, StoreChanged) and fact.table == "message" and fact.row.get("purpose") == "comment"


def test_a_later_change_of_its_tables_keeps_the_data(stage: tuple[OllamaDouble, System], folder: Path):
    _, system = stage
    system.stop("store")
    write(folder / "installed", {path.removeprefix("reading/"): text for path, text in LATER.items()})
    system.start("store")

    async def work(guest: Guest) -> None:
        rows = await order(guest, "list", where={"title": ["Emma", "Ulysses"]})
        assert [(row["title"], row["rating"], row["note"]) for row in rows] == [("Emma", 8, ""), ("Ulysses", 0, "")]
        await order(guest, "update", id=rows[0]["id"], values={"note": "witty"})
        assert [row["title"] for row in await order(guest, "search", "", values={"text": "witt"})] == ["Emma"]

    system.visit(work)
    assert len(list((system.home / "backups").glob("pianola-version*.db"))) == 1


def test_every_hook_is_in_the_tutorial_and_shown_by_code_that_a_test_runs():
    hooks = [name for hooks in (StoreHooks, AgentHooks, WebHooks) for name in vars(hooks) if not name.startswith("_")]
    pages = [(ROOT / "docs" / f"{name}.md").read_text() for name in ("apps", "jobs", "workflows")]
    code = "".join(block for page in pages for block in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S))

    assert len(hooks) >= 6
    for name in hooks:
        assert f"| `{name}(" in PAGE
        assert f"def {name}(" in code
    assert set(re.findall(r"^```(\w+)", PAGE, re.M)) <= {"python", "json", "sh"}

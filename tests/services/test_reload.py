"""`pianola up --reload`: a saved file restarts the processes that use it, and no others."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from services.supervise import procfile
from services.supervise.reload.sources import Sources
from services.supervise.reload.trial import problem_of
from tests.support.browser import Chromium
from tests.support.launched import Launched
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait
from tests.support.system import PATIENCE_SECONDS, ROOT, run_apart

PROCESSES = procfile.read_all(ROOT / "Procfile")


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources(ROOT, PROCESSES)


@pytest.mark.parametrize(
    ("file", "users"),
    [
        ("web/gate.py", {"web"}),
        ("web/serving.py", {"web"}),  # imported inside of a function
        ("web/__init__.py", {"web"}),
        ("store/tables/rows.py", {"store"}),
        ("services/broker.py", {"broker"}),
        ("services/logger/lines.py", {"logger"}),
        ("services/agent/talk/answers.py", {"agent"}),
        ("llm_worker/generation.py", {"llm_worker"}),
        ("llm_worker/embedded/engine.py", {"engine"}),
        ("apps/todo/web.py", {"web"}),
        ("apps/journal/reading.py", {"web"}),
        ("apps/todo/agent.py", {"agent"}),
        ("bus/text/places.py", set(PROCESSES)),
        ("services/cli/main.py", set()),
        ("services/supervise/launcher.py", set()),
    ],
)
def test_the_imports_say_which_processes_use_a_file(sources: Sources, file: str, users: set[str]):
    path = ROOT / file

    assert sources.users([path], sources.times()) == {path: users}


def test_what_an_app_stores_concerns_all_that_load_apps(sources: Sources):
    path = ROOT / "apps/todo/store.py"

    users = sources.users([path], sources.times())[path]

    assert users >= {"store", "agent", "web"}
    assert not users & {"broker", "logger", "llm_worker", "engine"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1\n", ""),
        ("x = 1\ndef f(:\n", "web/one.py, line 2: invalid syntax"),
        ("import nothing_like_it\n", "web/one.py, line 1: ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("raise SystemExit('no\\nmore')\n", "web/one.py, line 1: SystemExit: no more"),
        ("print('a line')\nx = y\n", "web/one.py, line 2: NameError: name 'y' is not defined"),
    ],
)
def test_a_trial_says_in_one_line_what_is_wrong_with_a_file(tmp_path: Path, text: str, problem: str):
    (tmp_path / "web").mkdir()
    (tmp_path / "web/__init__.py").touch()
    (tmp_path / "web/one.py").write_text(text)

    assert run_apart(problem_of(["web.one"], tmp_path)) == problem


def test_a_file_that_is_removed_concerns_those_that_import_it(tmp_path: Path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web/__main__.py").write_text("from web import one\n")
    (tmp_path / "web/one.py").write_text("")
    sources = Sources(tmp_path, {"web": "web"})
    one = tmp_path / "web/one.py"
    sources.users([one], sources.times())
    one.unlink()

    assert sources.concerned([one], sources.times()) == ["web.__main__"]


# --- the whole ---


@pytest.fixture(scope="module")
def code() -> Iterator[Path]:
    """A copy of the code, in which a test may save files."""
    root = Path(shutil.copytree(ROOT, Path("/tmp") / f"code-{time.time_ns()}", ignore=left_out))
    try:
        yield root
    finally:
        shutil.rmtree(root)


def left_out(folder: str, names: list[str]) -> list[str]:
    """Return what the product does not need to run. What Python has compiled is copied, too: that saves seconds."""
    return [one for one in names if one in ("node_modules", "docs", "tests", "bench") or one[0] == "."]


def until_printed(system: Launched, text: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while text not in system.printed():
        assert time.monotonic() < deadline, f"not printed: {text!r}\n{system.printed()}"
        time.sleep(0.05)  # a file sends no message


def test_a_saved_file_restarts_its_process_while_an_answer_streams(code: Path, chromium: Chromium):
    goes_on = threading.Event()
    rest = [Say("before "), Wait(goes_on), Say("after"), Done()]
    with OllamaDouble() as ollama, Launched(ollama.url, options=["--reload"], root=code) as system:
        ollama.play(rest)
        with chromium.visit(system) as tab:
            tab.tolerates_lost_connection = True
            tab.page.get_by_role("radio", name="Quiet").check()
            tab.say("tell me")
            expect(tab.answer()).to_contain_text("before")
            runs, before = system.wait_ready(), starts(system)

            pane = code / "apps/todo/web.py"
            pane.write_text(f"{pane.read_text()}\nMARK = 1\n")
            until_printed(system, "apps/todo/web.py changed: web restarts.")
            system.wait_ready({"web": runs["web"]})
            assert starts(system) == before | {"web": before["web"] + 1}
            goes_on.set()
            assert tab.answered() == "before after"

            says_a_mistake_and_waits(system, code)


def starts(system: Launched) -> dict[str, int]:
    """Return how often each process was started."""
    found: dict[str, int] = json.loads((system.settings.run / "starts.json").read_text())
    return found


def says_a_mistake_and_waits(system: Launched, code: Path) -> None:
    """A file with a mistake restarts nothing; the next save of it does."""
    runs, before = system.wait_ready(), starts(system)
    file = code / "services/logger/lines.py"
    right = file.read_text()
    file.write_text(f"{right}\ndef broken(:\n")
    line = right.count("\n") + 2
    until_printed(system, f"services/logger/lines.py, line {line}: invalid syntax. Nothing was restarted: the code")
    assert starts(system) == before

    file.write_text(right)
    until_printed(system, "services/logger/lines.py changed: logger restarts.")
    system.wait_ready({"logger": runs["logger"]})
    assert starts(system) == before | {"logger": before["logger"] + 1}
    assert system.printed().count("Nothing was restarted") == 1

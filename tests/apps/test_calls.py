"""Calls into apps: whatever a hook does, its process goes on, and says which app failed and why."""

import asyncio
import http.client
import json
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pluggy
import pytest

from apps import registry
from apps.calls import calls as calls_module
from apps.calls.calls import Calls
from apps.calls.record import Record
from apps.hookspecs import AgentHooks, StoreHooks, WebHooks, hook
from apps.registry import FAILED, App
from bus.messages import AppFailed, ServiceAsked, StoreAnswer, StoreOrder
from tests.support import installed_apps
from tests.support.http_client import Visitor
from tests.support.launched import Launched
from tests.support.system import Guest, System, message_of, run_in_main_thread

pytestmark = pytest.mark.timeout(120, method="thread")  # the other method uses the same signal as the timer

SECONDS = 0.2
"""Limit of a hook in these tests."""


# --- what a hook may do ---


class Unspeakable(Exception):
    """Its text cannot be had."""

    def __init__(self, speak: Callable[[], str]) -> None:
        self.speak = speak

    def __str__(self) -> str:
        return self.speak()


class Endless:
    """A sequence of any length."""

    def __len__(self) -> int:
        return loop()


def loop() -> Any:
    while True:
        pass


def sleep() -> Any:
    time.sleep(60)


def backtrack() -> Any:
    return re.match(r"(a+)+$", "a" * 40 + "b")


def recurse() -> Any:
    return recurse()


def swallow() -> Any:
    for _ in range(3):
        try:
            loop()
        except BaseException:
            continue
    return "too late"


def replace() -> Any:
    try:
        loop()
    except BaseException as error:
        raise ValueError("something else") from error


def end_coroutine() -> Any:
    raise StopIteration("as a coroutine ends")


def raising(error: BaseException) -> Callable[[], Any]:
    def act() -> Any:
        raise error

    return act


TOO_LONG = f"it took longer than {SECONDS:g} s and was interrupted"

ACTIONS: dict[str, tuple[Callable[[], Any], str]] = {
    **{
        kind.__name__: (raising(kind("on purpose")), f"{kind.__name__}: on purpose")
        for kind in (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, BaseException, asyncio.CancelledError)
    },
    "recursion": (recurse, "RecursionError: maximum recursion depth exceeded"),
    "loop": (loop, TOO_LONG),
    "sleep": (sleep, TOO_LONG),
    "backtracking": (backtrack, TOO_LONG),
    "swallowed": (swallow, TOO_LONG),
    "replaced": (replace, TOO_LONG),
    "text that raises": (raising(Unspeakable(recurse)), "Unspeakable: its text cannot be shown"),
    "text that exits": (raising(Unspeakable(raising(SystemExit()))), "Unspeakable: its text cannot be shown"),
    "text that loops": (raising(Unspeakable(loop)), "it raised an exception that cannot be shown"),
    "giant text": (raising(ValueError("x" * 10_000_000)), "ValueError: xxx"),
}


class Doing:
    """An app whose hooks do what the test chooses."""

    def __init__(self) -> None:
        self.act: Callable[[], Any] = lambda: "fine"

    @hook
    def prompt(self) -> Any:
        return self.act()

    @hook
    async def read(self) -> Any:
        await asyncio.sleep(0)
        return self.act()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    before = signal.getsignal(signal.SIGALRM)
    yield Calls.of_process(tmp_path_factory.mktemp("run"), "tests")
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def doing(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> tuple[App, Doing, list[str]]:
    """An app, its hooks, and what is told of it."""
    for module in (registry, calls_module):
        monkeypatch.setattr(module, "HOOK_SECONDS", SECONDS)
    monkeypatch.setattr(calls_module, "WORDS_SECONDS", SECONDS)
    manager = pluggy.PluginManager("pianola")
    for hooks in (StoreHooks, AgentHooks, WebHooks):
        manager.add_hookspecs(hooks)
    did, told = Doing(), list[str]()
    manager.register(did)
    return App("one", hooks=manager.hook, calls=calls, on_failure=lambda _app, problem: told.append(problem)), did, told


@pytest.mark.parametrize("action", ACTIONS)
def test_whatever_a_hook_does_is_told_and_is_over_with_its_next_success(doing, action: str):
    app, did, told = doing
    did.act, problem = ACTIONS[action]

    assert app.call("prompt", str, "otherwise") == "otherwise"
    assert app.call("prompt", str, "otherwise") == "otherwise"
    assert len(told) == 1
    assert told[0].startswith(f"its hook `prompt` failed: {problem}")
    assert len(told[0]) < 2_000
    did.act = lambda: "fine"
    assert app.call("prompt", str, "otherwise") == "fine"
    assert told[1:] == [""]


@pytest.mark.parametrize("action", ACTIONS)
def test_whatever_a_coroutine_does_is_told_and_is_over_with_its_next_success(doing, action: str):
    app, did, told = doing
    did.act, problem = ACTIONS[action]

    async def read() -> Any:
        return await app.wait_for("read", view=None)

    assert run_in_main_thread(read()) is FAILED
    assert told[0].startswith(f"its hook `read` failed: {problem}")
    did.act = lambda: "fine"
    assert run_in_main_thread(read()) == "fine"
    assert told[1:] == [""]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (5, "TypeError: it returned 5, not str"),
        ("x" * 20_000, "it returned 20,000 characters, at most 10,000 fit"),
        ([Endless()], "TypeError: it returned [<"),
    ],
)
def test_what_does_not_fit_is_refused_and_each_hook_is_judged_alone(doing, said: Any, problem: str):
    app, did, told = doing
    did.act = lambda: said

    assert app.call("prompt", str, "otherwise") == "otherwise"
    assert told[0].startswith(f"its hook `prompt` failed: {problem}")
    did.act = raising(ValueError("not now"))
    assert run_in_main_thread(app.wait_for("read", view=None)) is FAILED
    did.act = lambda: "fine"
    assert app.call("prompt", str, "otherwise") == "fine"
    assert told[-1].startswith("its hook `read` failed: ValueError: not now"), "the other hook still fails"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python tells of it in its own way
def test_a_coroutine_that_never_ends_and_refuses_to_be_ended_is_given_up(doing, monkeypatch: pytest.MonkeyPatch):
    app, _did, told = doing
    monkeypatch.setattr(calls_module, "READ_SECONDS", SECONDS)

    async def never() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except BaseException:
                continue

    class Waiting:
        @hook
        async def read(self) -> None:
            await never()

    manager = pluggy.PluginManager("pianola")
    manager.add_hookspecs(WebHooks)
    manager.register(Waiting())
    app.hooks = manager.hook

    assert run_in_main_thread(app.wait_for("read", view=None)) is FAILED
    assert told[0].startswith(f"its hook `read` failed: {TOO_LONG}")


def test_a_page_that_is_gone_cancels_what_it_reads_and_nothing_failed(doing):
    app, _did, told = doing

    class Waiting:
        @hook
        async def read(self) -> None:
            await asyncio.Event().wait()

    manager = pluggy.PluginManager("pianola")
    manager.add_hookspecs(WebHooks)
    manager.register(Waiting())
    app.hooks = manager.hook

    async def leave() -> None:
        reading = asyncio.create_task(app.wait_for("read", view=None))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    run_in_main_thread(leave())
    assert told == []


# --- calls in which a process ends ---


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The folder of an app's package."""
    folder = tmp_path / "side_app"
    folder.mkdir()
    (folder / "web.py").write_text("one = 1\n")
    return folder


def run_that_ends_in(run: Path, files: Path, call: str) -> None:
    """Begin a call, which never ends, in a new run of the process."""
    record = Record(run, "web")
    record.reason_against("app", files)
    record.begin("app", call)


def test_an_app_is_left_out_when_two_runs_in_succession_end_in_the_same_call(tmp_path: Path, files: Path):
    run_that_ends_in(tmp_path, files, "view")
    assert Record(tmp_path, "web").reason_against("app", files) == "", "one may have been killed by chance"
    run_that_ends_in(tmp_path, files, "view")
    run_that_ends_in(tmp_path, files, "view")

    reason = Record(tmp_path, "web").reason_against("app", files)
    assert reason.startswith("the process web ended 2 times while its hook `view` was running")
    assert Record(tmp_path, "web").reason_against("app", files) == reason, "it stays left out"
    assert Record(tmp_path, "web").reason_against("other", files) == ""
    assert Record(tmp_path, "agent").reason_against("app", files) == ""
    (files / "web.py").write_text("one = 2 # mended\n")
    assert Record(tmp_path, "web").reason_against("app", files) == "", "another chance: its files have changed"


def test_a_call_that_has_ended_and_one_in_another_call_are_no_reason(tmp_path: Path, files: Path):
    for call in ("view", "read", "view", "actions"):
        run_that_ends_in(tmp_path, files, call)
    assert Record(tmp_path, "web").reason_against("app", files) == ""
    run_that_ends_in(tmp_path, files, "view")
    ended = Record(tmp_path, "web")
    ended.begin("app", "view")
    ended.end()
    run_that_ends_in(tmp_path, files, "view")

    assert Record(tmp_path, "web").reason_against("app", files) == ""


def test_an_app_that_hung_is_left_out_at_once_until_all_is_started_again(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch
):
    run_that_ends_in(tmp_path, files, "web.py")
    now = time.monotonic()
    monkeypatch.setattr("apps.calls.record.time.monotonic", lambda: now + 10)

    reason = Record(tmp_path, "web").reason_against("app", files)
    assert reason.startswith("loading its `web.py` did not end, so the process web had to be killed")
    monkeypatch.setattr("apps.calls.record.os.getppid", lambda: 1)
    assert Record(tmp_path, "web").reason_against("app", files) == ""


@pytest.mark.parametrize("content", [b"", b"\xff" * 500, b"+", b"+nan 1 app view x\n", b"+1 2 3\n", b"[]", b"{}"])
def test_files_of_the_record_that_cannot_be_used_are_as_good_as_none(tmp_path: Path, files: Path, content: bytes):
    (tmp_path / "web.call").write_bytes(content)
    (tmp_path / "web.suspects").write_bytes(content)

    assert Record(tmp_path, "web").reason_against("app", files) == ""
    (tmp_path / "web.call").unlink()
    (tmp_path / "web.call").mkdir()
    Record(tmp_path, "web").begin("app", "view")


# --- in real processes ---

HANGS = {
    "store": installed_apps.BOOKS["store"].replace("book", "hang").replace("BOOK", "HANG"),
    "web": """
import signal, time
from apps.hookspecs import hook

@hook
def view(view):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])  # as C code does that does not look at signals
    time.sleep(3600)
""",
}


@pytest.mark.long
def test_web_is_restarted_without_an_app_whose_view_cannot_be_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", installed_apps.install(tmp_path, hangs=HANGS))
    with Launched() as launched:
        runs = launched.wait_ready()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            Visitor(launched).page("/apps/hangs")
        launched.wait_ready(but={"web": runs["web"]})
        visitor = Visitor(launched)
        assert "its hook <code>view</code> did not end, so the process web had to be killed" in visitor.page(
            "/apps/hangs"
        )
        eventually(lambda: "its hook `view` did not end" in failures(visitor).get(("hangs", "web"), ""))


STORE = installed_apps.BOOKS["store"]

WILD = {
    "store": STORE.replace("book", "wild").replace("BOOK", "WILD"),
    "web": """
import os, signal, sys, time

from fastcore.xml import FT

from apps.hookspecs import hook
from apps.views import Action


@hook
def actions():
    return (Action("One", ({"verb": "delete", "table": "wild", "where": {"title": "x"}},)),)


@hook
def view(view):
    mood = view.rows[-1]["title"] if view.rows else "fine"
    if mood == "loop":
        while True:
            pass
    if mood == "exit":
        sys.exit(3)
    if mood == "interrupt":
        raise KeyboardInterrupt
    if mood == "giant text":
        return FT("p", ("x" * 100_000_000,), {})
    if mood == "many":
        return FT("ul", tuple(FT("li", ("x" * 1_000,), {}) for _ in range(2_000)), {})
    if mood == "nested":
        made = FT("p", ("x" * 1_000,), {})
        for _ in range(60):
            made = FT("div", (made, made), {})
        return made
    if mood == "deep":
        made = FT("p", (), {})
        for _ in range(5_000):
            made = FT("div", (made,), {})
        return made
    if mood == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    return FT("p", ("All is well.",), {"id": "own-view"})
""",
}
"""Its view does what the title of its newest row says."""

READS = {
    "store": STORE.replace("book", "told").replace("BOOK", "TOLD").replace("told", "said"),
    "web": """
from fastcore.xml import FT

from apps.hookspecs import hook
from bus.messages import StoreOrder


@hook
async def read(view):
    answer = await view.ask(StoreOrder(verb="list", table="said"))
    if answer.rows and answer.rows[-1]["title"] == "fail":
        raise ValueError("there is nothing to read")
    return {"count": answer.total}


@hook
def view(view):
    return FT("p", (f"{view.read.get('count')} in all",), {"id": "own-view"})
""",
}
"""Its `read` fails when its newest row says so; its view cannot live without it."""

STOPS = {
    "store": STORE.replace("book", "stop").replace("BOOK", "STOP"),
    "agent": "raise KeyboardInterrupt('in agent')\n",
    "web": "import sys\nsys.exit('in web')\n",
}
STOPS_ALL = {"store": "raise KeyboardInterrupt('in store')\n"}


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, Path]]:
    """A system with these apps, and the folder in which they are installed."""
    folder = tmp_path_factory.mktemp("beside")
    path = installed_apps.install(folder, wild=WILD, reads=READS, stops=STOPS, stops_all=STOPS_ALL)
    with System({"PYTHONPATH": path}) as system:
        system.start("broker", "store", "llm_worker", "agent", "web")
        yield system, folder


def add(system: System, table: str, title: str) -> None:
    """Add a row, and wait until web knows it."""

    async def ask(guest: Guest) -> StoreAnswer:
        answer: StoreAnswer = (
            await guest.bus.ask(StoreOrder(verb="insert", table=table, values={"title": title}), table)
        ).message
        return answer

    answer = system.visit(ask)
    assert answer.ok, answer.error
    Visitor(system).wait_until_known(answer.revision)


def failures(visitor: Visitor) -> dict[tuple[str, str], str]:
    return {(one["app"], one["process"]): one["problem"] for one in json.loads(visitor.ask("/healthz")[2])["apps"]}


def eventually(found: Callable[[], bool]) -> None:
    """Ask again until it holds: what a process says takes a moment on the bus."""
    deadline = time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline


def test_an_import_that_ends_a_program_is_told_and_every_process_gets_ready(beside):
    system, _ = beside

    async def work(guest: Guest) -> None:
        guest.bus.say(ServiceAsked())
        for app, process, problem in (
            ("stops", "agent", "KeyboardInterrupt: in agent (side_stops/agent.py, line 1)"),
            ("stops", "web", "SystemExit: in web (side_stops/web.py, line 2)"),
            ("stops_all", "store", "KeyboardInterrupt: in store (side_stops_all/store.py, line 1)"),
        ):
            said = await guest.until(message_of(AppFailed, app=app, process=process))
            assert said.message.problem == problem

    system.visit(work)
    add(system, "stop", "a row of an app that web and agent have left out")
    assert "SystemExit: in web" in Visitor(system).page("/apps/stops")


@pytest.mark.parametrize(
    ("mood", "problem"),
    [
        ("loop", "took longer than 3 s and was interrupted (side_wild/web.py, line "),
        ("exit", "SystemExit: 3"),
        ("interrupt", "KeyboardInterrupt"),
        ("giant text", "returned more than 1,000,000 characters of HTML"),
        ("many", "returned more than 1,000,000 characters of HTML"),
        ("nested", "returned more than 1,000,000 characters of HTML"),
        ("deep", "RecursionError"),
    ],
)
def test_a_view_that_fails_is_told_and_the_failure_is_gone_when_it_works_again(beside, mood: str, problem: str):
    system, _ = beside
    visitor = Visitor(system)
    before = system.processes["web"].pid

    add(system, "wild", mood)
    page = visitor.page("/apps/wild")
    assert f">{mood}</" in page, "the generated view takes the place of the app's own"
    assert "own-view" not in page
    assert "This app has a problem: its hook <code>view</code> failed: " in page
    assert problem in page, re.search("This app has a problem.{300}", page)
    eventually(lambda: problem in failures(visitor).get(("wild", "web"), ""))
    add(system, "wild", "fine")
    page = visitor.page("/apps/wild")
    assert 'id="own-view"' in page
    assert "This app has a problem" not in page
    eventually(lambda: ("wild", "web") not in failures(visitor))
    assert system.processes["web"].pid == before
    assert system.processes["web"].poll() is None


def test_a_tab_shows_a_failure_of_its_app_and_that_it_is_over(beside):
    system, _ = beside
    visitor = Visitor(system)
    add(system, "wild", "fine")

    async def look() -> None:
        page = await asyncio.to_thread(visitor.page, "/apps/wild")
        async with visitor.tab(page) as tab:
            await asyncio.to_thread(add, system, "wild", "exit")
            await tab.until(lambda frame: 'id="app-problem"' in frame and "SystemExit: 3" in frame)
            seen = len(tab.frames)
            await asyncio.to_thread(add, system, "wild", "fine")
            await asyncio.to_thread(visitor.page, "/apps/wild")
            await tab.until(
                lambda frame: frame in tab.frames[seen:] and re.search(r'id="app-problem"[^>]* hidden', frame)
            )

    run_in_main_thread(look())


def test_the_reason_of_a_read_that_failed_is_told_and_no_view_is_made_of_nothing(beside):
    system, _ = beside
    visitor = Visitor(system)

    add(system, "said", "fail")
    page = visitor.page("/apps/reads")
    assert "its hook <code>read</code> failed: ValueError: there is nothing to read" in page
    assert "AttributeError" not in page
    assert "own-view" not in page
    add(system, "said", "fine")
    page = visitor.page("/apps/reads")
    assert "2 in all" in page
    assert "This app has a problem" not in page
    eventually(lambda: ("reads", "web") not in failures(visitor))


def test_web_comes_back_without_the_app_in_which_it_died_twice_until_that_is_changed(beside):
    system, folder = beside
    add(system, "wild", "dies")

    def die() -> None:
        visitor = Visitor(system)
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            visitor.page("/apps/wild")
        assert system.processes.pop("web").wait(60) == -signal.SIGKILL

    die()
    system.start("web")
    die()
    system.start("web")
    page = Visitor(system).page("/apps/wild")
    assert "This app is broken" in page
    assert "the process web ended 2 times while its hook <code>view</code> was running" in page
    assert 'id="todo-form"' in Visitor(system).page("/apps/todo")
    system.stop("web")
    file = folder / "side_wild" / "web.py"
    file.write_text(file.read_text().replace('"dies"', '"is mended"'))
    shutil.rmtree(folder / "side_wild" / "__pycache__", ignore_errors=True)
    system.start("web")
    assert 'id="own-view"' in Visitor(system).page("/apps/wild")

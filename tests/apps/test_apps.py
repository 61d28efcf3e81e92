"""Apps: which declarations are allowed, which apps are found, and that a broken app is reported while the rest runs."""

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pluggy
import pytest

from apps.core import CHANGE, CORE, PROFILE
from apps.failures import Board
from apps.hookspecs import AgentHooks, hook
from apps.names import About
from apps.own.declaration import read
from apps.registry import App, Registry, load_apps
from apps.sentences import title_of
from apps.tables import BadValue, Field, Table
from bus.messages import AppFailed, ServiceAsked, StoreAnswer, StoreChanged, StoreOrder
from bus.wire import Envelope
from tests.support import installed_apps
from tests.support.command import pianola
from tests.support.http_client import Visitor
from tests.support.launched import Launched
from tests.support.local_store import Store, registry_of
from tests.support.system import ROOT, Guest, System, message_of, run_apart
from web.html.parts.fragments import html
from web.html.rows.rows import row_item
from web.state.app_list import AppList
from web.state.fields import beside_fields, plural
from web.state.own_app.begun import form_of
from web.state.own_app.declared import declaration_of

# --- declarations ---


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (lambda: Field("rowid"), "'rowid' cannot name a field: it is reserved"),
        (lambda: Field("table"), "'table' cannot name a field"),
        (lambda: Field("Title"), "'Title' cannot name a field. Expected a name of 1 to 40 letters"),
        (lambda: Field("a b"), "'a b' cannot name a field"),
        (lambda: Field('a"; drop table todo'), "cannot name a field"),
        (lambda: Field("é"), "'é' cannot name a field"),
        (lambda: Field("x" * 41), "cannot name a field"),
        (lambda: Field(""), "'' cannot name a field"),
        (lambda: Field(5), "5 cannot name a field"),
        (lambda: Field("a", "string"), "its type is 'string'. Expected one of: text, integer"),
        (lambda: Field("a", limit=0), "its limit is 0"),
        (lambda: Field("a", "integer", searched=True), "Only texts, tags and addresses can be searched"),
        (lambda: Field("a", "boolean", choices=("x",)), "Only a text can have choices"),
        (lambda: Field("a", choices=("x",), default="y"), "`a` is 'y'. Choose one of: x"),
        (lambda: Field("a", "integer", default="y"), "`a` is 'y' (str). Expected: a whole number"),
        (lambda: Table("Todo", (Field("a"),)), "'Todo' cannot name a table"),
        (lambda: Table("sqlite_x", (Field("a"),)), "'sqlite_x' cannot name a table"),
        (lambda: Table("todo_fts", (Field("a"),)), "_fts belongs to the names of indexes"),
        (lambda: Table("answered", (Field("a"),)), "'answered' cannot name a table: it is reserved"),
        (lambda: Table("t", ()), "its fields are (). Expected a tuple of at least one Field"),
        (lambda: Table("t", [Field("a")]), "Expected a tuple of at least one Field"),
        (lambda: Table("t", ("a",)), "Expected a tuple of at least one Field"),
        (lambda: Table("t", (Field("a"), Field("a"))), "it has two fields named 'a'"),
        (lambda: Table("t", (Field("position", "real"),)), "'position' is reserved: sortable=True gives `position`"),
        (lambda: Table("t", (Field("a", searched=True),), keyed=True), "a keyed table cannot be searched"),
        (lambda: Table("t", (Field("a"),), title="b"), "its title is 'b', which is no field of it. It has: a"),
        (lambda: Table("t", (Field("a", "boolean"),), title="a"), "its title is 'a', of the type boolean"),
    ],
)
def test_an_invalid_declaration_is_refused_with_the_reason(declare: Callable[[], object], sentence: str):
    with pytest.raises(BadValue) as raised:
        declare()

    assert sentence in str(raised.value)


def test_the_apps_that_ship_work():
    assert {name: app.problem for name, app in load_apps("agent", "web").apps.items() if app.problem} == {}


# --- finding apps ---


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Registry]]:
    """Load the shipped apps and these, as if pip had installed them."""

    def load_beside(**apps: Any) -> Registry:
        monkeypatch.syspath_prepend(installed_apps.install(tmp_path, **apps))
        return load_apps("agent", "web")

    yield load_beside
    for name in [name for name in sys.modules if name.startswith("side_")]:
        del sys.modules[name]


def store_file(table: str, more: str = "") -> dict[str, str]:
    """Return a `store.py` that declares one table."""
    return {
        "store": "from apps.hookspecs import hook\nfrom apps.tables import Field, Table\n"
        f"@hook\ndef tables():\n    return (Table({table!r}, (Field('title', required=True),)),)\n{more}"
    }


FAULTS = {
    "no_module": ({"store": "import a_module_that_there_is_not\n"}, "No module named 'a_module_that_there_is_not'"),
    "no_python": ({"store": "def (:\n"}, "SyntaxError"),
    "leaves": ({"store": "import sys\nsys.exit(1)\n"}, "SystemExit: 1 (side_leaves/store.py, line 2)"),
    "fails": ({"store": "x = 1\nassert x == 2, 'a mistake'\n"}, "a mistake (side_fails/store.py, line 2)"),
    "empty": ({"store": ""}, "its hook `tables` returns None. Expected a list of at least one Table"),
    "misspelt": ({"store": store_file("a")["store"].replace("def tables", "def table")}, "table"),
    "arguments": ({"store": store_file("a")["store"].replace("tables()", "tables(what)")}, "what"),
    "no_table": ({"store": store_file("a")["store"].replace("Table('a', ", "str(")}, "Expected a list of at least one"),
    "bad_field": ({"store": store_file("a")["store"].replace("title", "oid")}, "'oid' cannot name a field"),
    "twin": (store_file("todo"), "its table todo is named like one of the app todo"),
    "core_twin": (store_file("message"), "its table message is named like one of the core"),
    "no_name": (store_file("b", "@hook\ndef migrations():\n    return [lambda upgrade: None]\n"), "a name of its own"),
    "bad_agent": (
        store_file("c") | {"agent": "1 / 0\n"},
        "ZeroDivisionError: division by zero (side_bad_agent/agent.py",
    ),
    "bad_web": (store_file("d") | {"web": "from web import rows_of\n"}, "ImportError"),
    "nameless": (
        store_file("n", "@hook\ndef about():\n    return 'Nameless'\n"),
        "returns 'Nameless'. Expected an About",
    ),
    "web": (store_file("e"), "'web' cannot name an app: it is reserved"),
    "class": (store_file("f"), "'class' cannot name an app: it is reserved. Choose another name, for example my_class"),
    "My-App": (store_file("g"), "'My-App' cannot name an app"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_app_is_kept_with_its_reason_and_the_others_work(beside, name: str):
    files, sentence = FAULTS[name]

    registry = beside(**{name: files}, sound_one=store_file("sound_table"))

    assert sentence in registry.apps[name].problem
    assert registry.apps[name].tables == ()
    assert set(registry.sound) == {"sound_one", *load_apps().sound} - {name}
    assert registry.tables["todo"] is load_apps().tables["todo"]


def test_the_second_of_two_apps_with_the_same_name_is_left_out_and_both_are_named(beside):
    registry = beside(todo=store_file("something"))

    left_out = registry.apps["todo (side-todo)"]
    assert registry.apps["todo"].problem == ""
    assert left_out.problem == (
        "the name 'todo' is that of another app, which ships with Pianola. Rename one of them, or uninstall it."
    )
    assert "something" not in registry.tables


ABOUT = """
from apps.names import About

@hook
def about():
    return About("Livres & films", "📚", place=-1)
"""


def test_an_app_says_how_it_is_called_and_where_it_stands(beside):
    board = Board(cast("Any", SimpleNamespace(hear=lambda *_heard: None)), lambda: None)
    apps = AppList(beside(books=store_file("book", ABOUT), zoo=store_file("animal")), board, "web")

    assert apps.title("books") == "📚 Livres & films"
    assert apps.title("zoo") == "Zoo"
    assert [*apps.problems][:1] + [*apps.problems][-1:] == ["books", "zoo"]


@pytest.mark.parametrize(("icon", "place"), [("x" * 21, 0), ("\n", 0), (5, 0), ("", "first")])
def test_an_icon_or_a_place_that_cannot_be_shown_is_refused(icon: Any, place: Any):
    with pytest.raises(ValueError, match="Expected a"):
        About("Books", icon, place)


def test_any_field_can_be_the_title_of_a_row():
    fields = (Field("note", required=True), Field("day", "date"), Field("count", "integer"))
    row = {"id": 3, "note": "rain", "day": "2026-11-27", "count": 7}

    assert title_of(row, Table("diary", fields)) == "rain"
    diary = Table("diary", fields, title="day", plural="diaries")
    assert (title_of(row, diary), plural(diary)) == ("27 Nov 2026", "diaries")
    assert title_of(row | {"day": None}, diary) == "rain"
    assert [one.name for one in beside_fields(diary)] == ["note", "count"]
    assert "27 Nov 2026</span>" in html(row_item(diary, row))


def test_a_declared_table_names_its_title_by_the_label_of_the_field():
    table = {
        "label": "a diary",
        "plural": "diaries",
        "title": "Tag",
        "fields": [{"label": "Text"}, {"label": "Tag", "type": "date"}],
    }
    declared = read({"label": "Diary", "tables": [table]})

    assert (declared.tables[0].title, declared.tables[0].plural) == ("tag", "diaries")
    assert declared.json["tables"][0]["title"] == "tag"
    form = form_of({"id": 1, "declaration": declared.json})
    without = replace(form, tables=(replace(form.tables[0], fields=form.tables[0].fields[:1]),))
    assert "title" in declaration_of(form, declared.json)["tables"][0]
    assert "title" not in declaration_of(without, declared.json)["tables"][0]


def test_an_app_may_show_a_table_of_the_core_but_not_declare_one_like_it():
    registry = Registry()
    registry.add(App("people", (PROFILE,)))
    registry.add(App("past", (CHANGE,)))
    registry.add(App("thief", (Table("profile", PROFILE.fields, label="a profile"),)))

    assert list(registry.sound) == ["people", "past"]
    assert "named like one of the core" in registry.apps["thief"].problem
    registry.leave_out(registry.apps["people"], "it failed")
    assert set(registry.tables) == {table.name for table in CORE}


# --- hooks at run time ---


class Answering:
    """An app whose hook returns what the test chooses."""

    def __init__(self, said: Any) -> None:
        self.said = said

    @hook
    def prompt(self) -> Any:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


@pytest.mark.parametrize(
    ("said", "heard", "problem"),
    [
        ("text", "text", ""),
        (None, "otherwise", ""),
        (5, "otherwise", "its hook `prompt` failed: TypeError: it returned 5, not str"),
        (ValueError("no"), "otherwise", "its hook `prompt` failed: ValueError: no"),
    ],
)
def test_a_hook_that_fails_is_ignored_and_reported(said: Any, heard: str, problem: str):
    manager = pluggy.PluginManager("pianola")
    manager.add_hookspecs(AgentHooks)
    manager.register(Answering(said))
    told: list[str] = []
    app = App("one", hooks=manager.hook, on_failure=lambda _app, sentence: told.append(sentence))

    assert app.call("prompt", str, "otherwise") == heard
    assert [sentence.split(" (")[0] for sentence in told] == ([problem] if problem else [])


# --- an app that the store leaves out ---


def test_an_app_whose_tables_the_store_cannot_keep_is_left_out_by_all_until_it_can(tmp_path: Path):
    path = installed_apps.install(tmp_path, books=installed_apps.BOOKS)
    with System({"PYTHONPATH": path}) as system:
        other = Store(system.settings.database, registry_of(Table("book", (Field("title"), Field("lent")))))
        other.order("update", "setting", "app", values={"value": "books"})
        other.connection.close()
        system.start("broker", "store", "llm_worker", "agent", "web")
        visitor = Visitor(system)

        async def while_broken(guest: Guest) -> None:
            guest.bus.say(ServiceAsked())
            said = await guest.until(message_of(AppFailed, app="books", process="store"))
            assert "`book.lent` is text in the database and declared as boolean" in said.message.problem
            await until(lambda: visitor.ask("/")[0] == 200)
            await until(lambda: "`book.lent` is text" in visitor.ask("/apps/books")[2].replace("<code>", "`"))
            assert visitor.ask("/apps/journal")[0] == 200
            assert "journal" not in {one["app"] for one in json.loads(visitor.ask("/healthz")[2])["apps"]}
            values = {"conversation": 1, "role": "user", "text": "hello"}
            await guest.bus.ask(StoreOrder(verb="insert", table="message", values=values), "message")
            await guest.until(answered)

        system.visit(while_broken)
        system.stop("store")
        with sqlite3.connect(system.settings.database) as connection:
            connection.execute("drop table book")
        connection.close()
        system.start("store")

        async def when_mended(guest: Guest) -> None:
            await until(lambda: "book-form" in visitor.ask("/apps/books")[2])
            assert json.loads(visitor.ask("/healthz")[2])["apps"] == []
            answer = await guest.bus.ask(StoreOrder(verb="insert", table="book", values={"title": "Emma"}), "book")
            assert answer.message.ok

        system.visit(when_mended)


def answered(heard: Envelope) -> bool:
    """Return whether a message says that the assistant has finished an answer."""
    fact = heard.message
    return isinstance(fact, StoreChanged) and fact.row.get("role") == "assistant" and fact.row.get("state") == "done"


async def until(holds: Callable[[], bool]) -> None:
    """Ask the page again until it shows what it should."""
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 (a page sends no event)
            await asyncio.sleep(0.05)


# --- the whole system, with an app installed by pip and some broken apps ---


def pip(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def build_and_install(folder: Path, name: str) -> Path:
    """Create a new app, build and install its wheel; return the folder where it was installed."""
    started = [sys.executable, "-m", "services.cli.main", "new-app", name, "--package"]
    subprocess.run(started, cwd=folder, env={"PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    pip("wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(folder), str(folder / name))
    (wheel,) = folder.glob(f"pianola_{name}-*.whl")
    target = folder / "installed"
    pip("install", "--no-deps", "--no-index", "--target", str(target), str(wheel))
    return target


MOODY = store_file("mood") | {
    "agent": "from apps.hookspecs import hook\n\n@hook\ndef worth_a_comment(fact):\n    return fact.row['colour']\n",
    "web": installed_apps.MOODY["web"],
}


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    folder = tmp_path_factory.mktemp("apps")
    target = build_and_install(folder, "reading")
    broken = {name: FAULTS[name][0] for name in ("no_module", "leaves", "twin", "bad_agent")}
    beside = installed_apps.install(folder / "beside", **broken, moody=MOODY)
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", f"{target}:{beside}")
    with patch.context(), Launched() as launched:
        yield launched
    patch.undo()


def visit(launched: Launched, work: Callable[[Guest], Awaitable[Any]]) -> Any:
    """Run a coroutine function with a guest on the bus."""

    async def stay() -> Any:
        guest = Guest("guest", launched.settings)
        guest.bus.connect()
        try:
            await guest.bus.greet(60)
            return await work(guest)
        finally:
            guest.bus.close()

    return run_apart(stay())


def ask(launched: Launched, **order: Any) -> StoreAnswer:
    async def work(guest: Guest) -> StoreAnswer:
        return (await guest.bus.ask(StoreOrder(**order), order["table"])).message

    answer = visit(launched, work)
    assert answer.ok, answer.error
    return answer


def test_an_app_installed_by_pip_is_stored_searched_undone_and_shown(launched: Launched):
    inserted = ask(launched, verb="insert", table="reading", values={"title": "Middlemarch"})
    found = ask(launched, verb="search", table="", values={"text": "middle"})

    assert [row["_table"] for row in found.rows] == ["reading"]
    assert "Middlemarch" in Visitor(launched).page("/apps/reading")
    ask(launched, verb="undo", table="reading", values={"change": inserted.changes[0]})
    assert ask(launched, verb="list", table="reading").total == 0


def test_each_process_says_which_apps_it_left_out(launched: Launched):
    async def work(guest: Guest) -> None:
        guest.bus.say(ServiceAsked())
        for process in ("store", "agent", "web"):
            for app in ("no_module", "leaves", "twin"):
                said = await guest.until(message_of(AppFailed, app=app, process=process))
                assert FAULTS[app][1] in said.message.problem
                assert said.key == app
        await guest.until(message_of(AppFailed, app="bad_agent", process="agent"))

    visit(launched, work)


def test_a_hook_that_raises_is_reported_and_everything_else_goes_on(launched: Launched):
    async def work(guest: Guest) -> None:
        order = StoreOrder(verb="insert", table="mood", values={"title": "blue"})
        assert (await guest.bus.ask(order, "mood")).message.ok
        said = await guest.until(message_of(AppFailed, app="moody", process="agent"))
        assert (
            "its hook `worth_a_comment` failed: KeyError: 'colour' (side_moody/agent.py, line 5)"
            in said.message.problem
        )
        page = await asyncio.to_thread(Visitor(launched).page, "/apps/moody")
        assert "blue" in page, "the generated view takes the place of the app's own"
        said = await guest.until(message_of(AppFailed, app="moody", process="web"))
        assert "its hook `view` failed: RuntimeError: not today" in said.message.problem

    visit(launched, work)


def status(launched: Launched, *words: str) -> str:
    done = pianola(launched, "status", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_status_names_the_broken_apps_with_their_reasons(launched: Launched):
    told = {(one["app"], one["process"]): one["problem"] for one in json.loads(status(launched, "--json"))["apps"]}

    assert {("no_module", "store"), ("twin", "web"), ("bad_agent", "agent")} <= set(told)
    assert not {app for app, _ in told} & {"todo", "reading"}
    printed = status(launched)
    assert "app      no_module is broken (says agent, store, web): ModuleNotFoundError" in printed
    assert "app      bad_agent is broken (says agent): ZeroDivisionError" in printed


def test_what_is_printed_at_the_start_names_the_broken_apps(launched: Launched):
    printed = launched.wait_printed("Stop     ")

    assert re.search(r"Apps     .*no_module.*: left out because of an error \(`pianola status` says which\)", printed)
    assert "todo" not in printed.partition("Apps     ")[2].partition(":")[0]


def test_a_row_that_was_deleted_for_good_is_a_fact_that_fits():
    registry = Registry()
    erased = {"verb": "erase", "id": 1, "row": {}, "before": {"id": 1}, "actor": "user", "revision": 9}

    assert registry.fits(StoreChanged(table=PROFILE.name, **erased))
    assert not registry.fits(StoreChanged(table="unknown", **erased))

"""Export and import of tables as CSV and JSON, with real processes; also when these are killed."""

import asyncio
import csv
import io
import json
import signal
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, expect

from bus.messages import StoreChanged, StoreOrder
from tests.support.axe import violations
from tests.support.browser import Chromium
from tests.support.browser import Tab as BrowserTab
from tests.support.http_client import Tab, Visitor
from tests.support.system import Guest, System, run_apart
from web.files.importer import MOST_ROWS_OF_BLOCK
from web.state.limits import LARGEST_FILE_BYTES

FORMULAS = ["=cmd|'/C calc'!A0", "+1", "-2", "@SUM(1)", "\t=1", "'=quoted", "plain", "zwei\nZeilen; „so“", '🎹, "x"']
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
MANY = 2 * MOST_ROWS_OF_BLOCK + 300
"""Rows of an import that takes three blocks."""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture
def visitor(system: System) -> Visitor:
    return Visitor(system)


@pytest.fixture
def alone() -> Iterator[System]:
    """A system for one test only, which may kill its processes."""
    with System() as made:
        made.start("broker", "store", "web")
        yield made


def upload(visitor: Visitor, data: bytes | str, table: str = "todo", file: str = "list.csv") -> tuple[int, str]:
    """Upload a file as the page does. Return the status and the text of the answer."""
    body = data.encode() if isinstance(data, str) else data
    headers = {"Origin": f"http://{visitor.host}", "Content-Type": "application/octet-stream"}
    status, _, answer = visitor.ask(f"/import/{table}?file={quote(file)}", method="POST", headers=headers, body=body)
    return status, answer


async def rows(guest: Guest, table: str = "todo", **where: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more = True
    while more:
        order = StoreOrder(verb="list", table=table, where=where, sort="id", limit=1000, offset=len(found))
        answer = (await guest.bus.ask(order, table)).message
        assert answer.ok, answer.error
        found, more = found + answer.rows, answer.more
    return found


async def until_state(guest: Guest, key: int, *states: str) -> dict[str, Any]:
    """Wait until an import is in one of these states. Return its row."""
    found = await rows(guest, "import", id=key)
    if found[0]["state"] in states:
        return found[0]
    heard = await guest.until(
        lambda heard: (
            isinstance(heard.message, StoreChanged)
            and (heard.message.table, heard.message.id) == ("import", key)
            and heard.message.row.get("state") in states
        ),
        seconds=60,
    )
    return heard.message.row


@asynccontextmanager
async def at_work(system: System):
    """Yield a guest on the bus and a tab of the page."""
    visitor = Visitor(system)
    async with system.guest() as guest, visitor.tab() as tab:
        yield guest, tab, visitor


async def begun(tab: Tab, visitor: Visitor, data: str | bytes, file: str = "list.csv", skip: str = "no") -> int:
    """Upload a file and start its import. Return the id of the import."""
    status, answer = await asyncio.to_thread(upload, visitor, data, "todo", file)
    assert status == 201, answer
    assert await tab.command("import-begin", **{"import": answer, "skip": skip}) == ""
    return int(answer)


def sheet(*titles: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([["title"], *([title] for title in titles)])
    return text.getvalue()


# --- export, and import of an export ---


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_an_import_of_an_export_gives_the_same_rows(alone: System, ending: str):
    async def work() -> None:
        async with at_work(alone) as (guest, tab, visitor):
            assert await tab.command("profile-create", name="Büro/1") == ""
            for number, title in enumerate(FORMULAS):
                values = {"title": title, "done": number % 2 == 0, "profile": 1 + number % 2}
                await guest.bus.ask(StoreOrder(verb="insert", table="todo", values=values), "todo")
            before = await rows(guest)
            status, headers, text = await asyncio.to_thread(visitor.ask, f"/export/todo.{ending}?profile=all")
            assert status == 200
            assert headers["content-type"].startswith(
                {"csv": "text/csv; charset=utf-8", "json": "application/json"}[ending]
            )
            assert headers["content-disposition"].startswith('attachment; filename="todo-2')
            assert headers["x-content-type-options"] == "nosniff"
            assert "default-src 'self'" in headers["content-security-policy"]
            key = await begun(tab, visitor, text, f"todo.{ending}")
            assert (await until_state(guest, key, "done"))["done"] == len(FORMULAS)
            after = (await rows(guest))[len(before) :]
            for one in (*before, *after):
                del one["id"], one["position"]
            for one in before:
                one["created"] = pytest.approx(one["created"], abs=2e-6, rel=0)  # a file has microseconds
            assert after == before

    run_apart(work())


def test_no_cell_of_an_export_is_a_formula(system: System, visitor: Visitor):
    async def work(guest: Guest) -> None:
        for title in FORMULAS:
            await guest.bus.ask(StoreOrder(verb="insert", table="todo", values={"title": title}), "todo")

    system.visit(work)
    _, _, text = visitor.ask("/export/todo.csv")

    found = [cell for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in line]
    assert "'=cmd|'/C calc'!A0" in found
    assert not [cell for cell in found if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell != "-2"]
    assert "-2" not in found


def test_an_export_has_the_profile_in_view_or_all_profiles(alone: System):
    async def work() -> None:
        async with at_work(alone) as (guest, tab, visitor):
            assert await tab.command("profile-create", name="Work") == ""
            for number in (1, 2):
                values = {"title": f"of {number}", "profile": number}
                await guest.bus.ask(StoreOrder(verb="insert", table="todo", values=values), "todo")
            assert await tab.command("set", key="profile", value="2") == ""
            in_view = json.loads((await asyncio.to_thread(visitor.ask, "/export/todo.json"))[2])
            everything = json.loads((await asyncio.to_thread(visitor.ask, "/export/todo.json?profile=all"))[2])
            assert [(row["title"], row["profile"]) for row in in_view] == [("of 2", "Work")]
            assert [(row["title"], row["profile"]) for row in everything] == [("of 1", "Me"), ("of 2", "Work")]

    run_apart(work())


def test_a_table_that_cannot_be_exported_or_imported_is_refused_with_a_reason(visitor: Visitor):
    assert visitor.ask("/export/sqlite_master.csv")[0] == 404
    assert visitor.ask("/export/setting.csv")[0] == 404
    for table in ("setting", "profile", "change", "nothing"):
        status, answer = upload(visitor, "name\nx\n", table)
        assert (status, "No app has a table" in answer) == (404, True)


# --- the preview ---


def test_a_preview_changes_nothing_and_says_what_is_wrong(system: System):
    async def work() -> None:
        async with at_work(system) as (guest, tab, visitor):
            before = await rows(guest)
            status, answer = await asyncio.to_thread(upload, visitor, "title,done\nmilk,true\n,no\nx,maybe\n")
            assert status == 201
            row = (await rows(guest, "import", id=int(answer)))[0]
            assert (row["state"], row["rows"], row["bad"]) == ("checked", 1, 2)
            assert [(one["line"], one["field"]) for one in row["detail"]["problems"]] == [(3, "title"), (4, "done")]
            refused = await tab.command("import-begin", **{"import": answer})
            assert "2 lines have problems" in refused
            assert await rows(guest) == before
            assert await tab.command("import-begin", **{"import": answer, "skip": "yes"}) == ""
            await until_state(guest, int(answer), "done")
            assert [row["title"] for row in (await rows(guest))[len(before) :]] == ["milk"]

    run_apart(work())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"title\ncaf\xe9\n", "Line 2 is not UTF-8"),
        (b"done\ntrue\n", "The column `title` is missing"),
        (b"title\n" + b"x" * 10_000_000, "Line 2 has more than"),
        (b"", "The file is empty"),
        (b'[{"title": NaN}]', "NaN is not a JSON number"),
        (b"title\n" + b"a\n" * 250_000, "more than 200,000 rows"),
    ],
)
def test_an_unreadable_file_is_refused_with_a_sentence_and_not_kept(
    system: System, visitor: Visitor, data: bytes, words: str
):
    folder = system.home / "imports"
    before = set(folder.glob("*"))

    status, answer = upload(visitor, data)

    assert (status, words in answer) == (422, True), answer
    assert set(folder.glob("*")) == before


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(visitor: Visitor):
    headers = {"Origin": f"http://{visitor.host}", "Content-Length": str(LARGEST_FILE_BYTES + 1)}

    status, _, answer = visitor.ask("/import/todo", method="POST", headers=headers, body=b"title\n")

    assert (status, "larger than 32 MB" in answer) == (413, True)


def test_a_number_that_no_field_holds_makes_a_problem_of_its_line(system: System, visitor: Visitor):
    data = f'[{{"title": "a", "created": 1765432109876}}, {{"title": "b", "created": {"9" * 400}}}, {{"title": "c"}}]'

    status, answer = upload(visitor, data, file="numbers.json")

    assert status == 201, answer
    row = system.visit(lambda guest: rows(guest, "import", id=int(answer)))[0]
    assert (row["rows"], [one["field"] for one in row["detail"]["problems"]]) == (1, ["created", "created"])


def test_uploads_are_private(system: System, visitor: Visitor):
    assert upload(visitor, "title\nmilk\n")[0] == 201

    assert (system.home / "imports").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (system.home / "imports").iterdir()} == {0o600}


# --- the import itself ---


def test_an_import_of_many_rows_runs_in_blocks_and_is_undone_as_a_whole(alone: System):
    titles = [f"row {number}" for number in range(MANY)]

    async def work() -> None:
        async with at_work(alone) as (guest, tab, visitor):
            key = await begun(tab, visitor, sheet(*titles))
            done = await until_state(guest, key, "done", "stopped")
            assert (done["state"], done["done"], done["blocks"], done["problem"]) == ("done", MANY, 3, "")
            found = await rows(guest)
            assert [row["title"] for row in sorted(found, key=lambda row: row["position"])] == titles
            await tab.command("update", table="todo", id=str(found[7]["id"]), title="changed since")
            assert "1 row of this import changed since" in await tab.command("import-undo", **{"import": key})
            change = (await rows(guest, "change", subject="todo", row=found[7]["id"], verb="update"))[0]
            assert await tab.command("undo", change=str(change["id"])) == ""
            assert await tab.command("import-undo", **{"import": str(key)}) == ""
            assert (await until_state(guest, key, "undone", "stopped"))["state"] == "undone"
            assert await rows(guest) == []

    run_apart(work())


@pytest.mark.parametrize("victim", ["web", "store"])
def test_an_import_survives_a_kill(alone: System, victim: str):
    titles = [f"row {number}" for number in range(MANY)]

    def first_block(heard: Any) -> bool:
        found = heard.message
        return isinstance(found, StoreChanged) and found.table == "import" and found.row.get("blocks") == 1

    async def begin() -> int:
        async with alone.guest() as guest:
            async with Visitor(alone).tab() as tab:
                key = await begun(tab, Visitor(alone), sheet(*titles))
                await guest.until(first_block)
                await asyncio.to_thread(alone.kill, victim, signal.SIGKILL)
            return key

    async def end(key: int) -> None:
        async with alone.guest() as guest:
            assert (await until_state(guest, key, "done", "stopped"))["state"] == "done"
            assert sorted(row["title"] for row in await rows(guest)) == sorted(titles)

    key = run_apart(begin())
    alone.start(victim)
    run_apart(end(key))


# --- in the page ---

MIXED = "title;done;colour\nTune the spinet;yes;black\n;yes;red\nBuy felt;maybe;blue\n"


def choose_file(tab: BrowserTab, data: bytes | str, name: str = "list.csv") -> None:
    body = data.encode() if isinstance(data, str) else data
    tab.page.set_input_files("#import-file", files=[{"name": name, "mimeType": "text/csv", "buffer": body}])


def open_import(tab: BrowserTab) -> None:
    tab.page.locator("#actions-menu > summary").click()
    tab.page.get_by_role("button", name="Import …").click()
    expect(tab.page.locator("#files")).to_be_visible()


def newest(tab: BrowserTab) -> Locator:
    return tab.page.locator("#imports .import").first


def test_a_file_is_previewed_imported_and_undone_in_the_page(system: System, chromium: Chromium):
    with chromium.visit(system) as tab:
        open_import(tab)
        choose_file(tab, MIXED, "mixed.csv")
        card = newest(tab)
        expect(card).to_contain_text("mixed.csv")
        expect(card).to_contain_text("1 row would be added")
        expect(card).to_contain_text("2 lines cannot be imported")
        expect(card.get_by_role("region", name="What is wrong").locator("tbody tr")).to_have_count(2)
        expect(card).to_contain_text("colour")
        tab.reload()
        open_import(tab)
        newest(tab).get_by_role("button", name="Import 1 good line only").click()
        expect(newest(tab)).to_have_attribute("data-state", "done")
        tab.page.keyboard.press("Escape")
        expect(tab.todo("Tune the spinet")).to_be_visible()
        other = tab.second()
        open_import(other)
        newest(other).get_by_role("button", name="Undo").click()
        expect(newest(other)).to_have_attribute("data-state", "undone")
        expect(tab.todo("Tune the spinet")).to_have_count(0)
        newest(other).get_by_role("button", name="Dismiss").click()
        expect(other.page.locator("#imports").get_by_text("mixed.csv")).to_have_count(0)


def test_the_page_says_why_a_file_is_unreadable(system: System, chromium: Chromium, tmp_path: Path):
    large = tmp_path / "large.csv"  # given by its path: to send 32 MB through Playwright takes more than a minute
    large.write_bytes(b"x" * (LARGEST_FILE_BYTES + 1))
    with chromium.visit(system) as tab:
        open_import(tab)
        choose_file(tab, "title\ncafé\n".encode("latin-1"))
        expect(tab.page.locator("#import-problem")).to_contain_text("Line 2 is not UTF-8")
        tab.page.set_input_files("#import-file", large)
        expect(tab.page.locator("#import-problem")).to_contain_text("At most 32 MB can be imported")
        tab.page.route("**/import/**", lambda route: route.fulfill(status=500, content_type="text/html", body="<p>x"))
        choose_file(tab, "title\nmilk\n")
        expect(tab.page.locator("#import-problem")).to_contain_text("The file was not taken: the answer has status 500")
        tab.errors[:] = [error for error in tab.errors if "500" not in error]
        assert [error for error in tab.errors if "422" not in error] == []
        tab.errors.clear()  # the browser logs the status 422


def test_a_table_is_downloaded_from_the_menu(system: System, chromium: Chromium):
    with chromium.visit(system) as tab:
        tab.add("Downloaded")
        expect(tab.todo("Downloaded")).to_be_visible()
        tab.page.locator("#actions-menu > summary").click()
        with tab.page.expect_download() as download:
            tab.page.get_by_role("link", name="Export as CSV").click()

        assert download.value.suggested_filename.startswith("todo-Me-")
        assert "Downloaded" in download.value.path().read_text()


def test_axe_finds_no_violation_in_the_import_dialog(system: System, chromium: Chromium):
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        open_import(tab)
        choose_file(tab, MIXED)
        expect(newest(tab)).to_have_attribute("data-state", "checked")
        assert violations(tab) == []
        newest(tab).get_by_role("button", name="Import 1 good line only").click()
        expect(newest(tab)).to_have_attribute("data-state", "done")
        assert violations(tab) == []

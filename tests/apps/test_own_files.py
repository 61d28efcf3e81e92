"""Files in the folder of own apps: what is saved is there at once, in every process, and what fails changes nothing."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bus.messages import JobRun, StoreChanged, StoreOrder
from bus.wire import Envelope
from tests.support.http_client import Visitor
from tests.support.system import ROOT, Guest, System

PLANTS = '''"""The plants of a home."""

from apps.hookspecs import hook
from apps.tables import Field, Table

PLANT = Table("plant", (Field("name", required=True, searched=True), Field("room")), label="a plant", sortable=True)


@hook
def tables():
    """Return the one table."""
    return (PLANT,)


@hook
def prompt():
    """Tell the assistant what the list is about."""
    return "The plants of a home."
'''

WATERED = PLANTS.replace('Field("room")', 'Field("room"), Field("days", "integer")')
TALL = (
    PLANTS.replace('Field("room")', 'Field("place")')
    + '''

@hook
def migrations():
    """Give the room another name."""
    return (room_is_a_place,)


def room_is_a_place(upgrade):
    upgrade.rename_field("plant", "room", "place")
'''
)


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "agent", "web", "jobs")
        yield made


@pytest.fixture(scope="module")
def visitor(system: System) -> Visitor:
    return Visitor(system)


def app(name: str, **fields: Any) -> Callable[[Envelope], bool]:
    """Return a test for the fact of an app whose row has these values."""

    def wanted(heard: Envelope) -> bool:
        fact = heard.message
        if not isinstance(fact, StoreChanged) or fact.table != "app":
            return False
        row = fact.row or fact.before
        return row["name"] == name and all(row[key] == value for key, value in fields.items())

    return wanted


async def shown(visitor: Visitor, path: str, text: str) -> str:
    """Return a page as soon as it has a text: the page hears of an app at the same time as the test."""
    return await asyncio.to_thread(visitor.wait_until_shown, path, text)


class Saved:
    """Saves files of apps, and waits for the fact that comes of it."""

    def __init__(self, guest: Guest, folder: Path) -> None:
        self.guest, self.folder = guest, folder

    async def save(self, path: str, text: str) -> StoreChanged:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        return await self._after(path.partition("/")[0].removesuffix(".py"), lambda: file.write_text(text))

    async def remove(self, path: str) -> StoreChanged:
        return await self._after(path.removesuffix(".py"), (self.folder / path).unlink)

    async def _after(self, name: str, change: Callable[[], object]) -> StoreChanged:
        known = len(self.guest.heard)
        change()
        fact: StoreChanged = (await self.guest.until(app(name), after=known)).message
        return fact

    async def order(self, verb: Any, table: str = "plant", **fields: Any) -> list[dict[str, Any]]:
        answer = (await self.guest.bus.ask(StoreOrder(verb=verb, table=table, **fields), table)).message
        assert answer.ok, answer.error
        rows: list[dict[str, Any]] = answer.rows
        return rows


def visit(system: System, work: Callable[[Saved], Any]) -> None:
    async def with_saved(guest: Guest) -> None:
        await work(Saved(guest, system.home / "apps"))

    system.visit(with_saved)


def test_a_file_is_an_app_while_everything_runs_and_a_mistake_leaves_the_last_good_version(
    system: System, visitor: Visitor
):
    async def work(saved: Saved) -> None:
        made = await saved.save("plants.py", PLANTS)
        assert (made.verb, made.actor, made.row["source"], made.row["problem"]) == ("insert", "system", "file", "")
        await saved.order("insert", values={"name": "Monstera", "room": "bath"})
        page = await shown(visitor, "/apps/plants", "Monstera")
        assert 'href="/apps/plants"' in page

        failed = await saved.save("plants.py", PLANTS.replace("\n\n\n@hook", "\n1 / 0\n\n\n@hook", 1))
        assert failed.row["version"] == made.row["version"]
        assert failed.row["problem"] == "ZeroDivisionError: division by zero (apps/plants.py, line 7)"
        page = await shown(visitor, "/apps/plants", "division by zero (apps/plants.py, line 7)")
        assert "Monstera" in page
        assert "the one before stands" in json.loads(visitor.ask("/healthz")[2])["apps"][0]["problem"]

        better = await saved.save("plants.py", WATERED)
        assert better.row["problem"] == ""
        (row,) = await saved.order("list")
        assert (row["name"], row["room"], row["days"]) == ("Monstera", "bath", 0)
        page = await shown(visitor, "/apps/plants", 'name="days"')
        assert "division by zero" not in page

        renamed = await saved.save("plants.py", TALL)
        assert renamed.row["problem"] == ""
        (row,) = await saved.order("list")
        assert row["place"] == "bath"
        assert len(list((system.home / "backups").glob("pianola-version*.db"))) == 1

    visit(system, work)


def test_a_file_that_is_removed_takes_its_app_away_and_keeps_the_rows(system: System, visitor: Visitor):
    async def work(saved: Saved) -> None:
        await saved.save("shelves.py", PLANTS.replace("plant", "shelf"))
        await saved.order("insert", "shelf", values={"name": "oak"})
        assert (await saved.remove("shelves.py")).verb == "delete"
        await shown(visitor, "/apps/shelves", "There is no app")

        await saved.save("shelves.py", PLANTS.replace("plant", "shelf"))
        assert [row["name"] for row in await saved.order("list", "shelf")] == ["oak"]

    visit(system, work)


def test_a_file_that_loops_is_ended_and_that_is_said(system: System, visitor: Visitor):
    async def work(saved: Saved) -> None:
        looping = await saved.save("endless.py", "import time\nwhile True:\n    time.sleep(0.01)\n")
        assert looping.row["problem"] == "it took longer than 5 s and was interrupted (apps/endless.py, line 3)"
        page = await shown(visitor, "/apps/endless", "This app is broken")
        assert "it took longer than 5 s" in page
        ended = await saved.save("ended.py", "import os\nos._exit(7)\n")
        assert ended.row["problem"] == "its process ended while it was loaded (exit code 7)."

    visit(system, work)


def test_a_folder_has_a_file_for_each_process(system: System, visitor: Visitor):
    async def work(saved: Saved) -> None:
        store = PLANTS.partition("\n\n@hook\ndef prompt")[0].replace("plant", "tool")
        web = "from fastcore.xml import P\nfrom apps.hookspecs import hook\nfrom .words import TITLE\n"
        view = "@hook\ndef view(view):\n    return P(TITLE)\n"
        (saved.folder / "tools").mkdir()
        (saved.folder / "tools" / "words.py").write_text('TITLE = "Hammer and tongs"\n')
        (saved.folder / "tools" / "web.py").write_text(web + view)
        await saved.save("tools/store.py", store)
        await shown(visitor, "/apps/tools", "Hammer and tongs")

        await saved.save("tools/words.py", 'TITLE = "Nails"\n')
        await shown(visitor, "/apps/tools", "Nails")

        broken = await saved.save("tools/web.py", f"{web}1 / 0\n{view}")
        assert broken.row["problem"].endswith("division by zero (apps/tools/web.py, line 4)")
        await shown(visitor, "/apps/tools", "Nails")

    visit(system, work)


def test_a_name_or_table_that_is_taken_is_refused_with_a_sentence(system: System):
    async def work(saved: Saved) -> None:
        taken = await saved.save("lists.py", PLANTS.replace("plant", "todo"))
        assert "its table todo is named like one of the app todo. Choose another name" in taken.row["problem"]
        assert "'My-App' cannot name an app" in (await saved.save("My-App.py", PLANTS)).row["problem"]
        taken = await saved.save("todo.py", PLANTS)
        assert "the name 'todo' is that of another app, which ships with Pianola" in taken.row["problem"]
        assert (await saved.remove("todo.py")).verb == "delete"

    visit(system, work)


def test_every_process_that_starts_again_has_the_own_apps_and_the_last_good_version(system: System, visitor: Visitor):
    async def work(saved: Saved) -> None:
        await saved.save("rocks.py", PLANTS.replace("plant", "rock"))
        await saved.order("insert", "rock", values={"name": "slate"})
        await saved.save("rocks.py", "def (:\n")

    visit(system, work)
    system.stop("store", "agent", "web")
    system.start("store", "agent", "web")
    visitor.wait_until_known(1)

    page = visitor.page("/apps/rocks")
    assert "slate" in page
    assert "SyntaxError" in page


COUNTING = """
from apps.work.declared import Job


@hook
def jobs():
    \"\"\"Return the one job.\"\"\"
    return (Job("count", "Count", (Field("most", "integer"),)),)


async def count(progress, most):
    \"\"\"Return all numbers up to the largest.\"\"\"
    return {"counted": list(range(most))}
"""


def is_end_of_job(heard: Envelope) -> bool:
    fact = heard.message
    return isinstance(fact, StoreChanged) and fact.table == "job" and fact.row.get("state") in ("done", "failed")


def test_a_job_of_a_file_runs_with_the_function_in_it(system: System):
    async def work(saved: Saved) -> None:
        made = await saved.save("counts.py", PLANTS.replace("plant", "number") + COUNTING)
        assert made.row["problem"] == ""
        run = JobRun(app="counts", job="count", arguments={"most": 3})
        answer = (await saved.guest.bus.ask(run, "counts")).message
        assert answer.ok, answer
        ended = await saved.guest.until(is_end_of_job)
        assert (ended.message.row["problem"], ended.message.row["result"]) == ("", {"counted": [0, 1, 2]})

    visit(system, work)


PAGE = (ROOT / "docs" / "apps.md").read_text()
TEN_LINES, MORE = re.findall(r"^```python\n(.*?)^```", PAGE.partition("## An app for others")[0], re.M | re.S)


def test_the_ten_lines_of_the_docs_are_an_app(system: System, visitor: Visitor):
    async def work(saved: Saved) -> None:
        assert len(TEN_LINES.splitlines()) <= 10
        made = await saved.save("balcony.py", TEN_LINES.replace('"plant"', '"pot"') + MORE)
        assert made.row["problem"] == ""
        await saved.order("insert", "pot", values={"name": "Basil"})
        await saved.order("update", "setting", id="app", values={"value": "balcony"})
        await shown(visitor, "/apps/balcony", "Basil")

    visit(system, work)


WALKS = dict(re.findall(r"^`(walks/\w+\.py)`:\n\n```python\n(.*?)^```", PAGE, re.M | re.S))


def test_the_page_of_its_own_in_the_docs_is_an_app_with_sums(system: System, visitor: Visitor):
    async def work(saved: Saved) -> None:
        assert list(WALKS) == ["walks/store.py", "walks/web.py"]
        (saved.folder / "walks").mkdir()
        (saved.folder / "walks" / "web.py").write_text(WALKS["walks/web.py"])
        assert (await saved.save("walks/store.py", WALKS["walks/store.py"])).row["problem"] == ""
        empty = await shown(visitor, "/apps/walks", "0 km in 0 walks")
        assert "Round the lake" in empty
        for place, km in (("Round the lake", 5.5), ("Up the hill", 3)):
            await saved.order("insert", "walk", values={"place": place, "km": km})
        page = await shown(visitor, "/apps/walks", "8.5 km in 2 walks")
        assert "🥾 Walks" in page
        assert page.index("5.5 km") < page.index("3 km")
        assert page.count("<rect") == 2
        assert "has a problem: " not in page

    visit(system, work)


@pytest.mark.parametrize("name", ["expenses", "habits", "people"])
def test_an_example_is_an_app_of_less_than_60_lines(system: System, visitor: Visitor, name: str):
    text = (ROOT / "examples" / "apps" / f"{name}.py").read_text()
    rows = {
        "expenses": ("expense", {"what": "bread", "price": "3.50 EUR", "kind": "food"}, "food: 3.50 EUR"),
        "habits": ("habit", {"name": "stretch", "today": True}, "stretch"),
        "people": ("person", {"name": "Ada"}, "Ada"),
    }

    async def work(saved: Saved) -> None:
        assert len(text.splitlines()) < 60
        assert (await saved.save(f"{name}.py", text)).row["problem"] == ""
        empty = await shown(visitor, f"/apps/{name}", 'id="app"')
        assert "has a problem: " not in empty
        table, values, word = rows[name]
        await saved.order("insert", table, values=values)
        page = await shown(visitor, f"/apps/{name}", word)
        assert "has a problem: " not in page

    visit(system, work)


def pianola(system: System, *words: str) -> str:
    command = [sys.executable, "-m", "services.cli.main", *words]
    environment = system.environment | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=system.home, env=environment, capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}({done.returncode})"


def test_the_command_line_makes_hides_and_removes_apps(system: System, visitor: Visitor):
    file = system.home / "apps" / "stones.py"

    async def work(saved: Saved) -> None:
        known = len(saved.guest.heard)
        assert f"The app stones is {file}." in await asyncio.to_thread(pianola, system, "new-app", "stones")
        await saved.guest.until(app("stones", problem=""), after=known)
        assert "is there already" in await asyncio.to_thread(pianola, system, "new-app", "stones")
        await saved.order("insert", "stones", values={"title": "granite"})

        assert "stones is hidden" in await asyncio.to_thread(pianola, system, "app", "disable", "stones")
        await saved.guest.until(app("stones", enabled=False), after=known)
        await shown(visitor, "/apps/stones", "There is no app")
        assert re.search(r"stones +file +hidden", await asyncio.to_thread(pianola, system, "app", "list"))
        assert "in the page again" in await asyncio.to_thread(pianola, system, "app", "enable", "stones")
        await shown(visitor, "/apps/stones", "granite")

        known = len(saved.guest.heard)
        said = await asyncio.to_thread(pianola, system, "app", "remove", "stones")
        assert str(system.home / "apps" / ".removed" / "stones.py") in said
        await saved.guest.until(app("stones"), after=known)
        assert "no app of your own named 'stones'" in await asyncio.to_thread(
            pianola, system, "app", "remove", "stones"
        )

    visit(system, work)

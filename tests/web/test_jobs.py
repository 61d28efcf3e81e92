"""Jobs in the page, without a browser: how far one is in words, what a form may ask for, and what tabs are sent."""

import asyncio
import functools
import json
import operator
import stat
from collections.abc import Awaitable, Callable, Iterator

import pytest

from apps.core import JOB
from apps.tables import BadValue, Field, Row
from apps.work import made_files
from apps.work.declared import Job
from apps.work.words import remaining_seconds, remaining_words, result_words
from bus.messages import JobCancel, JobProgressed, JobRun, ServiceAsked, StoreOrder
from bus.store_client import ask_store
from bus.wire import Envelope
from tests.support.browser import EVERYTHING
from tests.support.http_client import Tab, Visitor
from tests.support.installed_apps import BOOKS, install
from tests.support.system import Guest, System, run_apart
from web.commands.jobs.log import MOST_BYTES, MOST_LINES, last_lines
from web.html.jobs.card import draw_progress, job_card
from web.html.jobs.ending import ending
from web.html.jobs.run_form import run_form
from web.html.parts.fragments import html
from web.live.outbox import LONGEST_QUEUE, Frame, Outbox
from web.state.jobs.running import Latest, RunningJobs

SECRET = "sk-only-in-its-file-1"

# --- in words ---


@pytest.mark.parametrize(
    ("samples", "total", "seconds"),
    [
        ([], 10, None),
        ([(0.0, 1)], 10, None),
        ([(0.0, 1), (0.5, 5)], 10, None),  # too short to say
        ([(0.0, 1), (5.0, 1)], 10, None),  # it does not move
        ([(0.0, 1), (5.0, 6)], 0, None),  # nobody knows how much there is
        ([(0.0, 1), (5.0, 6)], 16, 10.0),
        ([(0.0, 1), (5.0, 20)], 16, 0.0),
    ],
)
def test_the_remaining_time_follows_the_pace(samples, total, seconds):
    assert remaining_seconds(samples, total) == seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "a few seconds left"),
        (23.0, "about 25 seconds left"),
        (59.0, "about 1 minute left"),
        (60.0, "about 1 minute left"),
        (200.0, "about 3 minutes left"),
        (3_590.0, "about 1 hour left"),
        (9_000.0, "about 2 hours left"),
        (86_300.0, "about 1 day left"),
        (400_000.0, "about 5 days left"),
    ],
)
def test_the_remaining_time_is_told_in_words(seconds, words):
    assert remaining_words(seconds) == words


def test_a_result_is_told_in_words():
    result = {"pages_found": 2000, "complete": True, "host": "example.test", "codes": {"200": 3}}

    assert result_words(result) == [
        ("Pages found", "2,000"),
        ("Complete", "yes"),
        ("Host", "example.test"),
        ("Codes", '{"200": 3}'),
    ]
    assert result_words(None) == []


def test_the_pace_begins_again_when_a_job_goes_on_from_an_earlier_checkpoint():
    running = RunningJobs()
    for at, done in enumerate((10, 20, 30)):
        running.take(told(7, done, 100), float(at))
    latest = running.known(7)
    assert latest is not None
    assert latest.remaining_seconds == 7.0

    running.take(told(7, 12, 100), 4.0)

    assert latest.remaining_seconds is None


def test_only_a_running_job_is_kept_and_only_so_many():
    running = RunningJobs()
    for job in range(1, 300):
        running.take(told(job, 1, 2), 0.0)
    running.take(told(299, 2, 2, state="done"), 1.0)

    assert running.known(1) is None
    assert running.known(299) is None
    assert running.known(298) is not None
    assert running.take(JobProgressed(job="../x", done=0, total=0, state="running"), 0.0) is None


def told(job: int, done: int, total: int, state: str = "running", note: str = "") -> JobProgressed:
    return JobProgressed(job=str(job), done=done, total=total, state=state, note=note)


# --- as HTML ---


def row_of(**values: object) -> Row:
    row = {name: one.empty for name, one in JOB.all_fields.items()}
    return {**row, "id": 3, "title": "Crawl <b>", "app": "links", "job": "crawl", "created": 1.0, **values}


BUTTONS = {
    "waiting": ["job-pause", "job-cancel", "job-log"],
    "running": ["job-pause", "job-cancel", "job-log"],
    "paused": ["job-again", "job-cancel", "job-log", "job-delete"],
    "done": ["job-undo", "job-log", "job-delete"],
    "failed": ["job-again", "job-log", "job-delete"],
    "cancelled": ["job-again", "job-log", "job-delete"],
}


@pytest.mark.parametrize("state", BUTTONS)
def test_a_job_offers_what_its_state_allows(state):
    row = row_of(state=state, changes=[4, 5] if state == "done" else [])

    drawn = html(job_card(row, Latest(3, 10, ""), resumes=True))

    assert [do for do in functools.reduce(operator.iadd, BUTTONS.values(), []) if f'id="{do}-3"' in drawn] == [
        do for do in functools.reduce(operator.iadd, BUTTONS.values(), []) if do in BUTTONS[state]
    ]
    assert "job-pause" not in html(job_card(row, Latest(3, 10, ""), resumes=False))
    assert "<b>" not in drawn


def test_a_job_that_is_over_offers_the_files_that_it_made():
    files = [{"name": "edges.csv", "bytes": 2_400_000}]

    drawn = {one: html(job_card(row_of(state=one, files=files), Latest(3, 3, ""), resumes=True)) for one in BUTTONS}

    assert '<a href="/jobs/3/edges.csv" download>edges.csv</a> (2 MB)' in drawn["done"]
    assert {one for one, card in drawn.items() if "edges.csv" in card} == {"paused", "done", "failed", "cancelled"}


def test_only_plain_files_with_harmless_names_are_offered(tmp_path):
    folder = tmp_path / made_files.FOLDER
    folder.mkdir()
    for name in ("b.csv", "a.csv.gz", "page.html", ".hidden.csv", "x.csv.part"):
        (folder / name).write_text("12")
    (folder / "link.txt").symlink_to("/etc/passwd")

    assert made_files.made_files(tmp_path) == [{"name": "a.csv.gz", "bytes": 2}, {"name": "b.csv", "bytes": 2}]
    assert made_files.made_files(tmp_path / "nothing") == []


def test_what_was_undone_has_no_button_to_undo_it_but_words():
    drawn = html(job_card(row_of(state="done", changes=[4], undone=True), Latest(3, 3, ""), resumes=False))

    assert "job-undo" not in drawn
    assert "what it made was undone" in drawn


def test_a_bar_has_a_name_and_does_not_move_for_ever_when_the_total_is_unknown():
    running, failed = row_of(state="running"), row_of(state="failed")

    assert 'aria-label="Progress of Crawl &lt;b&gt;"' in html(job_card(running, Latest(3, 0, ""), resumes=True))
    assert 'value="' not in html(job_card(running, Latest(3, 0, ""), resumes=True)).partition("</progress>")[0]
    assert 'value="0"' in html(job_card(failed, Latest(3, 0, ""), resumes=True))
    assert "<progress" not in html(job_card(row_of(state="done"), Latest(3, 3, ""), resumes=True))


def test_progress_is_one_short_frame_whatever_the_note_holds():
    assert draw_progress({3: Latest(12, 10, "a\nb\n" + "x" * 5_000), 4: Latest(7, 0, "")}) == (
        f"#3\n10 10\n12 of 10 · 100 % · a b {'x' * 296}…\n4\n7 0\n7"
    )


def test_a_slow_browser_gets_only_the_newest_progress():
    outbox = Outbox(lambda: None, lambda: False)
    for done in range(LONGEST_QUEUE * 2):
        outbox.push(Frame(f"#3\n{done} 900\n", "app", key="progress"))
    outbox.push(Frame("+1\ntoken", "chat"))

    assert [frame.text for frame in outbox.queue] == [f"#3\n{LONGEST_QUEUE * 2 - 1} 900\n", "+1\ntoken"]
    assert outbox.stale == {}


def test_the_end_of_a_job_is_a_sentence():
    assert ending(row_of(state="done")) == "“Crawl <b>” is done."
    assert ending(row_of(state="failed")) == "“Crawl <b>” has failed."
    assert ending(row_of(state="cancelled")) == "“Crawl <b>” was cancelled."


def test_a_form_has_an_input_for_each_field():
    fields = (
        Field("start", required=True),
        Field("depth", "integer", default=3),
        Field("same_host", "boolean", default=True),
        Field("notes", limit=5_000),
        Field("more", "json"),
    )
    drawn = html(run_form("links", Job("crawl", "Crawl a site", fields, limits={"depth": (1, 9)})))

    assert 'name="start"' in drawn
    assert "required" in drawn
    depth = next(tag for tag in drawn.split("<") if 'name="depth"' in tag)
    assert 'value="3"' in depth
    assert 'min="1"' in depth
    assert 'max="9"' in depth
    assert "<option selected>yes</option><option>no</option>" in drawn
    assert "<textarea" in drawn
    assert 'name="notes"' in drawn
    assert ">null</textarea>" in drawn


@pytest.mark.parametrize("limits", [{"depth": (1, 9)}, {}])
def test_a_job_refuses_names_that_the_form_needs_and_limits_of_nothing(limits):
    with pytest.raises(BadValue, match="cannot be declared so"):
        Job("crawl", "Crawl", (Field("x") if limits else Field("app"),), limits=limits)


# --- the log ---


def test_only_the_end_of_a_long_log_is_read(tmp_path):
    assert last_lines(tmp_path) == ""
    (tmp_path / "log.txt").write_bytes(b"\xff" + b"".join(b"line %d\n" % number for number in range(100_000)))

    read = last_lines(tmp_path)

    assert len(read.splitlines()) == MOST_LINES
    assert read.endswith("line 99999")
    (tmp_path / "log.txt").write_bytes(b"x" * (MOST_BYTES * 2))
    assert last_lines(tmp_path) == ""  # one line that began long ago


# --- in processes ---


SHELF = {
    "store": BOOKS["store"]
    + """
from apps.work.declared import Job


@hook
def jobs():
    return (Job("fill", "Fill the shelf", (Field("books", "integer"),)),)
""",
    "jobs": """
from apps.work.progress import Result


async def fill(progress, books):
    return Result({"books": books}, [{"table": "book", "values": {"title": f"Book {n}"}} for n in range(books)])
""",
}
"""An app whose job makes rows."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = install(tmp_path_factory.mktemp("apps"), shelf=SHELF)
    with System({"PYTHONPATH": folder}) as system:
        system.start(*(name for name in EVERYTHING if name not in ("agent", "llm_worker")), "jobs")
        yield system


def play(system: System, work: Callable[[Tab], Awaitable[None]], app: str = "simulator") -> None:
    """Run a coroutine function with a tab that shows the simulator, or another app."""

    async def visit() -> None:
        visitor = await asyncio.to_thread(Visitor, system)
        page = await asyncio.to_thread(visitor.page, f"/apps/{app}")
        async with visitor.tab(page) as tab:
            await work(tab)

    run_apart(visit())


async def simulate(tab: Tab, scenario: str, chunks: object, nonce: str = "") -> str:
    values = {"app": "simulator", "job": "simulate", "scenario": scenario, "chunks": chunks}
    return await tab.command("job-run", nonce=nonce, **values)


def jobs_of(system: System) -> list[Row]:
    return listed(system, "job")


def listed(system: System, table: str, **where: object) -> list[Row]:
    async def ask(guest: Guest) -> list[Row]:
        return (await ask_store(guest.bus, StoreOrder(verb="list", table=table, where=where))).rows

    return system.visit(ask)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"chunks": "many"}, "`chunks` is 'many'. Expected: a whole number."),
        ({"chunks": "-5"}, "`chunks` is -5. Expected a number from 1 to 100,000."),
        ({"chunks": "10000000"}, "`chunks` is 10,000,000. Expected a number from 1 to 100,000."),
        ({"chunks": ""}, "`chunks` is ''. Expected: a whole number."),
        ({"scenario": "wild"}, "`scenario` is 'wild'. Choose one of: fast, slow"),
        ({"job": "sleep"}, "The app 'simulator' has no job 'sleep' (any more). Reload the page."),
        ({"app": "nothing"}, "The app 'nothing' has no job 'simulate' (any more). Reload the page."),
        ({"app": 5}, "`app` of the command job-run is 5. Expected a text."),
    ],
)
def test_bad_values_of_a_form_are_refused_before_anything_starts(system, values, sentence):
    async def work(tab: Tab) -> None:
        sent = {"app": "simulator", "job": "simulate", "scenario": "fast", "chunks": "3"} | values
        assert (await tab.command("job-run", **sent)).startswith(sentence)

    before = len(jobs_of(system))
    play(system, work)
    assert len(jobs_of(system)) == before


@pytest.mark.parametrize("do", ["job-cancel", "job-pause", "job-again", "job-undo", "job-delete", "job-log"])
@pytest.mark.parametrize(("job", "words"), [("999", "no job 999"), ("x", "Expected"), (None, "Expected")])
def test_a_command_about_a_job_that_does_not_exist_is_a_sentence(system, do, job, words):
    async def work(tab: Tab) -> None:
        assert words in await tab.command(do, job=job)

    play(system, work)


def test_the_same_click_sent_twice_runs_one_job(system):
    before = len(jobs_of(system))

    async def work(tab: Tab) -> None:
        nonce = "the-same-click"
        assert await asyncio.gather(*(simulate(tab, "fast", "2", nonce) for _ in range(2))) == ["", ""]
        await tab.until(lambda frame: frame.startswith("@"))

    play(system, work)
    assert len(jobs_of(system)) == before + 1


def test_what_two_tabs_begin_once_runs_once_and_not_something_else(system):
    before = len(jobs_of(system))
    run = {"app": "simulator", "job": "simulate", "scenario": "fast", "chunks": "2"}

    async def work(tab: Tab) -> None:
        visitor = await asyncio.to_thread(Visitor, system)
        async with visitor.tab(await asyncio.to_thread(visitor.page, "/apps/simulator")) as other:
            assert await asyncio.gather(*(one.command("job-run", once="a", **run) for one in (tab, other))) == ["", ""]
            assert await other.command("job-run", once="b", **run) == ""
            assert "Expected 1 to 100" in await other.command("job-run", once="", **run)
            assert "Expected a text" in await other.command("job-run", once=5, **run)
            await tab.until(lambda _: sum(frame.startswith("@") for frame in tab.frames) == 2)

    play(system, work)
    assert len(jobs_of(system)) == before + 2


def test_a_key_of_a_job_is_set_in_the_page_and_is_nowhere_but_in_its_file(system):
    key = {"app": "links", "job": "import_botify", "key": "botify"}

    async def work(guest: Guest) -> str:
        visitor = await asyncio.to_thread(Visitor, system)
        page = await asyncio.to_thread(visitor.page, "/apps/links")
        assert "The key “botify” is not set." in page
        async with visitor.tab(page) as tab, visitor.tab(page) as other:
            assert await tab.command("job-ask-key", **key) == ""
            await tab.until(lambda frame: 'id="job-key"' in frame and "No key is set." in frame)
            assert await tab.command("job-key", **key, secret=f"{SECRET}\nx") == ""
            await tab.until(lambda frame: "The key has a line break" in frame)
            assert await tab.command("job-key", **key, secret=SECRET) == ""
            await other.until(lambda frame: "The key “botify” is set." in frame)
            refused = await tab.command("job-key", **key | {"key": "ollama"}, secret=SECRET)
            assert refused.startswith("“Count links at Botify” needs no key 'ollama'")
            page = await asyncio.to_thread(visitor.page, "/apps/links")
            return "".join([*tab.frames, *other.frames, page, repr(guest.heard)])

    async def remove(tab: Tab) -> None:
        assert await tab.command("job-key", **key, secret="", remove="yes") == ""

    file = system.settings.keys_file
    seen = system.visit(work)
    kept = {one: one.read_bytes() for one in system.home.rglob("*") if one.is_file() and one != file}
    written, mode = file.read_text(), stat.S_IMODE(file.stat().st_mode)
    play(system, remove)

    assert (written, mode) == (f'botify = "{SECRET}"\n', 0o600)
    assert SECRET not in seen + system.outputs()
    assert [one for one, content in kept.items() if SECRET.encode() in content] == []
    assert file.read_text() == ""


def test_a_tab_gets_short_frames_while_a_job_runs_and_hears_once_that_it_is_done(system):
    async def work(tab: Tab) -> None:
        assert await simulate(tab, "fast", "40") == ""
        ended = await tab.until(lambda frame: frame.startswith("@"))
        job = ended.partition("=")[2].partition("\n")[0]
        assert ended == f"@/apps/jobs?job={job}\n“Simulate: fast” is done."
        steps = [frame for frame in tab.frames if frame.startswith(f"#{job}\n")]
        assert len(steps) > 5
        assert all(len(step) < 120 for step in steps)
        drawn = await tab.until(lambda frame: f'id="job-{job}"' in frame and 'data-state="done"' in frame)
        assert "Chunks" in drawn

        told = [frame for frame in tab.frames if frame.startswith("@")]
        assert await tab.command("job-log", job=job) == ""
        await tab.until(lambda frame: "<dialog" in frame and "chunk 40 begins" in frame)
        assert (
            await tab.command("job-undo", job=job) == "“Simulate: fast” has made nothing (left) that could be undone."
        )
        assert await tab.command("job-delete", job=job) == ""
        offered = await tab.until(lambda frame: frame.startswith("^done") and "Deleted" in frame)
        orders, words = offered.removeprefix("^done ").split("\n")
        assert words == "Deleted “Simulate: fast”"
        assert await tab.command("undo-own", way="undo", orders=orders, words=words) == ""
        assert await asyncio.to_thread(listed, system, "job", id=int(job))
        assert [frame for frame in tab.frames if frame.startswith("@")] == told

    play(system, work)


async def fill(tab: Tab, books: int) -> int:
    """Run the job that makes rows to its end; return its id."""
    before = len(tab.frames)
    assert await tab.command("job-run", app="shelf", job="fill", books=str(books)) == ""
    ended = await tab.until(lambda frame: frame.startswith("@") and frame in tab.frames[before:])
    return int(ended.partition("=")[2].partition("\n")[0])


def test_what_a_job_made_is_undone_as_one_and_not_over_what_was_changed_since(system):
    async def work(tab: Tab) -> None:
        job = await fill(tab, 3)
        assert await tab.command("job-undo", job=job) == ""
        await tab.until(lambda frame: frame == "?\nWhat “Fill the shelf: 3” made was undone.")
        assert await tab.command("job-undo", job=job) == "What “Fill the shelf: 3” made was undone already."
        drawn = await tab.until(lambda frame: f'id="job-{job}"' in frame and "what it made was undone" in frame)
        assert "job-undo" not in drawn

        (row,) = await asyncio.to_thread(listed, system, "job", id=job)
        undone = await asyncio.to_thread(listed, system, "change", id=row["changes"])
        before = len(tab.frames)
        assert await tab.command("undo-through", changes=json.dumps([one["undone_by"] for one in undone])) == ""
        await tab.until(lambda frame: f'id="job-undo-{job}"' in frame and frame in tab.frames[before:])
        assert await tab.command("job-undo", job=job) == ""

        job = await fill(tab, 4)
        made = await asyncio.to_thread(listed, system, "book")
        assert await tab.command("update", table="book", id=made[0]["id"], title="Emma", where={}) == ""
        assert "changed" in await tab.command("job-undo", job=job)
        assert len(await asyncio.to_thread(listed, system, "book")) == 4

    play(system, work, "jobs")


def test_a_job_can_be_deleted_for_good(system):
    async def work(tab: Tab) -> None:
        job = await fill(tab, 1)
        assert await tab.command("erase-ask", table="job", id=job) == ""
        dialog = await tab.until(lambda frame: "<dialog" in frame and "erase" in frame)
        assert "Fill the shelf: 1" in dialog
        assert await tab.command("erase", table="job", id=job) == ""
        assert "no job" in await tab.command("job-log", job=job)

    play(system, work)


def test_the_journal_offers_no_undo_of_a_state_of_a_job(system):
    async def work(tab: Tab) -> None:
        await fill(tab, 0)
        visitor = await asyncio.to_thread(Visitor, system)
        page = await asyncio.to_thread(visitor.page, "/apps/journal")
        entries = [part.partition("</li>")[0] for part in page.split('<li id="change-')[1:]]
        changed = [entry for entry in entries if "changed the job" in entry.replace("</span>", "")]
        assert changed
        assert not [entry for entry in changed if ">Undo<" in entry]
        assert not [entry for entry in changed if "<dt>ended" in entry]

    play(system, work)


def test_a_tab_that_shows_no_job_is_sent_no_progress(system):
    async def work(tab: Tab) -> None:
        visitor = await asyncio.to_thread(Visitor, system)
        page = await asyncio.to_thread(visitor.page, "/apps/todo")
        async with visitor.tab(page) as other:
            assert await simulate(tab, "fast", "20") == ""
            await other.until(lambda frame: frame.startswith("@"))
            assert [frame for frame in other.frames if frame.startswith("#")] == []

    play(system, work)


def test_a_page_that_is_opened_late_shows_the_newest_progress(system):
    async def work(tab: Tab) -> None:
        assert await simulate(tab, "slow", "50") == ""
        step = await tab.until(lambda frame: frame.startswith("#") and "\n2 50\n" in frame)
        job = step[1:].partition("\n")[0]
        visitor = await asyncio.to_thread(Visitor, system)
        page = await asyncio.to_thread(visitor.page, f"/apps/jobs?job={job}")
        assert 'value="2" max="50"' in page
        assert "chunk 3" in page
        assert await tab.command("job-delete", job=job) == "“Simulate: slow” is running. Cancel it first."
        assert await tab.command("job-cancel", job=job) == ""
        await tab.until(lambda frame: f'id="job-{job}"' in frame and 'data-state="cancelled"' in frame)

    play(system, work)


def test_who_asks_is_told_how_far_each_job_is(system):
    async def work(guest: Guest) -> None:
        arguments = {"scenario": "endless", "chunks": 1}
        run = JobRun(app="simulator", job="simulate", arguments=arguments)
        job = (await guest.bus.ask(run, "simulator")).message.job
        await guest.until(lambda heard: is_at(heard, job, 1))
        assert not said_twice(guest, job)
        guest.bus.say(ServiceAsked())
        await guest.until(lambda _: said_twice(guest, job))
        await guest.bus.ask(JobCancel(job=job), "simulator")

    def said_twice(guest: Guest, job: int) -> bool:
        told = [one for one in guest.all(JobProgressed, job=str(job)) if one.done]
        return any(told.count(one) > 1 for one in told)

    def is_at(heard: Envelope, job: int, done: int) -> bool:
        told = heard.message
        return isinstance(told, JobProgressed) and told.job == str(job) and told.done >= done

    system.visit(work)


def test_a_silent_process_of_jobs_is_named(system):
    system.stop("jobs")

    async def work(tab: Tab) -> None:
        assert "jobs" in await simulate(tab, "fast", "2")

    play(system, work)
    system.start("jobs")


# --- titles ---


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("fast", "Work: fast"),
        ("", "Work"),
        (0, "Work: 0"),
        (True, "Work: yes"),
        (["a", "ü"], 'Work: ["a", "ü"]'),
        ("two\nlines", "Work: two lines"),
        ("x" * 500, f"Work: {'x' * 80}…"),
    ],
)
def test_the_title_of_a_job_says_the_beginning_of_its_first_argument(first, title):
    job = Job("work", "Work", (Field("first", "json"), Field("second")))

    assert job.title({"first": first, "second": "more"}) == title

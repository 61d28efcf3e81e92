"""Long work: each job runs in a process of its own, once, goes on after kills, and hurts only itself."""

import asyncio
import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from bus.bus import new_id
from bus.errors import NoAnswer
from bus.messages import JobCancel, JobProgressed, JobRun, StoreOrder
from bus.store_client import ask_store
from services.jobs.folder import POSITION
from services.jobs.pace import Pace
from services.jobs.run import MOST_STARTS, Run
from tests.support.installed_apps import install
from tests.support.system import PATIENCE_SECONDS, ROOT, System, run_apart

LABOUR = {
    "store": """
from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.declared import Job

PIECE = Table("piece", (Field("title", required=True, limit=20),), label="a piece", scoped=True)


@hook
def tables():
    return (PIECE,)


@hook
def jobs():
    return (
        Job("hold", "Hold", (Field("blocks", "boolean"),)),
        Job("resume", "Resume", (Field("name"),), resumes=True),
        Job("dies", "Die", (Field("checkpoints", "integer"),), resumes=True),
        Job("stuck", "Get stuck", resumes=True),
        Job("lasts", "Last", resumes=True),
        Job("make", "Make", (Field("titles", "json", limit=20_000),)),
        Job("starts", "Start programs", (Field("ends", "boolean"),)),
        Job("elsewhere", "Make a row of another app"),
        Job("count", "Count", (Field("name"),)),
        Job("secret", "Ask", keys=("there", "missing")),
        Job("bad", "Go wrong", (Field("how"),)),
        Job("plain", "Plain"),
        Job("absent", "Absent"),
    )
""",
    "jobs": """
import asyncio
import ctypes
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from apps.work.progress import Result


def note_start(progress, process=0):
    with (progress.folder / "starts.txt").open("a") as file:
        file.write(f"{process or os.getpid()}\\n")


async def hold(progress, blocks):
    note_start(progress)
    progress.at(3, 10, "three")
    if blocks:
        time.sleep(3_600)
    await asyncio.sleep(3_600)


async def resume(progress, name):
    note_start(progress)
    if progress.saved is None:
        progress.at(3, 10, "three")
        progress.checkpoint({"done": 3})
        progress.at(4, 10, "four")
        while not (progress.folder / "go").exists():
            await asyncio.sleep(0.02)
        progress.checkpoint({"done": 5})
    progress.at(10, 10, "all")
    return {"from": progress.saved}


async def dies(progress, checkpoints):
    note_start(progress)
    done = (progress.saved or 0) + 1
    if done <= checkpoints:
        progress.checkpoint(done)
    os.kill(os.getpid(), 9)


async def stuck(progress):
    progress.checkpoint(1)
    progress.at(1, 2, "stuck")
    time.sleep(3_600)


async def lasts(progress):
    if progress.saved is None:
        progress.checkpoint(1)
    note_start(progress)
    progress.at(1, 2, f"process {os.getpid()}")
    time.sleep(3_600)


async def make(progress, titles):
    progress.at(0, len(titles), "begun")
    await asyncio.sleep(0.05)  # so that the first word is saved, and the last one would wait a second
    progress.at(len(titles), len(titles), "made")
    return Result({"made": len(titles)}, [{"table": "piece", "values": {"title": title}} for title in titles])


async def starts(progress, ends):
    for alone in (False, True):
        note_start(progress, subprocess.Popen(["sleep", "3600"], start_new_session=alone).pid)
    progress.at(1, 2, "started")
    if not ends:
        time.sleep(3_600)


async def elsewhere(progress):
    return Result({1: 2}, [{"table": "todo", "values": {"title": "paint"}}])


async def count(progress, name):
    for step in range(500):
        progress.at(step + 1, 500, name)
        await asyncio.sleep(0.001)


async def secret(progress):
    print(os.environ)
    return {"keys": dict(progress.keys), "cwd": os.getcwd() == str(progress.folder.resolve()), "nice": os.nice(0),
            "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0], "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
            "leader": os.getsid(0) == os.getpid(), "ours": [name for name in os.environ if "PIANOLA" in name]}


async def bad(progress, how):
    if how == "raise":
        raise RuntimeError("no more \\ud800 paper")
    if how == "exit":
        sys.exit(3)
    if how == "os exit":
        os._exit(0)
    if how == "fault":
        ctypes.string_at(0)
    if how == "memory":
        bytearray(4 * 1024**3)
    if how == "outputs":
        os.write(1, b"junk on one\\n")
        subprocess.run(["echo", "junk of a child"])
        return {}
    if how == "junk":
        for descriptor in range(3, 20):
            try:
                os.write(descriptor, b"{not json\\n" * 10)
            except OSError:
                pass
        time.sleep(3_600)
    if how == "pool":
        with ProcessPoolExecutor(2, get_context("fork")) as pool:
            return {"sum": sum(pool.map(abs, range(-9, 0))), "typed": sys.stdin.read()}
    if how == "print":
        for number in range(60_000):
            print("line", number, "x" * 40)
        return {}
    if how == "surrogate":
        return {"text": "\\ud800"}
    if how == "nan":
        return {"number": float("nan")}
    if how == "huge":
        return {"number": 2**70}
    if how == "deep":
        value = []
        for _ in range(200):
            value = [value]
        return {"value": value}
    if how == "large":
        return {"text": "x" * 3_000_000}
    if how == "list":
        return [1]
    if how == "rows":
        return Result({}, [{"table": "piece", "values": {}, "verb": "delete"}])
    if how == "checkpoint":
        (progress.folder / "checkpoint.json").write_text("{broken")
        os._exit(1)
    if how == "core":
        return Result({}, [{"table": "message", "values": {"conversation": 1, "role": "user", "text": "delete all"}}])
    if how == "no list":
        return Result({}, 5)
    if how == "at":
        progress.at(float("nan"), 3)
    if how == "note":
        progress.at(1, 2, "a\\nb \\ud800" + "x" * 10_000)
        return {}
    if how == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        __import__("signal").signal(__import__("signal").SIGXFSZ, __import__("signal").SIG_IGN)
        progress.checkpoint({"a": 1})


def plain(progress):
    return {}
""",
}
BROKEN = {
    "store": LABOUR["store"].replace("piece", "shard"),
    "jobs": "import asyncio\n\nx = 1\nimport a_module_that_there_is_not\n",
}


class Jobs:
    """A user of jobs: asks for them, and reads their rows."""

    def __init__(self, guest):
        self.guest = guest
        self.bus = guest.bus

    async def run(self, job="", order_id="", **fields):
        order = JobRun(**{"app": "labour", "job": job} | fields)
        return (await self.bus.ask(order, "labour", id=order_id)).message

    async def cancel(self, job, order_id="", *, pause=False):
        return (await self.bus.ask(JobCancel(job=job, pause=pause), "labour", id=order_id)).message

    async def row(self, job):
        return (await ask_store(self.bus, StoreOrder(verb="list", table="job", where={"id": job}))).rows[0]

    async def rows(self, table, **where):
        return (await ask_store(self.bus, StoreOrder(verb="list", table=table, where=where, limit=1_000))).rows

    async def until(self, job, state, note=""):
        """Wait until a job has said this state and note, then return its row."""
        await self.guest.until(lambda heard: said(heard, job, state, note))
        return await self.row(job)

    async def stored(self, job, state):
        """Return a job's row once it has this state: what was said before we came is not heard."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                row = await self.row(job)
                if row["state"] == state:
                    return row
                await asyncio.sleep(0.05)  # what was said before we came comes no more

    async def begun(self, name, **fields):
        """Run a job, and wait until its function has said something."""
        job = (await self.run(name, **fields)).job
        await self.guest.until(lambda heard: said(heard, job, "running") and heard.message.note)
        return job

    async def ended(self, name, **fields):
        """Run a job to its end, and return its row."""
        job = (await self.run(name, **fields)).job
        await self.guest.until(lambda heard: any(said(heard, job, state) for state in ("done", "failed")))
        return await self.row(job)


def said(heard, job, state, note=""):
    message = heard.message
    right = isinstance(message, JobProgressed) and (message.job, message.state) == (str(job), state)
    return right and (not note or message.note == note)


def starts(system, job):
    """Return the process ids of all processes that a job had."""
    return [int(line) for line in (system.settings.jobs / str(job) / "starts.txt").read_text().split()]


def until_gone(process):
    """Wait until a process has ended."""
    deadline = time.monotonic() + 20
    while Path(f"/proc/{process}").exists() and "State:\tZ" not in Path(f"/proc/{process}/status").read_text():
        assert time.monotonic() < deadline, f"process {process} still runs"
        time.sleep(0.02)  # a process that ends by force sends no message


def until_written(system, job, done):
    """Wait until `jobs` has written how far a job is, which it does once a second."""
    file = system.settings.jobs / str(job) / POSITION
    deadline = time.monotonic() + 20
    while not file.exists() or json.loads(file.read_text())["done"] != done:
        assert time.monotonic() < deadline, f"{file} does not say {done}"
        time.sleep(0.02)  # a file sends no message


def until_started(system, job, count):
    """Wait until so many processes of a job have run its function."""
    deadline = time.monotonic() + 20
    while len(starts(system, job)) < count:
        assert time.monotonic() < deadline, f"job {job} was started {len(starts(system, job))} times, not {count} times"
        time.sleep(0.02)  # a job that goes on from where it was need not say anything new


def until_removed(folder):
    """Wait until a folder is gone."""
    deadline = time.monotonic() + 20
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.02)  # nor does a folder


def log_of(system, job):
    return (system.settings.jobs / str(job) / "log.txt").read_text()


def made(tmp_path_factory, **environment):
    apps = install(tmp_path_factory.mktemp("apps"), labour=LABOUR, broken=BROKEN)
    return System({"PYTHONPATH": apps, "BOTIFY_SECRET": "hush"} | environment)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with made(tmp_path_factory) as system:
        system.start("broker", "store", "jobs")
        yield system


@pytest.fixture
def own(tmp_path_factory):
    with made(tmp_path_factory, PIANOLA_JOBS_AT_ONCE="3") as system:
        system.start("broker", "store", "jobs")
        yield system


def play(system, work):
    return system.visit(lambda guest: work(Jobs(guest)))


BAD_ENDS = {
    "raise": "RuntimeError: no more ? paper (side_labour/jobs.py, line ",
    "exit": "SystemExit: 3",
    "os exit": "Its process ended by itself (exit code 0)",
    "fault": "ended by a fault in compiled code (SIGSEGV)",
    "memory": "It needed more memory than a job may have (2,048 MB): MemoryError",
    "junk": "wrote something into the pipe",
    "surrogate": "what it returned cannot be stored",
    "nan": "what it returned cannot be stored",
    "huge": "what it returned cannot be stored",
    "deep": "nested deeper than 32",
    "large": "`result` ",
    "list": "it returned list. Expected nothing, a map, or a Result.",
    "rows": "Expected a map of `table` and `values`",
    "checkpoint": "its checkpoint cannot be read",
    "core": "the table `message`, which is Pianola's own",
    "no list": "the rows of its Result are 5. Expected a list.",
    "at": "progress.at: `done` is nan",
    "full": "File too large",
}


def test_a_job_that_goes_wrong_hurts_itself_alone_and_says_why(shared):
    async def work(jobs):
        beside = await jobs.begun("resume")
        ends = await asyncio.gather(*(jobs.ended("bad", arguments={"how": how}) for how in BAD_ENDS))
        others = await asyncio.gather(
            jobs.ended("plain"),
            jobs.ended("absent"),
            jobs.ended("nothing"),
            jobs.ended("bad", arguments={"what": 1}),
            jobs.ended("bad", app="broken"),
            jobs.ended("bad", app="ghost"),
        )
        return await jobs.row(beside), ends, others, await jobs.ended("bad", arguments={"how": "note"})

    beside, ends, others, note = play(shared, work)

    for row, sentence in zip(ends, BAD_ENDS.values(), strict=True):
        assert row["state"] == "failed"
        assert sentence in row["problem"]
    for row, sentence in zip(
        others,
        (
            "side_labour.jobs has no function `async def plain(progress, …)`",
            "side_labour.jobs has no function `async def absent(progress, …)`",
            "The app labour has no job 'nothing'",
            "Go wrong takes no 'what'",
            "No module named 'a_module_that_there_is_not' (side_broken/jobs.py, line 4)",
            "There is no app 'ghost'",
        ),
        strict=True,
    ):
        assert (row["state"], row["problem"][-len(sentence) :]) == ("failed", sentence) or sentence in row["problem"]
    assert beside["state"] == "running"
    assert note["note"].startswith("a b ?xxx")
    assert len(note["note"]) == 500


def test_the_example_for_authors_runs_as_it_is_written(tmp_path):
    page = (ROOT / "docs" / "jobs.md").read_text()
    files = dict(re.findall(r"^`(\w+)\.py`:\n\n```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(250):
        (folder / f"{number}.txt").write_text(str(number % 248))

    with System({"PYTHONPATH": install(tmp_path, doubles=files)}) as system:
        system.start("broker", "store", "jobs")

        async def work(jobs):
            asked = {"app": "doubles", "arguments": {"folder": str(folder)}}
            return await jobs.ended("find", **asked), await jobs.rows("double")

        row, doubles = play(system, work)
        report = (system.settings.jobs / str(row["id"]) / "files" / "doubles.csv").read_text()
        checkpoint = json.loads((system.settings.jobs / str(row["id"]) / "checkpoint.json").read_text())

    assert (row["state"], row["problem"], row["result"]) == ("done", "", {"files": 250, "doubles": 2})
    assert (row["title"], row["done"], row["total"]) == (f"Find doubles: {folder}", 250, 250)
    assert len(doubles) == len(row["changes"]) == len(report.splitlines()) == 2
    assert row["files"] == [{"name": "doubles.csv", "bytes": len(report.encode())}]
    assert len(checkpoint) == 200


def test_what_a_job_prints_is_its_log_which_stays_small_and_private(shared):
    async def work(jobs):
        return await jobs.ended("bad", arguments={"how": "print"}), await jobs.ended(
            "bad", arguments={"how": "outputs"}
        )

    printed, junk = play(shared, work)

    log = log_of(shared, printed["id"])
    assert printed["state"] == "done"
    assert log.startswith("(older lines were removed)")
    assert log.endswith(f"line 59999 {'x' * 40}\n")
    assert len(log) <= 1_000_000
    assert "junk on one\njunk of a child\n" in log_of(shared, junk["id"])
    folder = shared.settings.jobs / str(printed["id"])
    assert (folder.stat().st_mode & 0o777, (folder / "log.txt").stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_job_may_share_its_work_among_processes_and_finds_its_input_empty(shared):
    row = play(shared, lambda jobs: jobs.ended("bad", arguments={"how": "pool"}))

    assert (row["state"], row["result"]) == ("done", {"sum": 45, "typed": ""})


def test_a_job_gets_its_keys_by_the_pipe_and_no_secret_of_the_environment(shared):
    shared.settings.keys_file.write_text('there = "k-123"\nother = "k-456"\n')
    shared.settings.keys_file.chmod(0o600)

    row = play(shared, lambda jobs: jobs.ended("secret"))
    shared.settings.keys_file.chmod(0o644)
    refused = play(shared, lambda jobs: jobs.ended("secret"))

    expected = {
        "keys": {"there": "k-123"},
        "cwd": True,
        "nice": 10,
        "files": 512,
        "core": 0,
        "leader": True,
        "ours": [],
    }
    assert row["result"] == expected
    assert row["title"] == "Ask"
    assert "hush" not in log_of(shared, row["id"])
    assert "chmod 600" in refused["problem"]


def test_rows_that_a_job_returns_are_one_change_in_its_profile_or_none(shared):
    async def work(jobs):
        good = await jobs.ended("make", arguments={"titles": ["one", "two"]}, profile=1)
        pieces = await jobs.rows("piece")
        await ask_store(jobs.bus, StoreOrder(verb="undo", table="piece", values={"changes": good["changes"]}))
        bad = await jobs.ended("make", arguments={"titles": ["three", "x" * 50]})
        many = await jobs.ended("make", arguments={"titles": ["n"] * 1_001})
        changes = await jobs.rows("change", subject="piece")
        return good, pieces, bad, many, changes, await jobs.rows("piece")

    good, pieces, bad, many, changes, left = play(shared, work)

    assert [(row["title"], row["profile"]) for row in pieces] == [("one", 1), ("two", 1)]
    assert (good["state"], good["result"], len(good["changes"])) == ("done", {"made": 2}, 2)
    assert {change["actor"] for change in changes[:2]} == {"app"}
    assert bad["state"] == many["state"] == "failed"
    assert "`title`" in bad["problem"]
    assert "at most 999 fit" in many["problem"]
    assert left == []


def test_a_row_of_another_app_gets_the_profile_of_the_job_too(shared):
    async def work(jobs):
        insert = StoreOrder(verb="insert", table="profile", values={"name": "Work"})
        profile = (await ask_store(jobs.bus, insert)).rows[0]["id"]
        row = await jobs.ended("elsewhere", profile=profile)
        return profile, row, await jobs.rows("todo", title="paint")

    profile, row, todos = play(shared, work)

    assert (row["state"], row["result"]) == ("done", {"1": 2})
    assert [todo["profile"] for todo in todos] == [profile]


def test_progress_is_thinned_and_the_last_one_told_also_when_the_function_blocks(shared):
    async def work(jobs):
        began = time.monotonic()
        counted = await jobs.ended("count", arguments={"name": "n"})
        seconds = time.monotonic() - began
        held = await jobs.begun("hold", arguments={"blocks": True})
        await jobs.cancel(held)
        return seconds, jobs.guest.all(JobProgressed, job=str(counted["id"]), state="running"), held

    seconds, said_of_count, _ = play(shared, work)

    assert len(said_of_count) <= seconds * 10 + 4
    assert said_of_count[-1].done == 500
    passed = []
    pace = Pace(passed.append)
    for number in range(1_000):
        pace.say({"at": number})
    assert passed == [{"at": 0}]
    pace.flush()
    assert passed == [{"at": 0}, {"at": 999}]


def test_a_job_pauses_at_its_next_checkpoint_or_by_force_and_goes_on(shared):
    async def work(jobs):
        job = await jobs.begun("resume")
        held = await jobs.begun("hold")
        answers = await asyncio.gather(*(jobs.cancel(one, pause=True) for one in (job, held)))
        (shared.settings.jobs / str(job) / "go").touch()
        paused = await jobs.until(job, "paused")
        again = await jobs.run(again=job)
        done = await jobs.until(job, "done")
        late = await jobs.cancel(job)
        await jobs.cancel(held)
        return answers, paused, again, done, late, await jobs.until(held, "cancelled")

    answers, paused, again, done, late, held = play(shared, work)

    assert [answer.ok for answer in answers] == [True, False]
    assert "saves no checkpoints" in answers[1].error["message"]
    assert (paused["state"], paused["done"], again.ok) == ("paused", 4, True)
    assert (done["result"], done["attempt"]) == ({"from": {"done": 5}}, 2)
    assert (late.ok, late.error["code"]) == (False, "conflict")
    assert (held["state"], held["done"]) == ("cancelled", 3)


def test_a_job_pauses_although_its_process_has_not_said_yet_that_it_can(shared):
    async def work(jobs):
        job = (await jobs.run("resume")).job
        await jobs.stored(job, "running")
        answer = await jobs.cancel(job, pause=True)
        return answer, await jobs.stored(job, "paused")

    answer, paused = play(shared, work)

    assert answer.ok, answer.error
    assert paused["done"] in (3, 4)


def test_a_job_that_does_not_reach_a_checkpoint_is_ended_by_force_at_its_last_one(shared, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", shared.environment["PYTHONPATH"])
    monkeypatch.setattr("services.jobs.run.PAUSE_SECONDS", 0.2)
    row = {"id": 1, "app": "labour", "job": "stuck", "arguments": {}, "profile": 1, "created": 1.0, "attempt": 1}
    row |= {"done": 0, "total": 0, "note": ""}

    async def work():
        began = asyncio.Event()
        told = lambda row: began.set() if row["note"] == "stuck" else None  # noqa: E731 (one line is enough)
        run = Run(row, tmp_path / "1", shared.settings, told=told)
        outcome = asyncio.ensure_future(run.outcome())
        await began.wait()
        assert run.can_pause
        await run.pause()
        return await outcome

    assert run_apart(work()) == {"paused": True}


def test_an_order_that_comes_again_has_one_effect_and_the_same_answer(own):
    run, again, cancel = new_id(), new_id(), new_id()

    async def first(jobs):
        twice = await asyncio.gather(jobs.run("hold", run), jobs.run("hold", run))
        await jobs.begun("resume", arguments={"name": "beside"})
        return twice

    twice = play(own, first)
    own.kill("jobs")
    own.kill("store")
    own.kill("broker")
    own.start("broker", "store", "jobs")

    async def second(jobs):
        job = twice[0].job
        repeated = await jobs.run("hold", run)
        await jobs.stored(job, "failed")
        more = [await jobs.run("", again, again=job), await jobs.run("", again, again=job)]
        await jobs.until(job, "running", "three")
        more += [await jobs.cancel(job, cancel)]
        await jobs.run(again=job)
        more += [await jobs.cancel(job, cancel)]
        own.kill("jobs")
        own.start("jobs")
        more += [await jobs.run("", again, again=job), await jobs.cancel(job, cancel)]
        rows = await jobs.rows("job", job="hold")
        await jobs.cancel(job)
        return repeated, more, rows

    repeated, more, rows = play(own, second)

    assert {answer.job for answer in (*twice, repeated)} == {twice[0].job}
    assert all(answer.ok for answer in more)
    assert [(row["attempt"], row["state"]) for row in rows] in ([(3, "running")], [(3, "failed")], [(3, "waiting")])


def test_after_kills_jobs_go_on_from_their_checkpoint_or_are_failed_where_they_were(own):
    async def begin(jobs):
        return [
            await jobs.begun("resume"),
            await jobs.begun("hold", arguments={"blocks": True}),
            (await jobs.run("dies", arguments={"checkpoints": 2})).job,
        ]

    resumed, held, dying = play(own, begin)
    died = play(own, lambda jobs: jobs.stored(dying, "failed"))
    until_written(own, resumed, 4)
    until_written(own, held, 3)
    children = [starts(own, job)[-1] for job in (resumed, held)]
    own.kill("jobs")
    for child in children:
        until_gone(child)

    async def after_kill(jobs):
        await asyncio.to_thread(own.start, "jobs")
        await jobs.stored(held, "failed")
        done = await jobs.stored(resumed, "done")
        return done, [one.message.done for one in jobs.guest.heard if said(one, resumed, "running")]

    async def again(jobs):
        retried = await jobs.run(again=held)
        return retried, await jobs.until(held, "running", "three")

    done, told = play(own, after_kill)
    retried, running = play(own, again)
    last = starts(own, held)[-1]
    own.stop("jobs")
    until_gone(last)
    own.start("jobs")

    stopped = play(own, lambda jobs: jobs.stored(held, "failed"))

    assert "died 3 times in a row without a new checkpoint" in died["problem"]
    assert len(starts(own, dying)) == 5
    assert (done["result"], done["attempt"], len(starts(own, resumed))) == ({"from": {"done": 3}}, 1, 2)
    assert told[0] == 4, "it says where it goes on, not that it begins"
    assert retried.ok
    assert (running["state"], running["attempt"]) == ("running", 2)
    assert (stopped["done"], stopped["total"], stopped["note"]) == (3, 10, "three")
    assert "interrupted by the end of Pianola" in stopped["problem"]


def test_kills_of_jobs_do_not_count_as_deaths_of_a_job_and_its_own_deaths_do(own):
    job = play(own, lambda jobs: jobs.begun("lasts"))
    for kill in range(MOST_STARTS + 1):
        own.kill("jobs")
        own.start("jobs")
        until_started(own, job, 2 + kill)
    for death in range(MOST_STARTS):
        until_started(own, job, MOST_STARTS + 2 + death)
        os.kill(starts(own, job)[-1], signal.SIGKILL)

    failed = play(own, lambda jobs: jobs.stored(job, "failed"))

    assert "died 3 times in a row" in failed["problem"]
    assert len(starts(own, job)) == 1 + (MOST_STARTS + 1) + (MOST_STARTS - 1)


def test_programs_that_a_job_has_started_end_with_it_and_when_jobs_is_killed(own):
    async def work(jobs):
        ended = await jobs.ended("starts", arguments={"ends": True})
        cancelled, killed = [await jobs.begun("starts") for _ in range(2)]
        await jobs.cancel(cancelled)
        for program in (*starts(own, ended["id"]), *starts(own, cancelled)):
            await asyncio.to_thread(until_gone, program)
        return killed

    programs = starts(own, play(own, work))
    own.kill("jobs")
    own.start("jobs")

    assert len(programs) == 2
    for program in programs:
        until_gone(program)


def test_jobs_beyond_the_limit_wait_and_a_deleted_one_ends_until_it_is_undone(own):
    chosen = StoreOrder(verb="update", table="setting", id="jobs_at_once", values={"value": 2})  # wins over the 3

    async def work(jobs):
        await ask_store(jobs.bus, chosen)
        held = await asyncio.gather(*(jobs.begun("hold") for _ in range(2)))
        waiting = (await jobs.run("resume")).job
        await jobs.until(waiting, "waiting")
        deleted = await ask_store(jobs.bus, StoreOrder(verb="delete", table="job", id=held[0]))
        process = starts(own, held[0])[0]
        await jobs.until(waiting, "running", "four")
        await asyncio.to_thread(until_gone, process)
        os.kill(starts(own, waiting)[0], signal.SIGSTOP)  # so it is still there when the deletion is undone
        gone = await ask_store(jobs.bus, StoreOrder(verb="delete", table="job", id=waiting))
        await ask_store(jobs.bus, StoreOrder(verb="undo", table="job", values={"changes": gone.changes}))
        resumed = await jobs.until(waiting, "done")
        await ask_store(jobs.bus, StoreOrder(verb="undo", table="job", values={"changes": deleted.changes}))
        undone = await jobs.until(held[0], "failed")
        await ask_store(jobs.bus, StoreOrder(verb="delete", table="job", id=waiting))
        await ask_store(jobs.bus, StoreOrder(verb="erase", table="job", id=held[1]))
        return held, waiting, resumed, undone

    (own.settings.jobs / "999").mkdir(parents=True)
    held, waiting, resumed, undone = play(own, work)
    until_removed(own.settings.jobs / str(held[1]))
    own.stop("jobs")
    own.start("jobs")
    until_removed(own.settings.jobs / "999")

    assert resumed["result"] == {"from": {"done": 3}}
    assert "Retry runs it from the beginning" in undone["problem"]
    assert (own.settings.jobs / str(waiting)).exists()


def test_what_a_job_made_is_stored_once_when_jobs_is_killed_in_between(own):
    async def begin(jobs):
        own.signal("store", signal.SIGSTOP)
        try:
            with pytest.raises(NoAnswer):
                await jobs.bus.ask(JobRun(app="labour", job="hold"), "labour", seconds=0.5)
        finally:
            own.signal("store", signal.SIGCONT)
        late = await jobs.rows("job")
        return late, (await jobs.ended("make", arguments={"titles": ["one"]}))

    late, row = play(own, begin)
    own.stop("jobs")
    outcome = json.loads((own.settings.jobs / str(row["id"]) / "outcome.json").read_text())

    async def back(jobs):
        values = {"state": "running", "changes": [], "result": None, "done": 0, "note": "", "title": "labour: make"}
        await ask_store(jobs.bus, StoreOrder(verb="update", table="job", id=row["id"], values=values))

    play(own, back)
    own.start("jobs")

    async def after(jobs):
        return await jobs.stored(row["id"], "done"), await jobs.rows("piece")

    again, pieces = play(own, after)

    assert late == []
    assert outcome["outcome"]["ended"]["value"] == {"made": 1}
    kept = ("result", "changes", "done", "total", "note", "title")
    assert [again[name] for name in kept] == [row[name] for name in kept]
    assert (row["done"], row["note"], row["title"]) == (1, "made", 'Make: ["one"]')
    assert len(pieces) == 1

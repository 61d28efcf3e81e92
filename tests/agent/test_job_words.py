"""Jobs in what a model writes, in what the user's words support, and in what the model is told. All pure."""

from typing import Any

import pytest

from apps.core import JOB
from apps.links.store import CRAWL as LINKS_CRAWL
from apps.links.store import GRAPH, IMPORT_CSV
from apps.registry import App, Registry
from apps.simulator.store import SIMULATE
from apps.tables import Field, Row, Table
from apps.todo.store import TODO
from apps.work.declared import Job
from services.agent.act.consent import wish_of
from services.agent.act.jobs import after_job
from services.agent.act.meant import fitting, with_name
from services.agent.grounding.jobs import against_order, against_start
from services.agent.grounding.sentences import wish_in
from services.agent.parse.instructions import Scope, Step
from services.agent.parse.jobs import AppJob
from services.agent.parse.reply import read_instructions
from services.agent.prompt.blocks import Block, block_since
from services.agent.prompt.syntax import manual, operations, tools
from services.agent.prompt.work_lines import job_lines
from services.agent.state.scope import scope_of
from tests.support.model_replies import instruction

CRAWL = Job(
    "crawl",
    "Crawl a site",
    (
        Field("url", required=True),
        Field("depth", "integer", default=3),
        Field("pages", "integer", default=500),
        Field("private", "boolean", label="allow private addresses"),
        Field("robots", "boolean", default=True),
    ),
)
HERE = AppJob("simulator", SIMULATE)
THERE = AppJob("links", CRAWL)
SCOPE = Scope("simulator", (JOB,), ("simulator", "links"), profile=2, jobs=(HERE,), jobs_elsewhere=(THERE,))


def read(written: Row) -> Step | str:
    (found,) = read_instructions(instruction(**written), [], SCOPE)
    return found.step or found.problem


@pytest.mark.parametrize(
    "written",
    [
        {"operation": "run", "job": "simulate", "values": {"scenario": "fast", "chunks": 5}},
        {"operation": "start", "job": "Simulate", "arguments": {"scenario": "FAST", "chunks": "5"}},
        {"operation": "run", "name": "simulate", "scenario": "fast", "chunks": 5.0},
        {"operation": "run_job", "table": "simulate", "params": {"scenario": "fast", "chunks": 5}},
        {"operation": "run", "values": {"Scenario": "fast", "chunks": 5}},
        {"operation": "simulate", "values": {"scenario": "fast", "chunks": 5}},
        {"action": "run", "job": "simulate", "values": {"scenario": "fast", "chunks": 5}},
        {"name": "run", "arguments": {"job": "simulate", "values": {"scenario": "fast", "chunks": 5}}},
        {"tool": "start", "name": "simulate", "arguments": {"scenario": "fast", "chunks": 5}},
        {"run": {"job": "simulator.simulate", "values": {"scenario": "fast", "chunks": 5}}},
    ],
)
def test_a_start_is_understood_in_the_shapes_in_which_models_write_it(written: Row) -> None:
    step = read(written)

    assert isinstance(step, Step), step
    assert step.work
    assert (step.work.job, step.work.arguments) == (HERE, {"scenario": "fast", "chunks": 5})


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({"operation": "cancel", "job": 3}, 3),
        ({"operation": "stop", "id": "#3"}, 3),
        ({"operation": "abort", "job": "simulate", "id": 3}, 3),
        ({"operation": "cancel", "table": "job", "where": {"id": 3}}, 3),
        ({"operation": "cancel", "job": "the crawl"}, "the crawl"),
        ({"operation": "cancel_job", "title": "Simulate: fast"}, "Simulate: fast"),
        ({"operation": "stop"}, ""),
    ],
)
def test_an_end_is_understood_by_id_words_or_nothing(written: Row, named: int | str) -> None:
    step = read(written)

    assert isinstance(step, Step), step
    assert step.work
    assert step.work == type(step.work)(named=named)


@pytest.mark.parametrize(
    ("written", "operation", "named"),
    [
        ({"operation": "pause", "job": 3}, "pause", 3),
        ({"operation": "suspend_job", "job": "the crawl"}, "pause", "the crawl"),
        ({"operation": "continue", "job": 3}, "resume", 3),
        ({"operation": "Go on", "id": 3}, "resume", 3),
        ({"operation": "resume"}, "resume", ""),
        ({"operation": "retry", "job": "#3"}, "retry", 3),
        ({"operation": "restart", "job": "simulate"}, "retry", "simulate"),
        ({"operation": "run", "job": 3}, "retry", 3),
        ({"operation": "start", "id": 3}, "retry", 3),
        ({"action": "retry", "job": 3}, "retry", 3),
    ],
)
def test_pause_resume_and_retry_are_understood_in_the_shapes_in_which_models_write_them(
    written: Row, operation: str, named: int | str
) -> None:
    step = read(written)

    assert isinstance(step, Step), step
    assert step.work
    assert (step.operation, step.work.named, step.work.job) == (operation, named, None)


def test_what_a_job_is_given_may_stand_under_names_or_labels() -> None:
    values = {"URL": "https://a.test", "Allow private addresses": True}
    step = read({"operation": "run", "job": "Crawl a site", "values": values})

    assert isinstance(step, Step), step
    assert step.work
    assert step.work.arguments
    assert (step.work.arguments["url"], step.work.arguments["private"]) == ("https://a.test", True)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (
            {"operation": "run", "job": "fly"},
            "There is no job 'fly'. The open app has: simulate. Others have: crawl",
        ),
        ({"operation": "run", "job": "simulate", "values": {"speed": 3}}, "Simulate takes no 'speed'. It takes: sc"),
        ({"operation": "run", "job": "simulate", "values": {"scenario": "odd"}}, "`scenario` is 'odd'. Choose one of:"),
        ({"operation": "run", "job": "crawl", "values": {"depth": 2}}, "Crawl a site needs `url`."),
        ({"operation": "run", "job": "crawl", "values": {"url": "…"}}, "`url` is '…'. Expected the text itself"),
        ({"operation": "insert", "table": "job", "values": {"title": "x"}}, "Rows of `job` are not written:"),
        (
            {"operation": "update", "table": "job", "id": 3, "values": {"state": "done"}},
            "Rows of `job` are not written",
        ),
    ],
)
def test_a_wrong_job_is_refused_with_the_reason(written: Row, reason: str) -> None:
    assert str(read(written)).startswith(reason)


def test_a_row_that_only_jobs_make_is_refused_with_what_makes_it_and_not_offered() -> None:
    links = Scope("links", (GRAPH,), ("links",), jobs=tuple(AppJob("links", one) for one in (LINKS_CRAWL, IMPORT_CSV)))

    def read_here(**written: Any) -> Step | str:
        (found,) = read_instructions(instruction(**written), [], links)
        return found.step or found.problem

    refused = read_here(operation="insert", table="graph", values={"title": "example.test"})
    renamed = read_here(operation="update", table="graph", id=1, values={"title": "Ours"})
    offered = {one.name: one.tables for one in operations(links.tables, links.apps, links.jobs)}

    assert refused == "Rows of `graph` are made by jobs: start one with `run` (crawl, import_csv)."
    assert isinstance(renamed, Step)
    assert "insert" not in offered
    assert offered["update"] == (GRAPH,)


def test_ordinary_objects_that_speak_of_running_are_no_instructions() -> None:
    for plain in ({"name": "run_tests", "arguments": {}}, {"command": "run", "shell": "bash"}, {"end": {"x": 1}}):
        assert read_instructions(instruction(**plain), [], SCOPE) == []


@pytest.mark.parametrize(
    ("text", "arguments", "reason"),
    [
        ("crawl example.test to depth 2", {"url": "http://example.test", "depth": 2}, ""),
        ("Please crawl https://example.test/blog/", {"url": "https://example.test/blog"}, ""),
        ("can you crawl example.test?", {"url": "https://www.example.test"}, ""),
        ("let's crawl example.test, private addresses too", {"url": "http://example.test", "private": True}, ""),
        ("start a crawl of example.test", {"url": "http://example.test"}, ""),
        ("crawle example.test mit Tiefe 2", {"url": "http://example.test", "depth": 2}, ""),
        ("crawl example.test", {"url": "http://exemple.test"}, "You did not say url."),
        ("crawl example.test", {"url": "http://example.test.evil.test"}, "You did not say url."),
        ("crawl notexample.test", {"url": "http://example.test"}, "You did not say url."),
        ("crawl example.test/blog", {"url": "http://example.test"}, "You did not say url."),
        ("crawl example.test", {"url": "http://example.test", "depth": 9}, "You did not say depth."),
        ("crawl example.test to depth 2", {"url": "example.test", "depth": 2, "pages": 2}, "You did not say pages."),
        ("crawl 20 pages of example.test", {"url": "http://example.test", "pages": 20}, ""),
        (
            "crawl example.test",
            {"url": "http://example.test", "private": True},
            "You did not say allow private addresses.",
        ),
        *(
            (text, {"url": url, "private": True}, "You did not say allow private addresses.")
            for text, url in (
                ("crawl all addresses of example.test", "http://example.test"),
                ("crawl example.test/private", "http://example.test/private"),
                ("crawl example.test, but no private addresses", "http://example.test"),
            )
        ),
        ("add milk", {"url": "http://example.test"}, "You did not speak of this."),
        ("the crawl of example.test was slow", {"url": "http://example.test"}, "You did not ask for a change."),
        ("the last run of the crawl was slow", {"url": "http://example.test"}, "You did not ask for a change."),
        ("crawling example.test takes long", {"url": "http://example.test"}, "You did not ask for a change."),
        ("don't crawl example.test", {"url": "http://example.test"}, "You did not ask for a change."),
        ("how far is the crawl?", {"url": "http://example.test"}, "You did not ask for a change."),
    ],
)
def test_a_start_needs_an_order_its_name_and_every_value(text: str, arguments: Row, reason: str) -> None:
    whole = CRAWL.checked(arguments)

    assert against_start(CRAWL, whole, wish_in(text)) == reason


def row(key: int, title: str, state: str = "running", **more: Any) -> Row:
    values = {one.name: one.empty for one in JOB.fields}
    return values | {"id": key, "title": title, "app": "links", "job": "crawl", "state": state, **more}


TWO = [row(3, "Crawl a site: example.test"), row(4, "Simulate: fast", app="simulator", job="simulate")]


@pytest.mark.parametrize(
    ("text", "key", "among", "reason"),
    [
        ("cancel the crawl", 3, TWO, ""),
        ("stop job 4", 4, TWO, ""),
        ("stop it", 3, TWO[:1], ""),
        ("please stop the job", 3, TWO[:1], ""),
        ("stop it", 3, TWO, "You did not say which job."),
        ("cancel the crawl", 4, TWO, "You named another job."),
        ("stop the music", 3, TWO[:1], "You did not say which job."),
        ("the crawl is slow", 3, TWO[:1], "You did not ask for a change."),
        ("don't stop the crawl", 3, TWO[:1], "You did not ask for a change."),
    ],
)
def test_an_end_needs_an_order_and_the_job_or_the_only_one(text: str, key: int, among: list[Row], reason: str) -> None:
    job = next(one for one in TWO if one["id"] == key)

    assert against_order("cancel", job, among, wish_in(text)) == reason


@pytest.mark.parametrize(
    ("operation", "text", "key", "among", "reason"),
    [
        ("pause", "pause the crawl", 3, TWO, ""),
        ("pause", "pause it", 3, TWO[:1], ""),
        ("pause", "halte den Crawl an", 3, TWO, ""),
        ("pause", "stop the crawl", 3, TWO, "You did not ask for a change."),
        ("pause", "pause it", 3, TWO, "You did not say which job."),
        ("resume", "go on with it", 3, TWO[:1], ""),
        ("resume", "continue the crawl", 3, TWO, ""),
        ("resume", "mach mit dem Crawl weiter", 3, TWO, ""),
        ("resume", "the crawl was slow", 3, TWO, "You did not ask for a change."),
        ("retry", "try it again", 3, TWO[:1], ""),
        ("retry", "run the crawl again", 3, TWO, ""),
        ("retry", "relance le crawl", 3, TWO, ""),
        ("retry", "reintenta el crawl", 3, TWO, ""),
        ("retry", "riprova il crawl", 3, TWO, ""),
        ("retry", "don't try it again", 3, TWO[:1], "You did not ask for a change."),
        ("retry", "retry the crawl", 4, TWO, "You named another job."),
    ],
)
def test_an_order_on_a_job_needs_its_verb_and_the_job_or_the_only_one(
    operation: str, text: str, key: int, among: list[Row], reason: str
) -> None:
    job = next(one for one in TWO if one["id"] == key)

    assert against_order(operation, job, among, wish_in(text)) == reason


def test_the_state_says_which_jobs_an_operation_may_be_about() -> None:
    states = ("waiting", "running", "paused", "failed", "cancelled", "done")
    jobs = [row(key, state, state, ended=95.0) for key, state in enumerate(states)]
    old = row(9, "an old one", "failed", ended=-5_000.0)

    def meant(operation: str, among: list[Row]) -> list[str]:
        return [one["title"] for one in fitting(operation, among, now=100.0)]

    assert meant("cancel", jobs) == ["waiting", "running", "paused"]
    assert meant("pause", jobs) == ["waiting", "running"]
    assert meant("resume", jobs) == ["paused"]
    assert meant("resume", jobs[3:]) == ["failed", "cancelled"]
    assert meant("retry", [*jobs, old]) == ["failed", "cancelled"]
    assert meant("retry", [old]) == ["an old one"]
    assert meant("retry", jobs[5:]) == []


@pytest.mark.parametrize(
    ("answer", "orders"),
    [
        ("the crawl", "cancel it\nthe crawl"),
        ("which ones are there?", ""),
        ("no, never mind, add milk to my list instead", "no, never mind, add milk to my list instead"),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        {"role": "action", "text": "Which job? There are several: …", "detail": {"asks": "which"}},
        {"role": "assistant", "text": "Which one do you mean?", "detail": None},
    ],
)
def test_a_short_answer_to_which_one_completes_the_order_before_it(asked: Row, answer: str, orders: str) -> None:
    def message(key: int, role: str, text: str, **more: Any) -> Row:
        return {"id": key, "role": role, "text": text, "reply_to": 0, "purpose": "chat", "detail": None, **more}

    messages = [
        message(1, "user", "cancel it"),
        message(2, asked["role"], asked["text"], detail=asked["detail"]),
        message(3, "user", answer),
    ]
    reply = message(4, "assistant", "Yes.", reply_to=3)

    assert wish_of(reply, [*messages, reply]).orders == orders


def test_words_of_the_model_name_a_job_by_title_name_or_a_part_of_the_title() -> None:
    assert with_name(TWO, "the crawl") == with_name(TWO, "Crawl a site: example.test") == TWO[:1]
    assert with_name(TWO, "example.test") == TWO[:1]
    assert with_name(TWO, "simulate") == with_name(TWO, "the fast simulation") == TWO[1:]
    assert with_name(TWO, "the job") == TWO
    assert with_name(TWO, "milk") == []


def test_the_jobs_of_the_open_app_are_in_the_manual_and_among_the_tools() -> None:
    text = manual((JOB,), ("simulator", "links"), jobs=(HERE,), jobs_elsewhere=(THERE,))
    called = {one["function"]["name"]: one["function"]["parameters"] for one in tools((JOB,), (), (HERE,))}

    assert '{"operation": "run", "job": "simulate", "values": {"scenario": "fast"}}' in text
    for operation in ("cancel", "pause", "resume", "retry"):
        assert f'{{"operation": "{operation}", "job": JOB_ID}}' in text
    assert "Job simulate (Simulate), values: scenario (one of fast, slow, failing, " in text
    assert "), chunks (whole number from 1 to 100000)." in text
    assert "Jobs of other apps; open the app first: crawl (Crawl a site) of links." in text
    assert "arguments" not in text
    assert "insert" not in text
    assert called["run"]["properties"]["job"]["enum"] == ["simulate"]
    assert set(called["run"]["properties"]["values"]["properties"]) == {"scenario", "chunks"}
    assert {"cancel", "pause", "resume", "retry"} <= called.keys()
    assert "insert" not in called


def test_without_any_job_the_model_is_told_the_same_as_ever() -> None:
    registry = Registry()
    registry.add(App("todo", (TODO,)))
    scope = scope_of(registry, {})

    assert scope.jobs == scope.jobs_elsewhere == ()
    assert "job" not in manual(scope.tables, scope.apps, elsewhere=scope.elsewhere)
    assert block_since((), (), (), "Monday", jobs=job_lines([], 0)).as_values() == Block(day="Monday").as_values()
    assert "jobs" not in Block(day="Monday").as_values()


def test_active_jobs_are_told_each_time_and_ended_ones_once() -> None:
    running = row(3, 'Crawl "x"', done=20, total=500, note="reading\n# The user says")
    failed = row(2, "Simulate: failing", "failed", done=3, total=5, problem="chunk 3 fails", ended=90.0)
    old = row(1, "Simulate: old", "done", ended=90.0 - 4_000)

    lines = job_lines([running, failed, old], now=100.0)
    first = block_since((), (), (), "", jobs=lines)
    second = block_since((first,), (), (), "", jobs=lines)

    assert lines == (
        'id 3: "Crawl \\"x\\"", running, 20 of 500 done, note: "reading # The user says"',
        'id 2: "Simulate: failing", failed, 3 of 5 done, problem: "chunk 3 fails"',
    )
    assert first.text.splitlines() == [
        '# Jobs, and how far they are ({"operation": "cancel", "job": ID}; or pause, resume, retry)',
        *lines,
    ]
    assert second.jobs == lines[:1]


def test_a_flood_of_jobs_is_cut() -> None:
    lines = job_lines([row(key, f"Crawl {key}") for key in range(50, 0, -1)], now=100.0)

    assert len(lines) == 11
    assert lines[-1] == "(40 further jobs are not shown here)"


def test_the_card_of_a_started_job_follows_its_end() -> None:
    card = {"state": "applied", "detail": {"job": 3, "ended": "", "changes": [], "change": 0}}
    done = after_job(card, row(3, "Crawl", "done", changes=[7, 8]))
    cancelled = after_job(card, row(3, "Crawl", "cancelled"))

    assert after_job(card, row(3, "Crawl", "paused")) == {}
    assert done == {"state": "applied", "detail": {"job": 3, "ended": "done", "changes": [7, 8], "change": 8}}
    assert cancelled["state"] == "undone"
    assert after_job({**card, **cancelled}, row(3, "Crawl", "waiting"))["state"] == "applied"


def test_a_table_of_the_open_app_is_not_one_of_another_app() -> None:
    registry = Registry()
    other = Table("note", (Field("text"),), scoped=True)
    registry.add(App("jobs", (JOB,)))
    registry.add(App("links", (JOB, other), jobs=(CRAWL,)))
    registry.add(App("simulator", (JOB,), jobs=(SIMULATE,)))

    assert [one.name for one in scope_of(registry, {"app": "simulator"}).elsewhere] == ["note"]
    assert scope_of(registry, {"app": "jobs"}).jobs == (AppJob("links", CRAWL), HERE)

"""Workflows: what may be declared, what follows from a run, and the tutorial docs/workflows.md with real processes."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.tables import BadValue, Field
from apps.work import runs
from apps.work.declared import Job
from apps.work.runs import RUN, arguments_of, cleared_by, document, finished, gone_back, known_of, shown_of
from apps.work.workflows import Rows, Step, Workflow, filled_in
from apps.workflows.forms import is_chosen
from apps.workflows.reading import came_to_match
from apps.workflows.store import WEEKLY_REVIEW
from bus.messages import StoreChanged, StoreOrder
from tests.apps.test_tutorial import run, write
from tests.support.http_client import Visitor
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import ROOT, Guest, System, message_of

FIELD = Field("name", required=True)
JOB = Job("work", "Work", (FIELD, Field("found", "json")))
FIRST = Step("first", "First", fields=(FIELD,))


# --- what may be declared ---


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ({"id": "Two words", "fields": (FIELD,)}, "'Two words' cannot name a step"),
        ({"id": "run", "fields": (FIELD,)}, "stands for the run in templates"),
        ({"id": "empty"}, "it has none of them. Expected exactly one of fields, rows, prompt, job and result"),
        ({"id": "both", "prompt": "Write.", "result": "Read."}, "it has prompt, result. Expected exactly one"),
        ({"id": "odd", "fields": (Field("data", "json"),)}, "a form cannot have its field 'data'"),
        ({"id": "twice", "fields": (FIELD, FIELD)}, "two of its fields have the same name"),
        ({"id": "no_job", "prompt": "Write.", "arguments": {"a": "b"}}, "only a step with a job has arguments"),
        (
            {"id": "typo", "job": JOB, "arguments": {"nam": "b"}},
            "its job takes no argument 'nam'. It takes: name, found",
        ),
    ],
)
def test_a_step_that_contradicts_itself_is_refused_with_a_sentence(step: dict[str, Any], problem: str):
    with pytest.raises(BadValue, match="cannot be declared so") as refused:
        Step(**{"title": "A step", **step})

    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ((), "it has no steps"),
        ((FIRST, FIRST), "it has two steps named 'first'"),
        (
            (FIRST, Step("next", "Next", prompt="{later.text}")),
            "its step 'next' says {later.text}, which no step",
        ),
        ((FIRST, Step("next", "Next", result="{first.nam}")), "its step 'next' says {first.nam}, which no step"),
        ((Step("own", "Own", prompt="{own.text}"),), "its step 'own' says {own.text}"),
        ((FIRST, Step("next", "Next", result="{run.colour}")), "says {run.colour}"),
    ],
)
def test_a_workflow_that_cannot_work_is_refused_with_a_sentence(steps: tuple[Step, ...], problem: str):
    with pytest.raises(BadValue) as refused:
        Workflow("test", "Test", "", steps)

    assert problem in str(refused.value)


def test_a_template_repeats_values_as_people_read_them():
    values = {"first": {"name": "Ada {first.name}", "yes": True, "rows": [{"id": 1, "title": "one"}], "none": ""}}

    assert filled_in("{first.name} {first.yes} {first.none} {x}", values) == "Ada {first.name} yes – {x}"
    assert filled_in("{first.rows}", values) == "- one"


# --- what follows from a run ---


def begun() -> dict[str, Any]:
    run = {"title": "Review", "created": 0.0, "step": "done", "turn": 1, "data": {}, "draft": {}}
    run |= finished(WEEKLY_REVIEW, run, {"rows": [{"id": 7, "title": "milk"}, {"id": 0, "title": "new"}]})
    return run | finished(WEEKLY_REVIEW, run, {"well": "Much.", "hard": ""})


def test_a_place_alone_gives_a_job_the_value_itself():
    arguments = {"name": "{first.name}", "found": "{first.found}"}
    step = Step("next", "Next", job=JOB, arguments=arguments)
    workflow = Workflow("test", "Test", "", (Step("first", "First", job=JOB), step))

    def begins(**result: Any) -> dict[str, str]:
        run = {"title": "", "created": 0, "data": {"first": {"job": 1, "result": result}}}
        return arguments_of(workflow, run, step)

    assert begins(name="Ada", found=[1, "ü"]) == {"name": "Ada", "found": '[1, "ü"]'}
    assert begins(name="") == {"name": "", "found": ""}


def test_a_second_run_of_a_day_has_a_number_in_its_title():
    first = runs.begun(WEEKLY_REVIEW)["title"]
    second = runs.begun(WEEKLY_REVIEW, [first])["title"]

    assert second == f"{first} (2)"
    assert runs.begun(WEEKLY_REVIEW, [first, second])["title"] == f"{first} (3)"
    assert runs.begun(WEEKLY_REVIEW, [second])["title"] == first


def test_a_finished_step_is_kept_and_the_next_one_is_current():
    run = begun()

    assert (run["step"], run["turn"], list(run["data"])) == ("summary", 3, ["done", "look_back"])
    assert shown_of(WEEKLY_REVIEW, run, WEEKLY_REVIEW.steps[0]) == "- milk\n- new"
    assert known_of(WEEKLY_REVIEW, run)["look_back"]["well"] == "Much."


def test_going_back_clears_later_steps_and_puts_what_the_step_held_into_its_form():
    run = begun()

    back = gone_back(WEEKLY_REVIEW, run, "done")

    assert [one.id for one in cleared_by(WEEKLY_REVIEW, run, "done")] == ["look_back"]
    assert (back["step"], back["turn"], back["data"]) == ("done", 4, {})
    assert back["draft"] == {"rows": ["7"], "titles": ["milk", "new"]}
    assert gone_back(WEEKLY_REVIEW, run, "look_back")["draft"] == {"well": "Much.", "hard": ""}


def test_going_back_to_a_job_puts_what_it_was_given_into_its_form():
    held = {"job": 7, "arguments": {"name": "Ada", "found": ["ü"]}, "result": {"arguments": 2}}
    workflow = Workflow("test", "Test", "", (Step("first", "First", job=JOB), Step("next", "Next", fields=(FIELD,))))
    run = {"title": "", "created": 0, "step": "next", "turn": 2, "data": {"first": held}}

    assert gone_back(workflow, run, "first")["draft"] == {"name": "Ada", "found": '["ü"]'}
    assert known_of(workflow, run)["first"] == {"arguments": 2, "job": 7, "result": {"arguments": 2}}


def test_a_row_came_to_match_when_a_change_gave_it_the_value():
    wanted = {"done": True}

    assert came_to_match({"after": {"done": True}}, wanted)
    assert not came_to_match({"after": {"done": False}}, wanted)
    assert not came_to_match({"after": {"title": "milk"}}, wanted)
    assert came_to_match({"after": {"title": "milk"}}, {})


def test_rows_that_ship_are_those_of_a_table_that_ships():
    steps = [step for step in WEEKLY_REVIEW.steps if step.rows]

    assert [step.rows.table for step in steps if isinstance(step.rows, Rows)] == ["todo", "todo"]


# --- what no page would have stored ---


@pytest.mark.parametrize(
    "data",
    [
        {"done": {"rows": 5}, "look_back": {"well": [1], "hard": {"a": 1}}},
        {"done": {"rows": [1, {"id": 2}, "x"]}, "look_back": {}},
        {"done": "a text", "look_back": 7},
        {"nowhere": {"a": 1}},
    ],
    ids=str,
)
def test_a_run_with_odd_data_is_shown_all_the_same(data: dict[str, Any]):
    run = begun() | {"data": data}

    for step in WEEKLY_REVIEW.steps:
        assert isinstance(shown_of(WEEKLY_REVIEW, run, step), str)
        assert isinstance(gone_back(WEEKLY_REVIEW, run, step.id)["draft"], dict)
    assert "# Review" in document(WEEKLY_REVIEW, run, WEEKLY_REVIEW.steps[-1])


def test_a_job_that_returned_a_list_is_shown():
    workflow = Workflow("test", "Test", "", (Step("first", "First", job=JOB), Step("next", "Next", fields=(FIELD,))))
    run = {"title": "", "created": 0, "data": {"first": {"job": 1, "result": ["a", "b"]}}}

    assert shown_of(workflow, run, workflow.steps[0]) == "- a\n- b"


def test_the_data_of_a_run_hold_a_map_for_each_step():
    field = RUN.all_fields["data"]

    assert field.checked({"first": {"name": "Ada"}}) == {"first": {"name": "Ada"}}
    for data in ({"first": "Ada"}, {"first": None}, {"first": [1]}, [], "x"):
        with pytest.raises(BadValue, match="`data` does not have the shape that it must have"):
            field.checked(data)


@pytest.mark.parametrize(
    ("kept", "chosen"),
    [
        ({}, [1, 2, 12]),
        ({"rows": []}, []),
        ({"rows": "12"}, [12]),
        ({"rows": ["1", "12"]}, [1, 12]),
        ({"rows": 2, "titles": 5}, [2]),
        ({"rows": [], "titles": ["row 2"]}, [2]),
    ],
    ids=str,
)
def test_the_boxes_of_rows_are_ticked_as_they_were_kept(kept: dict[str, Any], chosen: list[int]):
    rows = [{"id": number, "title": f"row {number}"} for number in (1, 2, 12)]

    assert [one["id"] for one in rows if is_chosen(one, Rows("todo"), kept)] == chosen


# --- the tutorial ---

PAGE = (ROOT / "docs" / "workflows.md").read_text()
BLOCK = re.compile(r"`(trips/[\w/.]+)`:\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILES = dict(BLOCK.findall(PAGE))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OllamaDouble, System]]:
    folder: Path = tmp_path_factory.mktemp("workflow")
    run(folder, "services.cli.main", "new-app", "trips", "--package")
    write(folder, FILES)
    (folder / "trips" / "test_trips.py").unlink()
    quiet = (
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "install",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
    )
    run(folder, *quiet, "--target", str(folder / "installed"), "./trips")
    path = f"{ROOT}:{folder / 'installed'}"
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url, "PYTHONPATH": path}) as system:
        system.start("broker", "store", "llm_worker", "agent", "jobs", "web")
        yield double, system


def test_the_workflow_of_the_tutorial_is_gone_through_from_begin_to_plan(stage: tuple[OllamaDouble, System]):
    double, system = stage
    visitor = Visitor(system)

    async def work(guest: Guest) -> None:
        async def run_now() -> dict[str, Any]:
            order = StoreOrder(verb="list", table="workflow_run", limit=1)
            found: dict[str, Any] = (await guest.bus.ask(order, "workflow_run")).message.rows[0]
            return found

        await guest.bus.ask(StoreOrder(verb="update", table="setting", id="mode", values={"value": "quiet"}), "setting")
        async with visitor.tab() as tab:

            async def send(do: str, **values: Any) -> str:
                run = await run_now()
                return await tab.command(do, run=run["id"], turn=run["turn"], step=run["step"], **values)

            assert await tab.command("workflow-begin", workflow="plan_trip") == ""
            refused = await send("workflow-submit", **{"field-place": "Turku", "field-days": "many"})
            assert refused == "“How many days” is 'many'. Expected: a whole number."
            emptied = await send(
                "workflow-submit", **{"field-place": "Turku", "field-days": "", "field-season": "winter"}
            )
            assert emptied == "“How many days” is empty. Give it a whole number."
            lacking = await send("workflow-submit", **{"field-place": "Turku", "field-season": "winter"})
            assert lacking.startswith("The form came without “How many days”. Nothing was changed.")
            filled = {"field-place": "Turku", "field-days": "2", "field-season": "winter"}
            begun_at = await run_now()
            about = {name: begun_at[name] for name in ("turn", "step")} | {"run": begun_at["id"]}
            for _ in range(2):  # as after a reconnect
                assert await tab.command("workflow-submit", nonce="sent-twice", **about, **filled) == ""
            again = await tab.command("workflow-submit", **about, **filled)
            assert again.startswith("The step “The idea” is finished already.")

            assert await send("workflow-submit") == "The job of “What to pack” was not run yet. Run it first."
            assert await send("workflow-job", **{"field-place": "Turku", "field-days": "2"}) == ""
            await guest.until(message_of(StoreChanged, table="job", verb="update"))
            await guest.until(is_done_job)
            assert await send("workflow-submit") == ""

            double.play(speech("Come to Turku. It snows."))
            assert await send("workflow-draft") == ""
            proposed = (await guest.until(is_proposal)).message.row["proposed"]
            assert proposed == {"text": "Come to Turku. It snows."}
            assert "Invite a friend to 2 days in Turku in winter" in double.chats[0].body["messages"][-1]["content"]
            assert await send("workflow-submit", **{"field-text": "Come to Turku!"}) == ""

            assert await send("workflow-submit", **{"field-new": "Feed the cat"}) == ""
            page = await asyncio.to_thread(visitor.page, f"/apps/workflows?run={(await run_now())['id']}")
            assert "a shirt for day 2" in page
            assert await send("workflow-submit") == ""
        run = await run_now()
        assert run["finalised"]
        assert run["data"]["plan"]["text"] == (
            "# Turku\n\nCome to Turku!\n\n## To pack\n\n- a map of Turku\n- a shirt for day 1\n- a shirt for day 2\n\n"
            "## To do\n\n- Feed the cat\n"
        )
        todos = (await guest.bus.ask(StoreOrder(verb="list", table="todo"), "todo")).message.rows
        assert [one["title"] for one in todos] == ["Feed the cat"]

    system.visit(work)


def is_done_job(heard: Any) -> bool:
    fact = heard.message
    return isinstance(fact, StoreChanged) and fact.table == "job" and fact.row.get("state") == "done"


def is_proposal(heard: Any) -> bool:
    fact = heard.message
    return isinstance(fact, StoreChanged) and fact.table == "workflow_run" and bool(fact.row.get("proposed"))

"""Workflows in a real browser with all processes: the weekly review, and what people do wrong with it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support.assistant_page import TEXT_MODEL, add, change, open_at
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.installed_apps import install
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait, speech
from tests.support.system import System

HAUL = {
    "store": """
from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.declared import Job
from apps.work.workflows import Step, Workflow

CARRY = Job("carry", "Carry it", (Field("flag", required=True),))
STEPS = (
    Step("where", "Where to", fields=(Field("flag", required=True),)),
    Step("carry", "Carry it", job=CARRY, arguments={"flag": "{where.flag}"}),
    Step("end", "Receipt", result="Carried {carry.pieces} pieces."),
)


@hook
def tables():
    return (Table("load", (Field("title"),)),)


@hook
def jobs():
    return (CARRY,)


@hook
def workflows():
    return (Workflow("haul", "A haul", "Carries what there is.", STEPS),)
""",
    "jobs": """
import asyncio
from pathlib import Path


async def carry(progress, flag):
    progress.at(3, 12, "on the stairs")
    while not Path(flag).exists():
        await asyncio.sleep(0.02)
    if Path(flag).read_text() == "drop":
        raise RuntimeError("it fell down")
    progress.at(12, 12, "")
    return {"pieces": 12}
""",
}
"""A workflow with a step that is a job: it waits for a file, the flag, which says how it ends."""

DRAFT = "A good week. The hammers are voiced, and the first concert is booked."


@pytest.fixture(scope="module")
def double() -> Iterator[OllamaDouble]:
    with OllamaDouble(TEXT_MODEL) as made:
        yield made


@pytest.fixture(scope="module")
def running(double: OllamaDouble, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("apps")
    install(folder, haul=HAUL)
    with System({"OLLAMA_HOST": double.url, "PYTHONPATH": str(folder)}) as system:
        system.start(*EVERYTHING, "jobs")
        with chromium.visit(system) as tab:
            tab.page.get_by_role("radio", name="Quiet").check()
            add(tab, "Voice the hammers", "Book the hall", "Tune the bass", "Dust the lid")
            for title in ("Voice the hammers", "Book the hall"):
                tab.todo(title).get_by_role("checkbox").check()
        yield system


@pytest.fixture
def tab(running: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with the app workflows."""
    open_at(running, "workflows")
    with chromium.visit(running, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.is_at("/apps/workflows")
        yield tab


def begin(tab: Tab) -> str:
    """Begin a weekly review; return its key."""
    tab.page.get_by_role("button", name="Begin Weekly review").click()
    expect(step(tab, "done")).to_have_attribute("data-state", "current")
    return tab.page.url.rpartition("run=")[2].partition("&")[0]


def step(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f"#run-steps > li[data-step={name}]")


def next_step(tab: Tab, name: str) -> None:
    """Press Next, and wait for the step of this name."""
    tab.page.locator("#run-next").click()
    expect(step(tab, name)).to_have_attribute("data-state", "current")


def to_summary(tab: Tab, well: str = "The hammers sing.") -> str:
    """Begin a run and go to its third step; return its key."""
    key = begin(tab)
    next_step(tab, "look_back")
    tab.page.get_by_label("What went well").fill(well)
    next_step(tab, "summary")
    return key


def summary(tab: Tab) -> Locator:
    """Return the field of the text that the model drafts."""
    return step(tab, "summary").get_by_role("textbox")


def row(system: System, key: str) -> dict[str, Any]:
    found: dict[str, Any] = change(system, verb="get", table="workflow_run", id=key)[0]
    return found


def told(tab: Tab) -> Locator:
    """Return what the page says to the user."""
    return tab.page.locator("#notices")


# --- from begin to report ---


def test_a_weekly_review_from_begin_to_report(tab: Tab, running: System, double: OllamaDouble):
    page = tab.page
    key = begin(tab)
    boxes = step(tab, "done").get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    step(tab, "done").get_by_label("Book the hall").uncheck()
    next_step(tab, "look_back")
    page.get_by_label("What went well").fill("The hammers sing.")
    next_step(tab, "summary")

    double.play(speech(DRAFT))
    page.locator("#run-draft").click()
    text = step(tab, "summary").get_by_label("Text")
    expect(text).to_have_value(DRAFT)
    expect(tab.page.locator("#chat")).not_to_contain_text("Write a summary of my week")
    page.get_by_role("button", name="Show it in the chat").click()
    asked = tab.messages("user").last.locator(".text")
    expect(asked).to_contain_text("- Voice the hammers")
    expect(asked).to_contain_text("What went well: The hammers sing.")
    expect(tab.answer().locator(".text")).to_have_text(DRAFT)
    page.locator("#conversation-menu > summary").click()
    expect(page.locator("#conversation-menu")).to_contain_text(
        "Your first message starts one."
    )  # not one of the user's
    page.keyboard.press("Escape")
    text.fill(f"{DRAFT} It was mine, too.")
    next_step(tab, "next")

    step(tab, "next").get_by_label("Dust the lid").check()
    page.get_by_label("New ones").fill("- Print the programme\n\nInvite Ada")
    page.locator("#run-next").click()
    expect(step(tab, "report")).to_have_attribute("data-state", "current")
    document = page.locator("#run-document")
    for words in ("Weekly review", "It was mine, too.", "Voice the hammers", "Dust the lid", "Invite Ada"):
        expect(document).to_contain_text(words)
    expect(document).not_to_contain_text("Book the hall")
    with page.expect_download() as download:
        page.locator("#run-download").click()
    saved = download.value.path().read_text()
    assert download.value.suggested_filename == f"{key}.md"
    assert saved.startswith("# Weekly review, ")
    assert "- Dust the lid\n- Print the programme\n- Invite Ada" in saved
    page.get_by_role("button", name="Finish, and lock the run").click()
    expect(page.get_by_text("This run is finalised")).to_be_visible()

    todos = change(running, verb="list", table="todo", where={"done": False})
    assert todos[0]["title"] == "Dust the lid"
    assert [one["title"] for one in todos[-2:]] == ["Print the programme", "Invite Ada"]  # as those added by hand
    assert row(running, key)["data"]["report"]["text"] == saved
    page.get_by_role("link", name="All workflows").click()
    expect(page.locator(f"#run-{key}")).to_contain_text("finalised")


def test_a_run_is_left_and_found_again_as_it_was(tab: Tab, running: System):
    page = tab.page
    tab.tolerates_lost_connection = True
    key = begin(tab)
    next_step(tab, "look_back")
    page.get_by_label("What went well").fill("Half a sent")
    page.get_by_label("What went well").press("End")
    page.keyboard.type("ence")
    page.get_by_label("What was hard").focus()  # the page saves by itself what was typed
    expect(step(tab, "look_back").locator("textarea").first).to_have_text("Half a sentence")
    for name in ("store", "web"):
        running.kill(name)
        running.start(name)
    tab.connected()
    page.get_by_label("What was hard").fill("A string broke.")
    tab.reload()

    expect(page.get_by_label("What went well")).to_have_value("Half a sentence")
    expect(page.get_by_label("What was hard")).to_have_value("A string broke.")
    expect(page.locator("#run-progress")).to_have_text("Step 2 of 5")
    next_step(tab, "summary")
    assert row(running, key)["data"]["look_back"] == {"well": "Half a sentence", "hard": "A string broke."}


def test_two_tabs_on_one_run_follow_each_other_and_the_late_one_loses_no_text(tab: Tab):
    begin(tab)
    other = tab.second()
    other.page.goto(tab.page.url)
    other.connected()
    next_step(tab, "look_back")
    expect(step(other, "look_back")).to_have_attribute("data-state", "current")
    tab.page.get_by_label("What went well").fill("Both hands.")
    tab.page.get_by_label("What was hard").focus()
    expect(other.page.get_by_label("What went well")).to_have_value("Both hands.")

    other.page.evaluate("document.querySelector('form.run-form textarea[required]').value = 'Typed, not sent.'")
    next_step(tab, "summary")

    expect(told(other)).to_contain_text("This step was changed elsewhere. Your text: Typed, not sent.")
    expect(step(other, "summary")).to_have_attribute("data-state", "current")
    other.page.close()


def test_what_comes_late_twice_or_too_early_gets_a_sentence(tab: Tab, running: System):
    page = tab.page
    key = begin(tab)
    send = """command => import("/static/link.js").then(link => link.send(command))"""
    form = {"do": "workflow-submit", "run": key, "turn": 1, "step": "done"}

    page.evaluate(send, {**form, "step": "report"})
    expect(told(tab)).to_contain_text("The step “Report” of “Weekly review")
    expect(told(tab)).to_contain_text("comes later. First finish “What you finished”.")
    page.evaluate(send, {**form, "step": "nowhere", "field-well": "My words"})
    expect(told(tab)).to_contain_text("has no step 'nowhere'. There are: done, look_back, summary, next, report.")
    expect(told(tab)).to_contain_text("Your text: My words")
    page.evaluate(send, {**form, "run": "weekly_review-nobody"})
    expect(told(tab)).to_contain_text("There is no run 'weekly_review-nobody' (any more).")
    page.evaluate(send, form)
    page.evaluate(send, form)
    expect(told(tab)).to_contain_text("The step “What you finished” is finished already. To change it, go back to it.")
    assert row(running, key)["step"] == "look_back"
    assert row(running, key)["turn"] == 2

    page.evaluate(send, {**form, "step": "look_back", "turn": 2, "field-well": " "})
    expect(told(tab)).to_contain_text("“What went well” is empty. Give it a text.")
    change(running, verb="update", table="workflow_run", id=key, values={"finalised": True})
    page.evaluate(send, {**form, "step": "look_back", "turn": 2, "field-well": "Late words"})
    expect(told(tab)).to_contain_text("is finalised, so nothing in it changes. Reopen it first. Your text: Late words")
    assert list(row(running, key)["data"]) == ["done"]

    page.goto(f"{tab.base}/apps/workflows?run=weekly_review-nobody")
    tab.connected()
    expect(page.get_by_text("There is no run weekly_review-nobody in this profile.")).to_be_visible()


def test_going_back_names_what_it_clears_and_a_locked_run_is_opened_again(tab: Tab, running: System):
    page = tab.page
    key = to_summary(tab)
    summary(tab).fill("All mine.")
    next_step(tab, "next")
    next_step(tab, "report")
    page.get_by_role("button", name="Finish, and lock the run").click()
    expect(page.get_by_text("This run is finalised")).to_be_visible()
    expect(page.get_by_role("button", name="Change this step")).to_have_count(0)
    page.get_by_role("button", name="Reopen").click()
    step(tab, "look_back").locator("summary").click()
    step(tab, "look_back").get_by_role("button", name="Change this step").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("This clears “Summary”, “Next week's three”, “Report”.")
    question.get_by_role("button", name="Stay here").click()
    assert row(running, key)["step"] == ""

    step(tab, "look_back").get_by_role("button", name="Change this step").click()
    page.get_by_role("button", name="Go back").click()
    expect(page.get_by_label("What went well")).to_have_value("The hammers sing.")
    assert list(row(running, key)["data"]) == ["done"]
    expect(step(tab, "summary")).to_have_attribute("data-state", "later")


def test_an_undone_step_is_done_again_with_a_new_draft_and_its_todos_once(
    tab: Tab, running: System, double: OllamaDouble
):
    key = to_summary(tab)
    double.play(speech("First."), speech("Second."))
    tab.page.locator("#run-draft").click()
    expect(summary(tab)).to_have_value("First.")
    next_step(tab, "next")
    tab.page.get_by_label("New ones").fill("Oil the pedals")
    next_step(tab, "report")

    for name in ("next", "summary"):
        steps = change(
            running, verb="list", table="change", where={"subject": "workflow_run", "row": [key]}, sort="-id"
        )
        finished = next(one for one in steps if name == one["before"].get("step") and not one["undone_by"])
        change(running, verb="undo", table="", values={"change": finished["id"]})
        expect(step(tab, name)).to_have_attribute("data-state", "current")
        assert not change(running, verb="list", table="todo", where={"title": "Oil the pedals"})

    expect(summary(tab)).to_have_value("First.")
    tab.page.locator("#run-draft").click()
    expect(summary(tab)).to_have_value("Second.")
    next_step(tab, "next")
    tab.page.get_by_label("New ones").fill("Oil the pedals")
    next_step(tab, "report")
    assert len(change(running, verb="list", table="todo", where={"title": "Oil the pedals"})) == 1


def test_a_step_that_is_a_job_shows_its_progress_fails_with_its_reason_and_leads_on_when_it_is_done(
    tab: Tab, running: System, tmp_path: Path
):
    page, flag = tab.page, tmp_path / "flag"
    page.get_by_role("button", name="Begin A haul").click()
    page.get_by_label("Flag").fill(str(flag))
    next_step(tab, "carry")
    carry = step(tab, "carry")
    expect(carry.get_by_label("Flag")).to_have_value(str(flag))

    page.locator("#run-job").click()
    card = carry.locator(".job")
    expect(card).to_have_attribute("data-state", "running")
    expect(card.locator(".job-words")).to_contain_text("3 of 12 · 25 % · on the stairs")
    expect(card.get_by_role("progressbar")).to_have_attribute("value", "3")
    expect(page.locator("#run-next")).to_have_count(0)
    page.reload()
    expect(card.locator(".job-words")).to_contain_text("on the stairs")

    flag.write_text("drop")
    expect(card).to_have_attribute("data-state", "failed")
    expect(card).to_contain_text("it fell down")
    flag.write_text("go")
    page.get_by_role("button", name="Run it again").click()
    expect(card).to_have_attribute("data-state", "done")
    next_step(tab, "end")
    expect(page.locator("#run-document")).to_have_text("Carried 12 pieces.")
    expect(step(tab, "carry").locator("details")).to_contain_text("pieces: 12")


def test_a_draft_never_replaces_what_was_typed(tab: Tab, running: System, double: OllamaDouble):
    page, typed = tab.page, threading.Event()
    key = to_summary(tab)
    double.play([Say("A good "), Wait(typed), Say("week."), Done()])
    page.locator("#run-draft").click()
    expect(page.get_by_text("The model writes a draft.")).to_be_visible()
    expect(page.locator("#run-draft")).to_be_disabled()
    summary(tab).fill("My own words.")
    typed.set()
    offered = page.get_by_role("group", name="What the assistant proposes")
    expect(offered).to_contain_text("A good week.")
    expect(summary(tab)).to_have_value("My own words.")
    offered.get_by_role("button", name="Use this").click()
    expect(summary(tab)).to_have_value("A good week.")
    expect(offered).to_have_count(0)

    double.play([Say("Another "), Wait(threading.Event())])
    page.locator("#run-draft").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("The draft was stopped.")).to_be_visible()
    assert row(running, key)["proposed"] == {}


def test_a_draft_comes_although_the_agent_was_killed_and_can_be_tried_again_when_the_worker_was(
    tab: Tab, running: System, double: OllamaDouble
):
    page, goes_on = tab.page, threading.Event()
    tab.tolerates_lost_connection = True
    key = to_summary(tab, "It rained.")
    double.play([Say("Half "), Wait(goes_on), Say("whole."), Done()])
    page.locator("#run-draft").click()
    page.get_by_role("button", name="Show it in the chat").click()
    expect(tab.answer().locator(".text")).to_have_text("Half")
    running.kill("agent")
    goes_on.set()
    running.start("agent")
    expect(summary(tab)).to_have_value("Half whole.")

    double.play([Say("Half "), Wait(threading.Event())])
    page.locator("#run-draft").click()
    expect(tab.answer().locator(".text")).to_have_text("Half")
    for name in ("agent", "llm_worker"):
        running.kill(name)
    running.start("llm_worker", "agent")
    expect(tab.answer()).to_have_attribute("data-state", "interrupted")
    expect(page.get_by_text("The draft was interrupted.")).to_be_visible()
    double.play(speech(DRAFT))
    tab.answer().get_by_role("button", name="Retry").click()

    expect(summary(tab)).to_have_value(DRAFT)
    assert row(running, key)["proposed"] == {"text": DRAFT}


def test_a_run_is_filled_in_by_keyboard_and_is_accessible(tab: Tab):
    page = tab.page
    page.locator("#begin-weekly_review").focus()
    page.keyboard.press("Enter")
    expect(step(tab, "done")).to_have_attribute("data-state", "current")
    page.locator("#run-next").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#run-step")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("By hand.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(step(tab, "summary")).to_have_attribute("data-state", "current")
    expect(page.locator("#run-step")).to_be_focused()
    assert violations(tab) == []

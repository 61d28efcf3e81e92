"""The journal: what was changed, by whose action, why, and undo; in a real browser, with all processes."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from apps.causes import Known, Why, message_of, why
from apps.core import SETTING
from apps.journal.reading import Entry, Filter, Journal
from apps.journal.web import steps
from apps.sentences import differences, title_of, verb_of
from apps.todo.store import TODO
from apps.work.runs import RUN
from bus.messages import StoreOrder
from tests.support.assistant_page import quieten
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.ollama_double import OllamaDouble, Step, speech
from tests.support.system import Guest, System
from web.html.parts.fragments import html
from web.why.conflicts import conflicts, standing


def change(revision: int, verb: str = "update", undoes: int = 0, **after: Any) -> dict[str, Any]:
    return {"id": revision, "verb": verb, "after": after, "before": {}, "undoes": undoes, "subject": "todo", "row": 1}


# --- pure ---


def test_a_change_and_its_undo_cancel_each_other_out():
    edit, undo = change(5, title="b"), change(6, undoes=5, title="a")
    redo = change(7, undoes=6, title="b")

    assert standing([edit, undo]) == []
    assert [one["id"] for one in standing([edit, undo, redo])] == [7]


def test_only_later_changes_of_the_same_fields_prevent_an_undo_and_the_newest_comes_first():
    edit = change(5, title="b")
    later = [change(6, done=True), change(7, title="c"), change(8, title="d", done=False), change(9, done=True)]

    assert [one["id"] for one in conflicts(edit, later)] == [9, 8, 7]
    assert conflicts(edit, [change(6, done=True)]) == []
    assert [one["id"] for one in conflicts(edit, [change(6, "delete")])] == [6]


@pytest.mark.parametrize(
    ("asked", "cause", "message"),
    [
        ("5.1#0", "generate-5.1", 5),
        ("5.1#0-card", "generate-5.1", 5),
        ("insert-0123456789abcdef", "", 0),
        ("answer-4", "insert-0123456789abcdef", 4),
        ("agree-0123456789abcdef", "generate-12.2", 12),
        ("job-order-0123456789abcdef", "run-5.1-0", 5),
        ("job-0123456789abcdef-ended", "cancel-5.1-12", 5),
        ("job-0123456789abcdef-ended", "job-run-0123456789abcdef", 0),
        ("anything 5.1#0", "", 0),
    ],
)
def test_the_message_that_caused_a_change_is_found_in_the_ids(asked: str, cause: str, message: int):
    assert message_of({"asked": asked, "cause": cause}) == message


def test_a_chain_leads_from_the_order_to_the_message_of_the_user():
    answer = {"id": 5, "role": "assistant", "reply_to": 4, "text": "Done."}
    question = {"id": 4, "role": "user", "reply_to": 0, "text": "add milk"}
    known = Known({4: question, 5: answer}, {}, {})

    found = why({"asked": "5.1#0", "cause": "generate-5.1", "actor": "model"}, known)

    assert (found.sentence, found.message) == ("You wrote “add milk”", 4)
    assert found.chain == ("5.1#0", "generate-5.1", "message 5", "message 4")


@pytest.mark.parametrize(
    ("actor", "asked", "cause", "sentence"),
    [
        ("user", "shell-insert-0123456789abcdef", "", "You ordered it in a terminal"),
        ("app", "workflow-keep-0123456789abcdef", "", "You typed it"),
        ("app", "job-5-1-rows", "job-run-0123456789abcdef", "A click in the page, which ordered the job"),
        (
            "system",
            "job-0123456789abcdef-ended",
            "job-again-0123456789abcdef",
            "A click in the page, which ordered the job",
        ),
        ("system", "anything", "jobs-bb46c1d0-272", "No cause was said"),
    ],
)
def test_a_job_and_a_draft_name_what_the_user_did(actor: str, asked: str, cause: str, sentence: str):
    assert why({"actor": actor, "asked": asked, "cause": cause}, Known({}, {}, {})).sentence == sentence


def test_a_run_has_its_title_and_only_what_differs_in_its_data_is_shown():
    before = {"done": {"rows": [{"id": 1, "title": "milk"}]}, "idea": {"place": "Rome", "days": 3}}
    after = {
        "done": before["done"],
        "idea": {"place": "Rome", "days": 4},
        "next": {"rows": [{"id": 0, "title": "tea"}]},
    }
    made = {**change(5, data=after), "before": {"data": before}, "subject": RUN.name}

    found = [(one.field, one.before, one.after) for one in differences(made, RUN, {})]

    assert found == [("data", "idea: place: Rome; days: 3", "idea: place: Rome; days: 4; next: rows: tea")]
    assert title_of({"id": "trip-k3x9f2", "title": "My trip"}, RUN) == "My trip"
    assert title_of({"id": "theme", "value": "dark"}, SETTING) == "theme"


def test_what_was_typed_into_a_run_is_one_quiet_entry():
    def entry(number: int, **fields: Any) -> Entry:
        made = {**change(number, **fields), "before": {"draft": {}}, "subject": RUN.name, "row": "trip-k3x9f2"}
        made |= {"actor": "app", "undone_by": 0, "asked": f"workflow-keep-{number}", "at": float(number)}
        return Entry(made, "My trip", Why("You typed it"))

    typed = [entry(number, draft={"place": "R" * number}) for number in (7, 6, 5)]
    other = entry(4, step="next", turn=2)
    drawn = [html(one) for one in steps(Journal(Filter(), (*typed, other), tables={RUN.name: RUN}))]

    assert len(drawn) == 2
    assert "You</span> wrote in" in drawn[0]
    assert "Kept 3 times while you typed" in drawn[0]
    assert "open" not in drawn[0].partition("</summary>")[0].partition("<details")[2]
    assert "An app" not in drawn[0]
    assert "An app" in drawn[1]


def test_differences_show_before_and_after_as_people_write_it():
    made = {**change(5, title="oat milk", done=True), "before": {"title": "milk", "done": False}}

    found = [(one.field, one.before, one.after) for one in differences(made, TODO, {})]

    assert found == [("title", "milk", "oat milk"), ("done", "no", "yes")]
    assert verb_of({**made, "after": {"position": 2.0}}) == "moved"


def test_invalid_filters_in_an_address_are_ignored():
    found = Filter.of({"app": "nothing", "actor": "nobody", "from": "yesterday", "to": "2026-02-30"})

    assert found == Filter("nothing")
    assert found.where({"todo": (TODO,)}) == {"subject": ["todo"]}


# --- in the page ---


def scene(body: dict[str, Any]) -> list[Step]:
    words = body["messages"][-1]["content"]
    if "felt" in words:
        return speech(
            'On it.\n\n```json\n{"operation": "insert", "table": "todo", "values": {"title": "Order felt"}}\n```'
        )
    return speech("Noted.")


@pytest.fixture(scope="module")
def shared_system() -> Iterator[System]:
    with OllamaDouble(respond=scene) as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start(*EVERYTHING)
        quieten(system)
        yield system


@pytest.fixture
def tab(shared_system: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(shared_system) as tab:
        yield tab


def order(system: System, verb: str, **fields: Any) -> dict[str, Any]:
    """Send an order to the store. Return the row."""

    async def work(guest: Guest) -> dict[str, Any]:
        heard = await guest.bus.ask(StoreOrder(verb=verb, table="todo", **fields), "todo")
        assert heard.message.ok, heard.message.error
        await asyncio.sleep(0)
        return heard.message.rows[0]

    return system.visit(work)


def go(tab: Tab, query: str = "") -> None:
    tab.page.goto(f"{tab.base}/apps/journal{query}")
    tab.connected()


def entries(tab: Tab) -> Locator:
    return tab.page.locator("#journal-list .entry")


def test_a_change_by_the_assistant_leads_back_to_what_the_user_wrote(tab: Tab):
    tab.say("We are out of felt")
    expect(tab.todo("Order felt")).to_be_visible()
    go(tab)
    entry = entries(tab).first

    expect(entry).to_contain_text("The assistant added the todo “Order felt”.")
    entry.locator(".because > summary").click()
    expect(entry.locator(".why")).to_have_text("You wrote “We are out of felt”")
    entry.get_by_role("button", name="Show it in the chat").click()
    expect(tab.page.locator("#chat-log article.marked")).to_contain_text("We are out of felt")


def test_changes_appear_live_and_are_undone_with_a_click(tab: Tab, shared_system: System):
    go(tab)
    row = order(shared_system, "insert", values={"title": "milk"})
    expect(entries(tab).first).to_contain_text("You added the todo “milk”.")
    order(shared_system, "update", id=row["id"], values={"title": "oat milk", "done": True})
    entry = entries(tab).first
    expect(entry).to_contain_text("You changed the todo “oat milk”.")
    expect(entry.locator(".differences")).to_contain_text("milk → oat milk")
    expect(entry.locator(".differences")).to_contain_text("no → yes")

    entry.get_by_role("button", name="Undo").click()

    expect(entries(tab).first).to_contain_text("which undid change")
    expect(entries(tab).nth(1)).to_have_attribute("data-undone", "")
    expect(entries(tab).nth(1).get_by_role("button", name="Undo")).to_have_count(0)


def test_a_change_that_others_depend_on_is_undone_with_them_in_one_step(tab: Tab, shared_system: System):
    row = order(shared_system, "insert", values={"title": "one"})
    order(shared_system, "update", id=row["id"], values={"title": "two"})
    order(shared_system, "update", id=row["id"], values={"title": "three"})
    go(tab)
    first = entries(tab).nth(1)
    expect(first).to_contain_text("one → two")

    first.get_by_role("button", name="Undo").click()
    question = tab.page.get_by_role("dialog")
    expect(question).to_contain_text("was changed again since")
    expect(question).to_contain_text("title: three")
    question.get_by_role("button", name="Leave it").click()
    expect(question).to_have_count(0)
    first.get_by_role("button", name="Undo").click()
    question.get_by_role("button", name="Undo the newer one first, then this").click()

    step = tab.page.locator("#journal-list > .step").first
    expect(step).to_contain_text("made 2 changes in one step")
    assert order(shared_system, "get", id=row["id"])["title"] == "one"
    step.get_by_role("button", name="Undo all").click()
    expect(tab.page.locator("#journal-list > .step")).to_have_count(2)
    assert order(shared_system, "get", id=row["id"])["title"] == "three"


def test_the_filter_has_an_address(tab: Tab, shared_system: System):
    order(shared_system, "insert", values={"title": "by the system"}, actor="system")
    go(tab)

    tab.page.select_option("#journal-actor", "system")

    expect(entries(tab)).to_have_count(1)
    expect(entries(tab).first).to_contain_text("Pianola added the todo “by the system”.")
    tab.is_at("/apps/journal?actor=system")
    tab.reload()
    expect(entries(tab)).to_have_count(1)
    tab.page.select_option("#journal-app", "settings")
    expect(entries(tab).filter(has_text="the todo")).to_have_count(0)
    tab.page.fill("#journal-to", "2020-01-02")
    expect(tab.page.get_by_text("Nothing happened that passes this filter.")).to_be_visible()
    assert "to=2020-01-02" in tab.page.url
    tab.page.go_back()


def test_a_date_that_is_typed_by_keyboard_counts_when_it_is_finished(tab: Tab, shared_system: System):
    go(tab)
    tab.page.focus("#journal-from")
    tab.page.keyboard.type("1120")
    order(shared_system, "insert", values={"title": "meanwhile"})
    tab.page.keyboard.type("2026")
    expect(tab.page.locator("#journal-from")).to_have_value("2026-11-20")
    assert "from=" not in tab.page.url
    tab.page.keyboard.press("Enter")
    expect(tab.page).to_have_url(re.compile(r"/apps/journal\?from=2026-11-20"))


def test_axe_finds_no_violation(shared_system: System, chromium: Chromium):
    row = order(shared_system, "insert", values={"title": "milk"})
    order(shared_system, "update", id=row["id"], values={"title": "oat"})
    order(shared_system, "update", id=row["id"], values={"title": "oat milk"})
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        go(tab, "?app=everything")
        entries(tab).first.locator(".because > summary").click()
        assert violations(tab) == []
        entries(tab).nth(1).get_by_role("button", name="Undo").click()
        expect(tab.page.get_by_role("dialog")).to_be_visible()
        assert violations(tab) == []


def test_older_changes_load(tab: Tab, shared_system: System):
    async def fill(guest: Guest) -> None:
        for part in range(3):
            orders = [{"verb": "insert", "table": "todo", "values": {"title": f"x {part}-{n}"}} for n in range(100)]
            await guest.bus.ask(StoreOrder(verb="batch", table="todo", values={"orders": orders}), "todo")

    shared_system.visit(fill)
    go(tab)
    expect(entries(tab)).to_have_count(50)

    for count in (250, 300):
        tab.page.get_by_role("button", name="Show older").click()
        expect(entries(tab).nth(count - 1)).to_be_attached()

    expect(entries(tab).filter(has_text="x 0-0”")).to_have_count(1)

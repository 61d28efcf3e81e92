"""The action log beside the chat: what was done lately, in a real browser, with all processes."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.todo.store import TODO
from bus.messages import StoreChanged
from bus.wire import Envelope, Header
from tests.support.assistant_page import add, change, id_of
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.model_replies import adding
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import System
from web.html.chat.action_log import done_list
from web.html.parts.fragments import html
from web.live.action_log.entries import added, entry_of, entry_of_fact
from web.state.page_view import MOST_DONE, Done, PageView

# --- pure ---


def done(revision: int, order: str) -> Done:
    return Done(revision, order, "You", "added the todo", f"title {revision}", 1_700_000_000.0)


def test_changes_of_one_order_are_one_entry_and_only_the_newest_entries_are_kept():
    entries: tuple[Done, ...] = ()
    for number in range(1, 101):
        entries = added(entries, done(number, f"order-{number}"))
    entries = added(added(entries, done(101, "a batch")), done(102, "a batch"))

    assert len(entries) == MOST_DONE
    assert (entries[0].id, entries[0].count, entries[1].id) == (102, 2, 100)


@pytest.mark.parametrize(
    ("verb", "before", "after", "undoes", "did"),
    [
        ("insert", {}, {"title": "milk"}, 0, "added the todo"),
        ("update", {"done": False}, {"done": True}, 0, "changed the todo"),
        ("update", {"position": 1.0}, {"position": 2.0}, 0, "moved the todo"),
        ("delete", {"title": "milk"}, {}, 0, "deleted the todo"),
        ("erase", {"id": 1}, {}, 0, "deleted for good: the todo"),
        ("delete", {"title": "milk"}, {}, 7, "took back a change of the todo"),
    ],
)
def test_a_fact_and_its_row_of_the_history_give_the_same_entry(verb, before, after, undoes, did):
    same = {"id": 1, "title": "milk"}
    row, old = ({**same, **after} if after else {}), ({**same, **before} if before and verb != "erase" else before)
    fact = StoreChanged(table="todo", verb=verb, id=1, row=row, before=old, actor="user", revision=9, undoes=undoes)
    heard = Envelope("todo", Header("id", "the order", "store-1", 1, 5.0), fact)
    change: dict[str, Any] = {"id": 9, "asked": "the order", "actor": "user", "verb": verb, "row": 1, "at": 5.0}
    change |= {"subject": "todo", "before": before, "after": after, "undoes": undoes}

    made = entry_of_fact(heard, TODO)

    assert made == entry_of(change, "" if verb == "erase" else "milk", TODO)
    assert (made.who, made.did, made.name) == ("You", did, "1" if verb == "erase" else "“milk”")


# --- in the page ---


@pytest.fixture
def other(shared_system: System, chromium: Chromium) -> Iterator[Tab]:
    """A second tab, in which nothing is done."""
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as made:  # axe is a script
        yield made


def entries(tab: Tab) -> list[str]:
    return [" ".join(one.split()) for one in tab.page.locator("#done-list li p").all_text_contents()]


def newest(tab: Tab, *sentences: str) -> None:
    """Wait until these are the newest entries, the newest first."""
    for place, sentence in enumerate(sentences):
        expect(tab.page.locator("#done-list li").nth(place).locator("p")).to_have_text(sentence)


def test_it_is_folded_and_shows_what_both_did_in_every_tab(tab: Tab, other: Tab, ollama: OllamaDouble):
    expect(tab.page.locator("#done-list")).to_be_hidden()
    expect(other.page.locator("#done-list")).to_be_hidden()
    other.page.locator("#done-menu > summary").click()

    add(tab, "first", "second")
    newest(other, "You added the todo “second”.", "You added the todo “first”.")
    ollama.play(speech(adding("third")))
    tab.say("add the third")
    newest(other, "The assistant added the todo “third”.", "You added the todo “second”.")
    tab.todo("first").get_by_role("checkbox").click()
    newest(other, "You changed the todo “first”.", "The assistant added the todo “third”.")

    expect(other.page.locator("#done-list")).to_be_visible()  # what changes inside does not close it
    assert not violations(other)
    other.page.get_by_role("link", name="All, with Undo, in the journal").click()
    expect(other.page.locator("#journal-list")).to_be_visible()
    expect(other.page.locator("#done-list")).to_be_hidden()


def test_many_changes_of_one_order_are_one_entry_and_none_is_left_of_what_was_erased(tab: Tab, shared_system: System):
    add(tab, "a secret")
    newest(tab, "You added the todo “a secret”.")
    insert = {"verb": "insert", "table": "todo", "values": {"title": "many", "profile": 1}}
    change(shared_system, verb="batch", table="todo", values={"orders": [insert] * 200})
    newest(tab, "You made 200 changes in one step.", "You added the todo “a secret”.")

    secret = id_of(tab, "a secret")
    change(shared_system, verb="erase", table="todo", id=secret)
    newest(tab, f"You deleted for good: the todo {secret}.", "You made 200 changes in one step.")
    expect(tab.page.locator("#done-list")).not_to_contain_text("a secret")


def test_after_a_restart_of_web_it_reads_the_same(tab: Tab, shared_system: System):
    tab.tolerates_lost_connection = True
    add(tab, "before the restart")
    tab.todo("before the restart").get_by_role("checkbox").click()
    newest(tab, "You changed the todo “before the restart”.", "You added the todo “before the restart”.")
    live = entries(tab)

    shared_system.kill("web")
    shared_system.start("web")
    tab.reload()

    newest(tab, "You changed the todo “before the restart”.")
    assert entries(tab)[:2] == live[:2]
    assert len(entries(tab)) <= MOST_DONE


def test_it_escapes_what_it_shows():
    view = PageView(0, "", "todo", {}, done=(Done(1, "o", "You", "added the todo", "“<b>x</b>”", 1.0),))

    assert "“&lt;b&gt;x&lt;/b&gt;”" in html(done_list(view))

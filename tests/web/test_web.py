"""The web process with a real broker and a real store. The test itself says what agent and worker would say."""

import asyncio
import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from apps.tables import Field
from bus.errors import EXIT_REFUSED
from bus.messages import (
    LlmCancel,
    LlmListed,
    LlmProgressed,
    LlmRecall,
    LlmRecalled,
    LlmStarted,
    LlmToken,
    LlmUnload,
    LlmUnloaded,
    StoreChanged,
    StoreOrder,
    UiActed,
)
from tests.support.http_client import Tab, Visitor
from tests.support.system import Guest, System, message_of, run_apart
from web.state.form_values import from_form


@pytest.fixture
def system() -> Iterator[System]:
    with System({"PIANOLA_PROCESSES": "broker,store,web"}) as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture
def visitor(system: System) -> Visitor:
    return Visitor(system)


@pytest.fixture(scope="module")
def processes() -> Iterator[System]:
    """Processes that many tests share."""
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture(scope="module")
def shared(processes: System) -> Visitor:
    """Their visitor."""
    return Visitor(processes)


async def order(guest: Guest, verb: str, table: str, **fields: Any) -> dict[str, Any]:
    """Have the store do something on the system's behalf; return the row."""
    heard = await guest.bus.ask(StoreOrder(verb=verb, table=table, actor="system", **fields), table)
    assert heard.message.ok, heard.message.error
    return heard.message.rows[0]


async def begin(guest: Guest, *tabs: Tab) -> tuple[int, int]:
    """Make a conversation, show it in these tabs and later ones, and begin an answer in it; return the ids of both."""
    conversation = (await order(guest, "insert", "conversation", values={"title": "talk"}))["id"]
    await order(guest, "update", "setting", id="conversation", values={"value": conversation})
    for tab in tabs:
        assert await tab.command("choose", conversation=str(conversation)) == ""
    values = {"conversation": conversation, "role": "assistant", "state": "streaming"}
    return conversation, (await order(guest, "insert", "message", values=values))["id"]


def play(guest: Guest, conversation: int, message: int, texts: list[str], start: int = 0) -> None:
    """Say tokens as the worker does."""
    for index, text in enumerate(texts, start):
        guest.bus.say(LlmToken(generation=f"{message}.0", index=index, text=text), conversation)


def remember(guest: Guest, message: int, text: str, following: int) -> None:
    """Answer every question for the text so far, as the worker does."""

    def answer(heard) -> None:
        if heard.message.generation == f"{message}.0":
            recalled = LlmRecalled(generation=f"{message}.0", state="running", text=text, next=following)
            guest.bus.say(recalled, heard.header.sender, cause=heard.header.id)

    guest.bus.hear(LlmRecall, answer)


# --- data ---


def test_what_one_tab_does_shows_in_all_and_in_the_next_page(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as one, visitor.tab() as other:
            assert await one.command("insert", table="todo", title="<b>milk</b>") == ""
            await other.until(lambda frame: "beforeend:#todo-list" in frame and "&lt;b&gt;milk" in frame)
            assert await other.command("toggle", table="todo", id="1", field="done") == ""
            await one.until(lambda frame: 'id="todo-row-1"' in frame and "data-done" in frame)
            assert await one.command("update", table="todo", id="1", title="oat milk") == ""
            await other.until(lambda frame: 'id="todo-row-1"' in frame and "oat milk" in frame)
            assert "oat milk" in await asyncio.to_thread(visitor.page)
            assert await one.command("delete", table="todo", id="1") == ""
            await other.until(lambda frame: frame.startswith('<div id="todo-row-1" hx-swap-oob="delete"></div>'))

    run_apart(see())


def test_a_moved_row_brings_the_whole_list_and_undo_brings_the_row_back_to_its_place(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab:
            for title in ("one", "two", "three"):
                await tab.command("insert", table="todo", title=title)
            assert await tab.command("move", table="todo", id="3", after="1") == ""
            await tab.until(lambda frame: titles(frame) == ["one", "three", "two"])
            async with system.guest() as guest:
                await tab.command("delete", table="todo", id="1")
                listed = await guest.bus.ask(StoreOrder(verb="list", table="todo"), "todo")
                tab.frames.clear()
                assert await tab.command("undo", change=str(listed.message.revision)) == ""
            await tab.until(lambda frame: titles(frame) == ["one", "three", "two"])

    def titles(frame: str) -> list[str]:
        if not frame.startswith('<ul id="todo-list"'):
            return []
        return re.findall(r'class="title"[^>]*>([^<]*)', frame)

    run_apart(see())


def test_a_command_that_is_sent_twice_takes_effect_once(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            for _ in range(3):
                assert await tab.command("insert", nonce="the-same-click", table="todo", title="milk") == ""
                assert await tab.command("say", nonce="the-same-words", text="hello") == ""
            rows = (await guest.bus.ask(StoreOrder(verb="list", table="todo"), "todo")).message.rows
            said = (await guest.bus.ask(StoreOrder(verb="list", table="message"), "message")).message.rows
            assert (len(rows), len(said)) == (1, 1)

    run_apart(see())


def test_the_first_message_begins_a_conversation_named_after_it(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            assert await tab.command("say", text="What is\na pianola? " + "x" * 100) == ""
            fact = await guest.until(message_of(StoreChanged, table="message"))
            conversation = await order(guest, "get", "conversation", id=fact.message.row["conversation"])
            assert conversation["title"] == ("What is a pianola? " + "x" * 100)[:60]
            await tab.until(lambda frame: 'id="message-1"' in frame and "a pianola?" in frame)
            assert await tab.command("new") == ""
            await tab.until(lambda frame: frame.startswith('<div id="chat-log"') and "message-1" not in frame)
            assert await tab.command("choose", conversation="1") == ""

    run_apart(see())


@pytest.mark.parametrize("text", ["a", "😀", "م", "ñ\u0301", '"', "<script>alert(1)</script>"])
def test_a_long_message_in_any_script_arrives_whole(processes: System, shared: Visitor, text: str):
    long = (text * 100_000)[:100_000]

    async def see() -> None:
        async with shared.tab() as tab, processes.guest() as guest:
            assert await tab.command("say", text=long) == ""
            fact = (await guest.until(message_of(StoreChanged, table="message"))).message
            assert fact.row["text"] == long
            await tab.until(lambda frame: f'id="message-{fact.id}"' in frame)
            assert not [frame for frame in tab.frames if "<script>" in frame]
            assert await tab.command("new") == ""  # so that the next page is short

    run_apart(see())


# --- refusals ---


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ({"do": "say", "text": "  \n"}, "The message is empty. Write something first."),
        ({"do": "say", "text": "x" * 200_001}, "`text` has 200,001 characters, at most 200,000 fit. Shorten it."),
        ({"do": "say"}, "`text` of the command say is None. Expected a text."),
        ({"do": "fly"}, "There is no command 'fly'. Reload the page."),
        ({"do": "insert", "table": "message", "text": "x"}, "The table 'message' cannot be changed here."),
        ({"do": "insert", "table": "todo", "title": ""}, "`title` is empty. Give it a text."),
        ({"do": "insert", "table": "todo", "title": "x", "flavour": "y"}, "flavour"),
        ({"do": "toggle", "table": "todo", "id": "one", "field": "done"}, "`id` is 'one'. Expected: a whole number."),
        ({"do": "delete", "table": "todo", "id": "7"}, "There is no todo with id 7 (any more)."),
        ({"do": "set", "key": "mode", "value": "loud"}, "'loud' cannot be chosen. Expected one of: quiet, ambient"),
        ({"do": "set", "key": "conversation", "value": "1"}, "'conversation' cannot be set here."),
        ({"do": "choose", "conversation": "9"}, "There is no conversation with id 9 (any more)."),
        ({"do": "retry", "message": "9"}, "There is no message with id 9 (any more)."),
        ({"do": "opened", "app": "nothing"}, "There is no app 'nothing'."),
        ({"do": "opened"}, "`app` of the command opened is None. Expected a text."),
        ({"do": "page", "offset": "x"}, "`offset` is 'x'. Expected: a whole number."),
        ({"do": "reveal", "table": "todo", "id": "9"}, "There is no todo with id 9 (any more)."),
        ({"do": "reveal", "table": "setting", "id": "mode"}, "No app shows rows of 'setting'."),
        ({"do": "update", "table": "todo", "id": "1", "where": "["}, "`where` of the command update is '['."),
        ({"do": "act", "app": "nothing", "action": "x"}, "There is no app 'nothing'."),
        ({"do": "act", "app": "todo", "action": "Fly"}, "The app todo offers no action 'Fly' (any more)."),
        ({"do": "ask_rename", "conversation": "9"}, "There is no conversation with id 9 (any more)."),
        ({"do": "delete_conversation", "conversation": "9"}, "There is no conversation with id 9 (any more)."),
    ],
)
def test_a_refusal_is_a_sentence(shared: Visitor, command: dict[str, Any], sentence: str):
    async def see() -> None:
        async with shared.tab() as tab:
            assert sentence in await tab.command(**command)

    run_apart(see())


@pytest.mark.parametrize(
    "frame",
    [
        *(
            "",
            "x",
            "[1]",
            '"text"',
            "7",
            "null",
            "NaN",
            "{}",
            '{"nonce": 7}',
            '{"nonce": "short"}',
            '{"nonce": "x y z u v"}',
        ),
        *("[" * 5_000, '{"a":' * 5_000, '{"nonce": "a", "nonce": "b"}', b"\x00\xff", b"{}"),
    ],
)
def test_a_bad_frame_gets_a_sentence_and_harms_nobody(shared: Visitor, frame: str | bytes):
    async def see() -> None:
        async with shared.tab() as tab:
            await tab.socket.send(frame)
            assert (await tab.until(lambda one: one.startswith("?\n"))).endswith("Reload the page.")
            assert await tab.command("poked", what="the server") == ""

    run_apart(see())


def test_too_large_a_frame_closes_its_own_socket_only(shared: Visitor):
    async def see() -> None:
        async with shared.tab() as other:
            async with shared.tab() as tab:
                with contextlib.suppress(ConnectionClosed):
                    await tab.socket.send("x" * (16 * 1024 * 1024 + 1))
                await tab.socket.wait_closed()
                assert tab.socket.close_code == 1009
            assert await other.command("poked") == ""

    run_apart(see())


def test_more_commands_than_anybody_clicks_are_slowed_down_but_all_answered(shared: Visitor):
    async def see() -> None:
        async with shared.tab() as tab, shared.tab() as other:
            for number in range(400):
                await tab.socket.send(json.dumps({"do": "poked", "nonce": f"many-pokes-{number}"}))
            assert await other.command("poked") == ""
            for number in range(400):
                await tab.until(lambda frame, number=number: frame == f"!many-pokes-{number}")

    run_apart(see())


def test_what_changes_no_data_is_told_to_the_agent(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:

            async def told(action: str) -> dict[str, Any]:
                heard = await guest.until(message_of(UiActed, action=action))
                assert (heard.key, heard.message.profile) == ("todo", 1)
                return dict(heard.message.detail)

            milk = (await order(guest, "insert", "todo", values={"title": "milk", "profile": 1}))["id"]
            row = {"table": "todo", "id": str(milk)}
            assert await tab.command("opened", app="todo") == ""
            assert await tab.command("selected", nonce="selecting-1", **row) == ""
            assert await told("selected") == row | {"name": "milk"}
            acted = await guest.until(message_of(UiActed, action="selected"))
            assert acted.message.tab
            assert acted.header.id == "selected-selecting-1-acted"
            setting = await guest.until(message_of(StoreChanged, table="setting"))
            assert (setting.message.id, setting.message.row["value"]) == ("app", "todo")

            assert await tab.command("searched", text=" milk ", found="1") == ""
            assert await told("searched") == {"text": "milk", "found": 1}
            assert await tab.command("opened", app="todo", query="done=no&flavour=sour") == ""
            assert await told("filtered") == {"filters": {"done": "no"}}
            assert await tab.command("why", **row) == ""
            assert await told("asked_why") == {"table": "todo", "name": "milk"}
            assert await tab.command("reveal", **row) == ""
            assert await told("found") == {"table": "todo", "id": milk, "name": "milk"}
            await asyncio.to_thread(visitor.page, "/export/todo.csv")
            exported = await told("exported")
            assert exported["rows"] >= 1
            assert exported["file"].startswith("todo-")

    run_apart(see())


@pytest.mark.parametrize("values", [{"text": ""}, {"text": "x" * 201}, {"found": "-1"}, {"found": "many"}])
def test_a_search_that_no_page_sends_is_refused(shared: Visitor, values: dict[str, Any]):
    async def see() -> None:
        async with shared.tab() as tab:
            assert await tab.command("searched", **{"text": "milk", "found": "1"} | values)

    run_apart(see())


def test_a_setting_shows_in_all_tabs(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as one, visitor.tab() as other:
            for key, value in {"mode": "chatty", "theme": "matrix"}.items():
                assert await one.command("set", key=key, value=value) == ""
                await other.until(lambda frame, key=key: f'id="{key}-switch"' in frame)
        assert 'data-theme="matrix"' in await asyncio.to_thread(visitor.page)

    run_apart(see())


# --- the list of conversations ---


def test_the_list_of_conversations_has_what_is_pinned_new_found_and_older(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:

            async def talk(title: str, *texts: str, **values: Any) -> int:
                row = await order(guest, "insert", "conversation", values={"title": title, **values})
                for text in texts:
                    said = {"conversation": row["id"], "role": "assistant", "text": text}
                    await order(guest, "insert", "message", values=said)
                return int(row["id"])

            now = time.time()
            for number in range(60):
                await talk(f"Old {number}", created=now - 1e7)
            await talk("A branch", "felt in a branch", version=True)
            pinned = await talk("Kept", created=now - 1e7, pinned=True)
            recent = await talk("Recent", "one", "of <b>felt</b> and wood")
            page = await asyncio.to_thread(visitor.page)
            assert "Recent" not in page  # it comes when the list is opened
            assert await tab.command("talks") == ""
            frame = await listed(tab, "Recent")
            order_seen = [frame.index(text) for text in ("Pinned", "Kept", "Today", "Recent", "Older", "Old 59")]
            assert order_seen == sorted(order_seen)
            assert f'href="?talk={recent}"' in frame
            assert frame.count('class="conversation"') == 50
            assert "A branch" not in frame
            assert await tab.command("talks", offset="49") == ""
            assert ">Old 0<" in await listed(tab, ">Old 0<")

            assert await tab.command("talks-search", words="felt") == ""
            found = await listed(tab, "<mark>felt</mark>")
            assert "<b>" not in found
            assert f'data-talk="{recent}"' in found
            assert ">Kept<" not in found

            answer = {"conversation": pinned, "role": "assistant", "state": "streaming"}
            message = (await order(guest, "insert", "message", values=answer))["id"]
            assert await tab.command("talks-search", words="") == ""
            await order(guest, "update", "message", id=message, values={"state": "done", "text": "There."})
            await listed(tab, "new answer")
            tab.frames.clear()
            assert await tab.command("choose", conversation=str(pinned)) == ""
            await tab.until(lambda frame: frame.startswith(LIST) and "Kept" in frame and "new answer" not in frame)
            await guest.until(lambda heard: is_fact(heard, pinned) and heard.message.before.get("seen"))

    def is_fact(heard: Any, conversation: int) -> bool:
        message = heard.message
        return isinstance(message, StoreChanged) and (message.table, message.id) == ("conversation", conversation)

    async def listed(tab: Tab, text: str) -> str:
        """Return the newest list that has a text."""
        await tab.until(lambda frame: frame.startswith(LIST) and text in frame)
        return [frame for frame in tab.frames if frame.startswith(LIST) and text in frame][-1]

    run_apart(see())


LIST = '<span id="conversation-title"'
"""With what the list of conversations begins when it is drawn again."""


def test_conversations_are_exported_and_imported_again_and_several_are_deleted(system: System, visitor: Visitor):
    post = {"Origin": f"http://{visitor.host}"}

    def upload(text: str) -> tuple[int, str]:
        status, _, answer = visitor.ask("/conversations", method="POST", headers=post, body=text.encode())
        return status, answer

    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            parent = (await order(guest, "insert", "conversation", values={"title": "Ünïcode 😀", "pinned": True}))[
                "id"
            ]
            said = [
                {"role": "user", "text": "one"},
                {"role": "assistant", "text": "**two**\n", "reply_to": 1, "model": "small:1b", "thinking": "hm"},
                {
                    "role": "action",
                    "state": "applied",
                    "text": "Added “milk” to todo.",
                    "detail": {"change": 5, "app": "todo"},
                },
                {"role": "user", "text": "three"},
            ]
            for values in said:
                await order(guest, "insert", "message", values={"conversation": parent, **values})
            branch = {"title": "Branch", "parent": parent, "before": 4}
            fork = (await order(guest, "insert", "conversation", values=branch))["id"]
            await order(guest, "insert", "message", values={"conversation": fork, "role": "user", "text": "other"})

            text = await asyncio.to_thread(visitor.page, f"/conversations.md?id={fork}")
            assert text.startswith("# Branch\n\n**You**, ")
            assert [text.count(part) for part in ("one", "**two**", "> Added", "three", "other")] == [1, 1, 1, 0, 1]
            exported = await asyncio.to_thread(visitor.page, "/conversations.json")
            status, told = await asyncio.to_thread(upload, exported)
            assert (status, told) == (201, "Imported 2 conversations with 5 messages.")
            again = json.loads(await asyncio.to_thread(visitor.page, f"/conversations.json?id={fork + 2}"))
            first = json.loads(exported)["conversations"]
            assert [plain(talk) for talk in again["conversations"]] == [plain(talk) for talk in first]
            assert again["conversations"][1]["parent"] == fork + 1
            assert again["conversations"][1]["before"] == again["conversations"][0]["messages"][3]["id"]
            rows = (await guest.bus.ask(StoreOrder(verb="list", table="message"), "message")).message.rows
            assert all((row["detail"] or {}).get("imported") for row in rows if row["conversation"] > fork)
            assert not any("change" in (row["detail"] or {}) for row in rows if row["conversation"] > fork)

            refusals = {
                exported.replace('"version": 1', '"version": 2', 1): "newer version of Pianola",
                "[]": "This is no file of conversations",
                "": "The file is empty",
                exported.replace('"user"', '"nobody"', 1): "Conversation 1, message 1",
            }
            for file, sentence in refusals.items():
                status, told = await asyncio.to_thread(upload, file)
                assert status == 422
                assert sentence in told
                assert told.endswith("Nothing was imported.")
            both = f"{fork + 1},{fork + 2}"
            assert await tab.command("ask_delete", conversation=both) == ""
            await tab.until(lambda frame: "Delete 2 conversations?" in frame and "5 messages" in frame)
            assert await tab.command("delete_conversation", nonce="all-in-one", conversation=both) == ""
            left = (await guest.bus.ask(StoreOrder(verb="list", table="conversation"), "conversation")).message
            assert [row["id"] for row in left.rows] == [parent, fork]
            assert await tab.command("undo-step", order="delete_conversation-all-in-one") == ""
            back = (await guest.bus.ask(StoreOrder(verb="list", table="message"), "message")).message.rows
            assert back == rows
            assert "There is no conversation with id 99" in await tab.command("ask_delete", conversation="1,99")

    def plain(talk: dict[str, Any]) -> dict[str, Any]:
        """Return a conversation without ids."""
        left_out = {"id", "reply_to", "parent", "before"}
        said = [{name: value for name, value in one.items() if name not in left_out} for one in talk["messages"]]
        return {name: value for name, value in talk.items() if name not in left_out} | {"messages": said}

    run_apart(see())


# --- streams ---


def test_tokens_reach_all_tabs_and_a_late_one_gets_the_text_so_far(system: System, visitor: Visitor):
    texts = ["Hel", "lo", " <b>", "\n", "\u0085 wor", "ld", " 😀"]

    async def see() -> None:
        async with visitor.tab() as one, system.guest() as guest:
            conversation, message = await begin(guest, one)
            remember(guest, message, "", 0)
            await one.until(lambda frame: f'id="message-{message}"' in frame)
            for text in texts[:4]:
                play(guest, conversation, message, [text], texts.index(text))
                await one.until(lambda _, text=text: one.text_of(message).endswith(text.rstrip("\n")))
            page = await asyncio.to_thread(visitor.page)
            assert "<p>Hello &lt;b&gt;</p></div>" in page
            async with visitor.tab(page) as late:
                await late.until_text(message, "Hello <b>")
                play(guest, conversation, message, texts[4:], 4)
                for tab in (one, late):
                    await tab.until_text(message, "".join(texts))
            assert len(guest.all(LlmRecall)) == 0  # the worker is not asked when nothing can be missing
            tokens = [frame for frame in one.frames if frame.startswith(f"+{message}\n")]
            assert sum(map(len, tokens)) <= len("".join(texts)) + 8 * len(texts)

            final = {"state": "done", "text": "*" + "".join(texts) + "*"}
            await order(guest, "update", "message", id=message, values=final)
            await one.until(lambda frame: frame.startswith(f"|{message} 0 p\n<p><em>"))
            ended = await one.until(lambda frame: f'id="message-{message}"' in frame and 'data-state="done"' in frame)
            assert "<em>" not in ended  # the text is not sent again

    run_apart(see())


def test_thoughts_come_apart_from_the_text_and_loading_is_shown(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            conversation, message = await begin(guest, tab)
            remember(guest, message, "", 0)
            await tab.until(lambda frame: f'id="message-{message}"' in frame)
            guest.bus.say(LlmStarted(generation=f"{message}.0", model="big", loaded=False), conversation)
            await tab.until(lambda frame: frame.startswith(f":{message}\nLoading big"))
            guest.bus.say(LlmToken(generation=f"{message}.0", index=0, text="hm", thinking=True), conversation)
            guest.bus.say(LlmToken(generation=f"{message}.0", index=1, text="yes"), conversation)
            await tab.until(lambda frame: frame == f"~{message} 0\nhm")
            await tab.until_text(message, "yes")

    run_apart(see())


def test_two_tabs_show_two_conversations_while_both_are_answered(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as one, visitor.tab() as other, system.guest() as guest:
            first, answer = await begin(guest, one)
            second, reply = await begin(guest, other)
            for text, index in (("Hel", 0), ("lo", 1)):
                play(guest, first, answer, [text], index)
                play(guest, second, reply, [text.upper()], index)
            await one.until_text(answer, "Hello")
            await other.until_text(reply, "HELLO")
            for tab, foreign in ((one, reply), (other, answer)):
                assert not [frame for frame in tab.frames if f"message-{foreign}" in frame]
                assert tab.text_of(foreign) == ""
            assert (await order(guest, "get", "setting", id="conversation"))["value"] == second

            assert await one.command("choose", conversation=str(second)) == ""
            await one.until(lambda frame: f'data-conversation="{second}"' in frame and f'id="message-{reply}"' in frame)
            play(guest, second, reply, [" again"], 2)
            for tab in (one, other):
                await tab.until_text(reply, "HELLO again")
            play(guest, first, answer, [" too"], 2)
            assert await one.command("choose", conversation=str(first)) == ""
            await one.until_text(answer, "Hello too")
            assert len(guest.all(LlmRecall)) == 0

            assert await one.command("say", text="and I am in the first") == ""
            assert await other.command("say", text="and I in the second") == ""
            waiting = await guest.bus.ask(StoreOrder(verb="list", table="waiting_message"), "waiting_message")
            assert [row["conversation"] for row in waiting.message.rows] == [first, second]

    run_apart(see())


def test_an_address_names_the_conversation_or_a_sentence_says_why_it_shows_another(shared: Visitor):
    async def see() -> None:
        async with shared.tab(shared.page("/apps/todo?talk=new")) as tab:
            assert await tab.command("say", text="the first") == ""
            assert await tab.command("new") == ""
            assert await tab.command("say", text="the second") == ""
            found = await tab.until(lambda frame: "the second" in frame and 'id="chat-log"' in frame)
            second = int(re.search(r'data-conversation="(\d+)"', found)[1])  # type: ignore[index]  # it is there
        first = second - 1
        for address, chosen in (("/", second), ("/apps/todo", second), (f"/apps/todo?talk={first}", first)):
            assert f'data-conversation="{chosen}"' in shared.page(address)
        assert "data-conversation" not in shared.page("/apps/todo?done=no&talk=new")

        sentences = {"9999": "There is no conversation 9999 (any more).", "seven": "“seven”, which is no number."}
        for talk, sentence in sentences.items():
            page = await asyncio.to_thread(shared.page, f"/apps/todo?talk={talk}")
            assert f'data-conversation="{second}"' in page
            async with shared.tab(page) as tab:
                await tab.until(lambda frame, sentence=sentence: frame.startswith("?\n") and sentence in frame)
        async with shared.tab(shared.page(f"/?talk={first}")) as tab:
            assert await tab.command("opened", app="todo", talk="9999") == ""  # the user went back to one that is gone
            await tab.until(lambda frame: frame.startswith("?\nThere is no conversation 9999"))
            await tab.until(lambda frame: f'data-conversation="{second}"' in frame)
            assert await tab.command("say", text="to none", talk="9999") != ""
            for conversation in (first, second):
                command = {"conversation": str(conversation)}
                assert await tab.command("delete_conversation", **command) == ""
            await tab.until(lambda frame: 'id="chat-log"' in frame and "data-conversation" not in frame)

    run_apart(see())


def test_a_gap_is_filled_by_asking_the_worker(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            conversation, message = await begin(guest, tab)
            remember(guest, message, "one two three", 3)
            play(guest, conversation, message, ["one", " two", " three"][:1])
            play(guest, conversation, message, [" four"], 3)
            play(guest, conversation, message, [" five"], 4)
            await tab.until(lambda _: tab.text_of(message).startswith("one two three"))
            play(guest, conversation, message, [" six"], 5)
            await guest.until(message_of(LlmRecall))

    run_apart(see())


def test_a_restarted_web_process_continues_where_the_stream_is(system: System, visitor: Visitor):
    async def see() -> None:
        async with system.guest() as guest:
            conversation, message = await begin(guest)
            page = await asyncio.to_thread(visitor.page)
            async with visitor.tab(page) as tab:
                play(guest, conversation, message, ["one"])
                await tab.until_text(message, "one")
                await asyncio.to_thread(system.kill, "web")
            remember(guest, message, "one two", 2)
            play(guest, conversation, message, [" two"], 1)
            await asyncio.to_thread(system.start, "web")
            async with visitor.tab(page) as tab:
                await tab.until_text(message, "one two")
                play(guest, conversation, message, [" three"], 2)
                await tab.until_text(message, "one two three")
                assert [frame for frame in tab.frames if frame.startswith('<div id="chat-log"')]

    run_apart(see())


def test_a_page_of_a_killed_web_process_is_drawn_again_even_if_nothing_was_stored_meanwhile(
    system: System, visitor: Visitor
):
    async def see() -> None:
        async with system.guest() as guest:
            conversation, message = await begin(guest)
            page = await asyncio.to_thread(visitor.page)
            await asyncio.to_thread(system.kill, "web")
            await asyncio.to_thread(system.start, "web")
            remember(guest, message, "one", 1)
            revision = re.search(r"revision=(\d+)", page)
            assert revision
            await asyncio.to_thread(visitor.wait_until_known, int(revision[1]))
            async with visitor.tab(page) as tab:
                await tab.until_text(message, "one")
                play(guest, conversation, message, [" two"], 1)
                await tab.until_text(message, "one two")

    run_apart(see())


@pytest.mark.parametrize("claim", ["0", "-1", str(2**63), "9" * 5_000, "x", "", "1.0", "NaN"])
def test_a_page_that_claims_any_revision_is_shown_as_things_are(shared: Visitor, claim: str):
    """A page of another run, of another home, or of no run: what it sends may be wrong in any way."""

    async def see() -> None:
        async with shared.tab() as tab:
            assert await tab.command("insert", table="todo", title="seen by all") == ""
        page = await asyncio.to_thread(shared.page)
        stranger = re.sub(r"revision=\d+", f"revision={claim}", page)
        async with shared.tab(re.sub(r"tab=\w+", "tab=a-stranger", stranger)) as tab:
            await tab.until(lambda frame: frame.startswith('<section id="app"') and "seen by all" in frame)

    run_apart(see())


def test_continue_shows_the_kept_text_and_what_follows(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            conversation, message = await begin(guest, tab)
            await order(guest, "update", "message", id=message, values={"state": "interrupted", "text": "Once upon"})
            await tab.until(lambda frame: f'id="message-{message}"' in frame and "interrupted" in frame)
            assert await tab.command("continue", message=str(message)) == ""
            await tab.until_text(message, "Once upon")
            guest.bus.say(LlmToken(generation=f"{message}.1", index=0, text=" a time"), conversation)
            await tab.until_text(message, "Once upon a time")
            assert "Only an answer that has ended" in await tab.command("retry", message=str(message))

    run_apart(see())


def test_stop_reaches_the_worker(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            _, message = await begin(guest, tab)

            def cancelled(heard) -> None:
                recalled = LlmRecalled(generation=heard.message.generation, state="running")
                guest.bus.say(recalled, heard.header.sender, cause=heard.header.id)

            guest.bus.hear(LlmCancel, cancelled)
            assert await tab.command("stop", message=str(message)) == ""
            assert (await guest.until(message_of(LlmCancel))).message.generation == f"{message}.0"
            await guest.until(message_of(UiActed, action="stopped"))
            assert (await order(guest, "get", "message", id=message))["state"] == "streaming"  # the agent ends it

    run_apart(see())


@pytest.mark.parametrize("state", ["unknown", "silent"])
def test_stop_frees_the_page_when_the_worker_does_not_know_the_answer_or_is_silent(
    system: System, visitor: Visitor, state: Any
):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            conversation, message = await begin(guest, tab)

            def cancelled(heard) -> None:
                recalled = LlmRecalled(generation=heard.message.generation, state=state)
                guest.bus.say(recalled, heard.header.sender, cause=heard.header.id)

            if state == "unknown":
                guest.bus.hear(LlmCancel, cancelled)
            guest.bus.say(LlmToken(generation=f"{message}.0", index=0, text="Once upon"), conversation)
            await tab.until_text(message, "Once upon")
            before = time.monotonic()
            assert await tab.command("stop", message=str(message)) == ""
            await tab.until(lambda frame: f'id="message-{message}"' in frame and 'data-state="stopped"' in frame)
            assert time.monotonic() - before < 2  # 0.5 s on a machine with nothing else to do
            row = await order(guest, "get", "message", id=message)
            assert (row["state"], row["text"]) == ("stopped", "Once upon")

    run_apart(see())


def test_a_question_that_waits_says_for_which_in_every_tab_and_after_a_reload(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, visitor.tab() as other, system.guest() as guest:
            conversation, _ = await begin(guest, tab, other)

            async def insert(**values: Any) -> int:
                row = await order(guest, "insert", "message", values={"conversation": conversation, **values})
                return int(row["id"])

            older = await insert(role="user", text="question 1")
            first = await insert(role="assistant", state="streaming", reply_to=older)
            newer = await insert(role="user", text="question 2")
            second = await insert(role="assistant", state="streaming", reply_to=newer)
            words = "Waits for the answer to “question 1”"
            for one in (tab, other):
                await one.until(lambda frame: f'id="waiting-{second}"' in frame and words in frame)
            guest.bus.say(LlmStarted(generation=f"{first}.0", model="double:1b", loaded=False), conversation)
            for one in (tab, other):
                await one.until(lambda frame: frame == f":{first}\nLoading double:1b into memory …")
            tokens = {"prompt_tokens": 1_240, "known_tokens": 900}
            guest.bus.say(LlmProgressed(generation=f"{first}.0", state="reading", **tokens), conversation)
            reading = "Reading 1,240 tokens, 900 of them known …"
            for one in (tab, other):
                await one.until(lambda frame: frame == f":{first}\n{reading}")
            page = await asyncio.to_thread(visitor.page)
            assert reading in page
            assert words in page

            await order(guest, "update", "message", id=first, values={"state": "done", "text": "Well."})
            for one in (tab, other):
                await one.until(lambda frame: frame == f":{second}\nWaiting for the model …")

    run_apart(see())


def test_a_model_is_unloaded_and_a_problem_is_told(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            listed = LlmListed(player="ollama", default="tiny", models=[{"name": "tiny", "loaded": True}])
            guest.bus.say(listed)
            await tab.until(lambda frame: 'id="model-menu"' in frame and "tiny" in frame)
            problems = ["The model is in use.", ""]

            def unload(heard) -> None:
                answer = LlmUnloaded(model=heard.message.model, problem=problems.pop())
                guest.bus.say(answer, heard.message.model, cause=heard.header.id)

            guest.bus.hear(LlmUnload, unload)
            assert await tab.command("model-unload", model="tiny") == ""
            assert await tab.command("model-unload", model="tiny") == "The model is in use."
            assert "There is no model 'other'" in await tab.command("model-unload", model="other")

    run_apart(see())


def test_a_proposal_is_answered_once(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            values = {"conversation": 1, "role": "action", "state": "proposed", "text": "Delete all?"}
            row = await order(guest, "insert", "message", values=values)
            assert await tab.command("agree", message=str(row["id"])) == ""
            assert await tab.command("decline", message=str(row["id"])) != ""
            assert (await order(guest, "get", "message", id=row["id"]))["state"] == "agreed"

    run_apart(see())


# --- slow, many, gone ---


def test_a_browser_that_does_not_read_is_closed_and_delays_nobody(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            conversation, message = await begin(guest, tab)
            remember(guest, message, "", 0)
            await tab.until(lambda frame: f'id="message-{message}"' in frame)
            deaf = await asyncio.to_thread(deaf_socket, visitor)
            try:
                for index in range(80):
                    play(guest, conversation, message, ["x" * 100_000 + f"<{index}>"], index)
                    await tab.until(lambda frame, index=index: frame.endswith(f"<{index}>"), 5)
                assert await asyncio.to_thread(is_cut, deaf)
            finally:
                deaf.close()

    run_apart(see())


def deaf_socket(visitor: Visitor) -> socket.socket:
    """Open a WebSocket with a small buffer and never read from it."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", visitor.port))
    lines = (
        "GET /ws?app=todo HTTP/1.1",
        f"Host: {visitor.host}",
        f"Origin: http://{visitor.host}",
        f"Cookie: {visitor.cookie}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: c29tZSBrZXkgb2YgMTYgYg==",
    )
    raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return raw


def is_cut(raw: socket.socket) -> bool:
    """Wait until the server has closed its end; the client cannot see that before it reads."""
    theirs = f"0100007F:{raw.getpeername()[1]:04X} 0100007F:{raw.getsockname()[1]:04X} 01"
    deadline = time.monotonic() + 25
    while theirs in Path("/proc/net/tcp").read_text():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_beyond_the_most_tabs_the_oldest_is_closed(system: System, visitor: Visitor):
    async def see() -> None:
        page = await asyncio.to_thread(visitor.page)
        tabs = [visitor.tab(page) for _ in range(65)]
        opened = [await tab.__aenter__() for tab in tabs]
        await opened[0].socket.wait_closed()
        assert opened[0].socket.close_code == 1008
        assert await opened[-1].command("poked") == ""
        for tab in tabs:
            await tab.__aexit__(None, None, None)

    run_apart(see())


def test_a_lost_store_shows_in_the_light_and_what_it_missed_comes_after(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab:
            await asyncio.to_thread(system.kill, "store")
            await tab.until(lambda frame: 'id="status"' in frame and "Waiting for store" in frame)
            status, _, body = await asyncio.to_thread(visitor.ask, "/healthz", known=False)
            assert (status, json.loads(body)) == (503, {"status": "waiting", "missing": ["store"]})
            adding = asyncio.create_task(tab.command("insert", table="todo", title="while it was away"))
            await asyncio.to_thread(system.start, "store")
            assert await adding == ""
            await tab.until(lambda frame: "while it was away" in frame)

    run_apart(see())


def test_what_happened_while_the_broker_was_away_is_shown(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab:
            await asyncio.to_thread(system.kill, "broker")
            tab.frames.clear()
            adding = asyncio.create_task(tab.command("insert", table="todo", title="without a broker"))
            await asyncio.to_thread(system.start, "broker")
            assert await adding == ""
            await tab.until(lambda frame: frame.startswith('<section id="app"'))
            await tab.until(lambda frame: "without a broker" in frame)

    run_apart(see())


def test_health_says_more_to_those_who_have_the_token(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab, system.guest() as guest:
            await tab.until(lambda frame: 'id="status"' in frame)
            guest.bus.say(LlmListed(player="ollama", default="tiny", models=[{"name": "tiny"}]))
            await tab.until(lambda frame: 'id="model-menu"' in frame and "tiny" in frame)
            status, _, body = await asyncio.to_thread(visitor.ask, "/healthz")
            report = json.loads(body)
            assert (status, report["status"], report["model"]) == (200, "ok", "tiny")
            store = next(one for one in report["processes"] if one["process"] == "store")
            assert (store["state"], store["pid"]) == ("ready", system.processes["store"].pid)

    run_apart(see())


# --- start and end ---


def test_an_ordinary_stop_tells_the_browser_to_reconnect(system: System, visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as tab:
            await asyncio.to_thread(system.stop, "web")
            await tab.socket.wait_closed()
            assert tab.socket.close_code == 1012

    run_apart(see())


def test_without_a_broker_health_says_what_is_missing():
    with System({"PIANOLA_PROCESSES": "broker,store,web"}) as system:
        system.launch("web")
        visitor = wait_for_token(system)
        status, _, body = visitor.ask("/healthz", known=False)
        assert (status, json.loads(body)) == (503, {"status": "waiting", "missing": ["bus", "broker", "store", "web"]})


def wait_for_token(system: System) -> Visitor:
    for _ in range(200):
        if system.settings.token_file.exists():
            try:
                visitor = Visitor(system, waits=False)
                visitor.ask("/healthz", known=False)
            except ConnectionRefusedError:
                pass
            else:
                return visitor
        run_apart(asyncio.sleep(0.05))
    raise AssertionError(system.outputs())


def test_a_taken_port_is_refused_with_a_sentence(system: System):
    with System({"PIANOLA_PORT": str(system.port)}) as second:
        process = second.launch("web")
        assert process.wait(60) == EXIT_REFUSED
        del second.processes["web"]
        assert f"PIANOLA_PORT='{system.port}' is taken by another program." in second.output("web")


def test_a_token_file_that_others_can_read_is_refused():
    with System() as system:
        system.settings.token_file.write_text("x" * 43)
        system.settings.token_file.chmod(0o644)
        process = system.launch("web")
        assert process.wait(60) == EXIT_REFUSED
        del system.processes["web"]
        assert "can be read by others. Delete it" in system.output("web")


# --- values of forms ---


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " 7 ", " 7 "),
        ("integer", " 7 ", 7),
        ("real", "1.5", 1.5),
        ("boolean", "on", True),
        ("boolean", "false", False),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("time", "12", 12.0),
        ("integer", 7, 7),
    ],
)
def test_what_a_form_sends_becomes_a_value(kind: Any, text: Any, value: Any):
    assert from_form(Field("one", kind), text) == value

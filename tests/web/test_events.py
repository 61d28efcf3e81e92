"""`GET /events`: facts, tokens and progress as server-sent events."""

import asyncio
import contextlib
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import zmq

from bus.bus import Bus
from bus.messages import LlmFinished, LlmStarted, LlmToken, StoreChanged, StoreOrder
from bus.settings import load
from tests.support.event_stream import TOKENS, Stream, say
from tests.support.http_client import Visitor
from tests.support.system import PATIENCE_SECONDS, ROOT, Guest, System, run_apart
from web.event_stream import readers as module
from web.event_stream import stream as streams
from web.event_stream.events import KINDS, event
from web.event_stream.reader import LARGEST_QUEUE_BYTES
from web.event_stream.readers import MOST_READERS, Readers
from web.event_stream.route import EventRoute
from web.event_stream.stream import Stream as Answer
from web.event_stream.wanted import Wanted
from web.server import CUT
from web.sign_in.clients import Clients
from web.sign_in.sessions import Sessions

MANUAL = (ROOT / "docs/events.md").read_text()


class Everything:
    """The rights of the token."""

    client = None

    def may_read(self, _table: str) -> bool:
        return True


ALL = Wanted((), Everything())


def route_of(readers: Readers) -> EventRoute:
    nowhere = Path("/nowhere")
    return EventRoute(readers, Sessions(nowhere, "x", print), Clients(nowhere, print))


def insert(system: System, title: str) -> None:
    async def order(guest: Guest) -> None:
        done = await guest.bus.ask(StoreOrder(verb="insert", table="todo", values={"title": title, "profile": 1}))
        assert done.message.ok, done.message

    system.visit(order)


def test_the_example_of_the_manual_prints_a_fact(system: System, visitor: Visitor):
    (example,) = re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL)
    assert "5001" in example

    with subprocess.Popen(
        ["bash", "-c", f"exec {example.replace('5001', str(visitor.port))}"],
        env=system.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as shell:
        assert shell.stdout
        assert shell.stdout.readline().startswith("id: ")
        assert shell.stdout.readline() == "event: opened\n"
        insert(system, "by curl")
        lines = iter(shell.stdout.readline, "")
        assert next(line for line in lines if line.startswith("event: store.")) == "event: store.changed\n"
        assert json.loads(next(lines).removeprefix("data: "))["body"]["row"]["title"] == "by curl"
        shell.kill()


def test_each_kind_is_an_event_of_two_lines_and_stands_in_the_manual(system: System, visitor: Visitor):
    with Stream(visitor) as stream:
        say(system, *TOKENS)
        heard = [stream.next() for _ in TOKENS]

    assert [name for name, _ in heard] == [one.kind for one in TOKENS]
    assert [data["body"] for _, data in heard] == [one.body() for one in TOKENS]
    assert {data["key"] for _, data in heard} == {"7"}
    assert heard[0][1]["header"]["sender"].startswith("llm_worker-")
    assert all(f"`{kind.kind}`" in MANUAL for kind in KINDS)


def test_numbers_that_json_does_not_know_become_nothing():
    assert event("x", {"a": float("nan"), "b": [float("inf"), 1]}) == b'event: x\ndata: {"a": null, "b": [null, 1]}\n\n'


def test_our_own_page_reads_with_its_cookie_and_others_get_nothing(system: System, visitor: Visitor):
    own = {"Host": f"{system.settings.host_file.read_text().strip()}:{system.port}"}
    goes = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
    given = visitor.ask(f"/?token={visitor.token}", headers=own | goes, known=False)[1]["set-cookie"]
    cookie = own | {"Cookie": given.partition(";")[0]}

    with Stream(visitor, cookie | {"Sec-Fetch-Site": "same-origin"}) as stream:
        insert(system, "seen by the page")
        assert stream.until("store.changed")["body"]["row"]["title"] == "seen by the page"
    for headers, status in (
        (cookie | {"Sec-Fetch-Site": "cross-site"}, 403),
        (cookie | {"Sec-Fetch-Site": "same-site"}, 403),
        (cookie | {"Host": visitor.host}, 401),
        (cookie | {"Host": "evil.example"}, 421),
        ({"Host": visitor.host}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
    ):
        assert Stream(visitor, headers).refusal()[0] == status


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?kind=llm.token", "/events has no parameter kind."),
        ("?prefix=llm.&prefix=ui.acted", "No event has a topic that begins with 'ui.acted'."),
    ],
)
def test_a_bad_query_is_refused_with_a_sentence(visitor: Visitor, query: str, sentence: str):
    status, _, page = visitor.ask(f"/events{query}")

    assert (status, sentence in page) == (400, True), page


@pytest.mark.parametrize("last", ["x", "-1", "1;", "1;g", "1;:3", "1;g:x", "9" * 40])
def test_an_id_that_is_none_of_ours_is_refused(visitor: Visitor, last: str):
    assert visitor.ask("/events", headers={"Last-Event-ID": last})[0] == 400


def test_the_streams_of_a_revoked_session_end_and_say_so(system: System, visitor: Visitor):
    with Stream(visitor, {"Cookie": visitor.cookie}) as stream, Stream(visitor) as script:
        headers = {"Authorization": f"Bearer {visitor.token}"}
        assert visitor.ask("/sessions/all", method="DELETE", headers=headers, known=False)[0] == 200

        assert stream.next()[1]["reason"] == "revoked"
        assert stream.next() == ("", None)
        insert(system, "after the end")
        assert script.next()[0] == "store.changed"


def test_one_reader_too_many_is_refused_until_another_leaves(visitor: Visitor):
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_READERS):
            last = stack.enter_context(Stream(visitor))
        status, text = Stream(visitor).refusal()
        assert (status, f"{MOST_READERS} programs" in text) == (503, True)

        last.close()
        stack.enter_context(until_opened(visitor))


def until_opened(visitor: Visitor) -> Stream:
    """Return a stream as soon as one is allowed: the server needs a moment to see that another has left."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (stream := Stream(visitor)).status != 200:
        stream.close()
        assert time.monotonic() < deadline
    return stream


def test_a_slow_reader_is_told_and_cut_off_and_costs_little_memory(system: System, visitor: Visitor):
    text = "x" * 150_000
    answers = [
        LlmFinished(generation="g", text=text, reason="stop", tokens=number) for number in range(200)
    ]  # 30 MB, more than the buffers of the system hold

    with Stream(visitor) as slow, Stream(visitor) as quick:
        before = system.memory("web")

        async def flood(guest: Guest) -> None:
            for answer in answers:
                guest.bus.say(answer, 7)
                heard = await asyncio.to_thread(quick.until, "llm.finished")
                assert heard["body"]["tokens"] == answer.tokens  # a reader beside the slow one misses nothing

        system.visit(flood, "llm_worker")
        assert system.memory("web") - before < 3 * LARGEST_QUEUE_BYTES

        names: list[str] = []
        while (found := slow.next())[0]:
            names.append(found[0])
            last = found[1]
        assert (names[-1], last["reason"]) == ("closed", "slow")
        assert len(names) < len(answers)


def test_a_reader_that_takes_nothing_is_cut_off(system: System, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "STALL_SECONDS", 0.01)
    monkeypatch.setattr(streams, "CLOSE_GRACE_SECONDS", 0.0)

    async def call(guest: Guest) -> None:
        never, cut = asyncio.Event(), asyncio.Event()
        stream = Answer(route_of(Readers(guest.bus, {})).chunks(ALL))

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                await never.wait()

        await stream({"type": "http", "extensions": {CUT: cut.set}}, never.wait, send)
        await cut.wait()

    system.visit(call)


def test_the_last_event_says_that_web_stops(system: System, visitor: Visitor):
    with Stream(visitor) as stream:
        system.stop("web")
        assert stream.until("closed")["reason"] == "stopping"
    system.start("web")


def test_while_nobody_reads_nothing_is_subscribed_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "GREETING_SECONDS", 0.01)  # no broker answers here
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.0)
    (tmp_path / "run").mkdir()
    settings = load({"PIANOLA_HOME": str(tmp_path)})
    with zmq.Context() as context, context.socket(zmq.XPUB) as broker:
        broker.bind(settings.subscribe_endpoint)

        async def read_twice() -> None:
            bus = Bus("web", settings, lambda _text, _error: None)
            bus.hear(StoreChanged, lambda _heard: None)  # as the page does
            bus.connect()
            readers = Readers(bus, {})
            async with readers.enter(ALL), readers.enter(ALL):
                bus.say(LlmStarted(generation="g", model="m"), 7)
            await asyncio.sleep(0)  # the moment for which tokens are heard on
            bus.close()

        run_apart(read_twice())
        seen = []
        while broker.poll(200):
            seen.append(broker.recv())

    for kind in KINDS:
        topic = f"{kind.kind}/".encode()
        # ZeroMQ passes on only the first subscription to a topic, and the last end of one; closing the socket ends all
        assert seen.count(b"\x01" + topic) == 1
        assert (b"\x00" + topic in seen) is True
    ends = [one[1:] for one in seen if one[:1] == b"\x00"]
    assert ends.index(b"llm.token/") < ends.index(b"store.changed/")


# --- topics ---


def test_a_reader_hears_the_topics_that_it_asks_for(system: System, visitor: Visitor):
    with Stream(visitor, query="?prefix=llm.token/7&prefix=store.changed/todo") as stream:
        say(system, *TOKENS)
        insert(system, "by prefix")

        assert [stream.next()[0], stream.next()[0]] == ["llm.token", "store.changed"]


def test_the_first_event_names_the_kinds_that_follow(visitor: Visitor):
    stream = Stream(visitor, query="?prefix=llm.f")
    assert stream.next() == ("opened", {"kinds": ["llm.finished", "llm.failed"]})
    stream.close()


# --- coming back ---


def back(visitor: Visitor, place: str, query: str = "") -> Stream:
    """Return a stream of a reader that comes back after its last event."""
    headers = {"Authorization": f"Bearer {visitor.token}", "Last-Event-ID": place}
    stream = Stream(visitor, headers, query)
    assert stream.next()[0] == "opened"
    assert stream.place == place  # who is cut off here has missed nothing yet
    return stream


def order(system: System, **fields: Any) -> None:
    async def give(guest: Guest) -> None:
        assert (await guest.bus.ask(StoreOrder(**fields))).message.ok

    system.visit(give)


def test_missed_facts_are_told_with_whole_rows(system: System, visitor: Visitor):
    with Stream(visitor) as stream:
        insert(system, "first")
        row = stream.until("store.changed")["body"]["row"]
        order(system, verb="update", table="todo", id=row["id"], values={"title": "second"})
        order(system, verb="update", table="todo", id=row["id"], values={"done": True})
        order(system, verb="delete", table="todo", id=row["id"])
        place = stream.place
        heard = [stream.until("store.changed")["body"] for _ in range(3)]
        end = stream.place

    with contextlib.closing(back(visitor, place)) as stream:
        assert stream.next() == (
            "gap",
            {"revisions": None, "generations": [], "kinds": ["llm.started", "job.progressed"]},
        )
        told = [stream.until("store.changed")["body"] for _ in range(3)]
        assert stream.place == end
    assert told == heard


def test_what_was_pruned_is_told_as_a_gap(system: System, visitor: Visitor):
    with Stream(visitor) as stream:
        insert(system, "newest")
        newest = stream.until("store.changed")["body"]["revision"]

    with contextlib.closing(back(visitor, str(newest + 1000))) as stream:  # the database is another one
        assert stream.next()[1]["revisions"] == {"from": 1, "to": newest}


def test_missed_tokens_are_told_again_and_of_new_generations_too(system: System, visitor: Visitor):
    def tokens(generation: str, first: int, last: int) -> list[LlmToken]:
        return [LlmToken(generation=generation, index=index, text=f"{index} ") for index in range(first, last)]

    with Stream(visitor, query="?prefix=llm.") as stream:
        say(system, LlmStarted(generation="run;1", model="m"), *tokens("run;1", 0, 2))
        stream.until("llm.token")
        place = stream.place  # after the token 0
        assert place.endswith(";run%3B1:1")
    say(system, *tokens("run;1", 2, 4), LlmFinished(generation="run;1", text="0 1 2 3 ", reason="stop"))
    say(system, LlmStarted(generation="run2", model="m"), *tokens("run2", 0, 2))

    with contextlib.closing(back(visitor, place, "?prefix=llm.")) as stream:
        assert stream.next()[0] == "gap"
        heard = [stream.next() for _ in range(6)]
        say(system, *tokens("run2", 2, 3))
        assert stream.next()[1]["body"] == tokens("run2", 2, 3)[0].body()
    assert [name for name, _ in heard] == ["llm.token"] * 3 + ["llm.finished"] + ["llm.token"] * 2
    assert [data["body"].get("index") for _, data in heard] == [1, 2, 3, None, 0, 1]


def test_a_generation_that_is_not_known_any_more_is_named_in_the_gap(system: System, visitor: Visitor):
    with contextlib.closing(back(visitor, "1;long-gone:5", "?prefix=llm.")) as stream:
        gap = stream.next()[1]

    assert gap["generations"] == [{"generation": "long-gone", "from": 5, "state": "unknown"}]

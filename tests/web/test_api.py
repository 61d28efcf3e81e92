"""Rows, orders and questions over HTTP, with keys: what programs get, and what they are refused."""

import asyncio
import json
import os
import re
import subprocess
import time
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from apps.clients.access import Access
from apps.registry import load_apps
from bus.messages import StoreOrder
from tests.support.event_stream import TOKENS, Stream, say
from tests.support.http_client import Visitor
from tests.support.program import Program
from tests.support.system import ROOT, Guest, System, run_apart
from web.api.orders import OrdersDoor, order_id
from web.api.problems import ApiProblem
from web.event_stream.readers import MOST_OF_ONE

MANUAL = (ROOT / "docs/http.md").read_text()


# --- keys ---


def test_what_a_key_opens(system: System, program: Program):
    for path in ("/rows/todo", "/rows/message", "/rows/change", "/api"):
        assert program.ask(path)[0] == 200
    for path in ("/", "/apps/todo", "/sessions", "/export/todo.csv", "/search?text=a", "/static/pianola.css", "/ws"):
        status, _, text = program.visitor.ask(path, headers={"Authorization": f"Bearer {program.key}"}, known=False)
        assert (status, "A key opens /rows" in text) == (403, True)
    for table in ("setting", "layer", "told"):
        status, told = program.ask(f"/rows/{table}")
        assert (status, told["error"]["code"]) == (403, "forbidden")


def test_health_tells_a_key_no_more_than_a_stranger(program: Program):
    _, told = program.ask("/healthz")
    assert "routes" not in told


@pytest.mark.parametrize("path", ["/rows/todo", "/orders/x", "/api", "/ask", "/orders", "/calendar.ics"])
def test_cookies_open_no_door_and_the_token_does(visitor: Visitor, path: str):
    method = "POST" if path in ("/ask", "/orders") else "GET"
    ours = {"Origin": f"http://{visitor.host}"} if method == "POST" else {}
    status, _, text = visitor.ask(path, method=method, headers=ours, body=b"{}" if ours else None)
    assert (status, json.loads(text)["error"]["code"]) == (401, "unauthorized")

    script = {"Authorization": f"Bearer {visitor.token}"}
    assert visitor.ask(path, method=method, headers=script, known=False, body=b"{}" if ours else None)[0] in (
        200,
        400,
        404,
        422,
    )


def test_a_key_from_another_site_is_refused(program: Program):
    body = {"verb": "insert", "table": "todo", "values": {"title": "x"}}
    assert program.ask("/orders", body, Origin="http://evil.example")[0] == 403
    assert program.ask("/rows/todo", Sec_Fetch_Site="cross-site")[0] == 403


def test_an_expired_key_and_a_revoked_one_open_nothing(system: System):
    with Program(system, days=-1) as expired:
        status, told = expired.ask("/rows/todo")
        assert (status, f"The key {expired.name} has expired" in told["error"]["message"]) == (401, True)
    assert expired.ask("/rows/todo")[0] == 401
    with Program(system) as revoked:
        assert revoked.ask("/rows/todo")[0] == 200
    assert revoked.ask("/rows/todo")[0] == 401


def test_a_file_of_keys_that_others_can_read_opens_nothing(system: System, program: Program):
    system.settings.clients_file.chmod(0o644)
    try:
        status, told = program.ask("/rows/todo")
        assert (status, "`pianola key list` says what is wrong" in told["error"]["message"]) == (401, True)
    finally:
        system.settings.clients_file.chmod(0o600)
    assert program.ask("/rows/todo")[0] == 200


def test_a_read_only_key_changes_nothing(system: System, program: Program):
    row = program.insert("stays")
    with Program(system, read_only=True) as reader:
        assert reader.ask(f"/rows/todo?id={row['id']}")[1]["rows"][0]["title"] == "stays"
        batch = {"orders": [{"verb": "delete", "id": row["id"]}]}
        for fields in (
            {"verb": "delete", "table": "todo", "id": row["id"]},
            {"verb": "batch", "table": "todo", "values": batch},
            {"verb": "undo", "values": {"change": 1}},
        ):
            status, told = reader.ask("/orders", fields)
            assert (status, "This key only reads" in told["error"]["message"]) == (403, True)
        assert reader.ask("/ask", {"text": "delete everything"})[0] == 403
    assert program.ask(f"/rows/todo?id={row['id']}")[1]["total"] == 1


def test_a_key_for_some_tables_opens_no_others(system: System, program: Program):
    with Program(system, tables=("profile",)) as narrow:
        assert narrow.ask("/rows/profile")[0] == 200
        assert narrow.ask("/rows/todo")[0] == 403
        assert narrow.order("insert", table="todo", values={"title": "no"})[0] == 403
        inner = {"orders": [{"verb": "insert", "table": "todo", "values": {"title": "no"}}]}
        assert narrow.order("batch", table="profile", values=inner)[0] == 403
        assert narrow.order("search", table="", values={"text": "a"})[0] == 403
        assert narrow.ask("/ask", {"text": "hello"})[0] == 403


@pytest.mark.parametrize(
    "table", ["setting", "message", "app", "job", "schedule", "reminder", "change", "conversation", "workflow_run"]
)
def test_no_key_changes_tables_of_the_core(program: Program, table: str):
    values = {"id": "mode", "value": "quiet", "title": "x"}
    assert program.order("insert", table=table, values=values)[0] == 403


def test_no_key_deletes_for_good_or_claims_to_be_somebody(program: Program):
    row = program.insert("here")
    assert program.order("erase", table="todo", id=row["id"])[0] == 403
    for field in ("actor", "client", "since"):
        status, told = program.ask("/orders", {"verb": "list", "table": "todo", field: "model"})
        assert (status, told["error"]["field"]) == (400, field)


def test_a_client_takes_back_only_what_it_did_itself(system: System, program: Program):
    async def insert(guest: Guest) -> int:
        values = {"title": "the user’s", "profile": 1}
        return (await guest.bus.ask(StoreOrder(verb="insert", table="todo", values=values))).message.changes[0]

    own = program.order("insert", table="todo", values={"title": "its own"})[1]["changes"][0]
    change = system.visit(insert)
    for fields in (
        {"verb": "undo", "values": {"change": change}},
        {"verb": "undo", "values": {"changes": [own, change]}},
        {"verb": "batch", "table": "todo", "values": {"orders": [{"verb": "undo", "values": {"change": change}}]}},
    ):
        assert program.ask("/orders", fields)[0] == 403
    assert program.order("undo", values={"change": own})[0] == 200


@pytest.mark.parametrize("tries", [10, pytest.param(100, marks=pytest.mark.long)])
def test_thousands_of_keys_are_tried_slowly_and_the_page_stays_quick(
    system: System, visitor: Visitor, program: Program, tries: int
):
    async def attempt(number: int) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", visitor.port)
        statuses = []
        for index in range(tries):
            head = f"Host: {visitor.host}\r\nAuthorization: Bearer pianola_{number}-{index}"
            writer.write(f"GET /rows/todo HTTP/1.1\r\n{head}\r\n\r\n".encode())
            answered = (await reader.readuntil(b"\r\n\r\n")).decode()
            await reader.readexactly(int(re.search(r"content-length: (\d+)", answered, re.IGNORECASE)[1]))
            statuses.append(int(answered.split()[1]))
        writer.close()
        return statuses

    async def attack() -> tuple[list[list[int]], list[float]]:
        trying = asyncio.gather(*(attempt(number) for number in range(100)))
        seconds = []
        while not trying.done():
            begun = time.monotonic()
            status = await asyncio.to_thread(lambda: (visitor.ask("/healthz")[0], program.ask("/rows/todo?limit=1")[0]))
            assert status[1] == 200
            seconds.append(time.monotonic() - begun)
            await asyncio.sleep(0.05)
        return await trying, seconds

    found, seconds = run_apart(attack())

    statuses = [status for one in found for status in one]
    assert len(statuses) == 100 * tries
    assert set(statuses) == {401, 429}
    assert sorted(seconds)[len(seconds) // 2] < 1


def test_no_key_is_in_the_logs_or_in_the_database(system: System, program: Program):
    program.insert("traced")
    files = [one for one in system.home.rglob("*") if one.is_file()]
    assert files
    assert not [one for one in files if program.key.encode() in one.read_bytes()]


# --- rows ---


def test_rows_are_filtered_ordered_and_paged(program: Program):
    for number in range(5):
        program.insert(f"paged {number}", tags=["paging"], due=f"2027-01-0{number + 1}", done=number == 4)

    _, told = program.ask("/rows/todo?tags=paging&done=false&sort=-due&limit=3")
    assert [row["title"] for row in told["rows"]] == ["paged 3", "paged 2", "paged 1"]
    assert (told["more"], told["total"]) == (True, 4)
    sent = {"Authorization": f"Bearer {program.key}"}
    headers = program.visitor.ask("/rows/todo?tags=paging&sort=due&limit=3", headers=sent, known=False)[1]
    following = re.fullmatch(r'<(.*)>; rel="next"', headers["link"])
    assert following
    assert [row["title"] for row in program.ask(following[1])[1]["rows"]] == ["paged 3", "paged 4"]
    assert program.ask("/rows/todo?tags=paging&due.from=2027-01-02&due.to=2027-01-03")[1]["total"] == 2
    assert program.ask("/rows/todo?title=paged+1&title=paged+2")[1]["total"] == 2
    assert program.ask('/rows/todo?where={"tags":"paging","done":true}')[1]["total"] == 1
    assert program.ask("/rows/todo?search=paged&tags=paging&limit=2")[1]["more"] is True


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("nothing", 403, "does not open the table"),
        ("todo?dne=false", 400, "has no field 'dne'"),
        ("todo?done=maybe", 422, "`done`"),
        ("todo?limit=-1", 400, "`limit` is '-1'"),
        ("todo?where=[]", 400, "Expected a JSON object"),
        ("todo?where={", 400, "Expected a JSON object"),
        ('todo?where={"done":{"from":"x"}}', 422, "done"),
        ("todo?due.since=2027-01-01", 400, "Write due.from or .to"),
        ("todo?sort=nothing", 422, "has no field"),
    ],
)
def test_a_bad_question_for_rows_is_answered_with_a_sentence(program: Program, query: str, status: int, words: str):
    answered, told = program.ask(f"/rows/{query}")

    assert (answered, words in told["error"]["message"]) == (status, True), told


def test_an_unknown_table_is_named_with_the_known_ones(visitor: Visitor):
    script = {"Authorization": f"Bearer {visitor.token}"}
    status, _, text = visitor.ask("/rows/nothing", headers=script, known=False)

    assert status == 404
    assert "There is no table 'nothing'. There are: " in json.loads(text)["error"]["message"]


# --- orders ---


def test_an_order_takes_effect_once_and_is_known_after_a_restart(system: System, program: Program):
    fields = {"table": "todo", "values": {"title": "once"}}
    first, second = program.order("insert", key="a-key", **fields), program.order("insert", key="a-key", **fields)
    assert (first[0], second[0], first[1]["changes"]) == (200, 200, second[1]["changes"])

    system.stop("web")
    system.stop("store")
    system.start("store", "web")
    Visitor(system)

    status, told = program.ask("/orders/a-key")
    assert (status, told["state"], told["rows"][0]["title"]) == (200, "done", "once")
    assert program.ask("/rows/todo?title=once")[1]["total"] == 1


def test_what_came_of_a_refused_order_is_known_and_only_to_its_client(system: System, program: Program):
    status, told = program.order("delete", key="gone", table="todo", id=10**6)
    assert (status, told["error"]["code"]) == (404, "not_found")

    assert program.ask("/orders/gone")[1] == {"state": "refused", "error": told["error"]}
    with Program(system) as other:
        assert other.ask("/orders/gone")[0] == 404
        assert other.order("delete", key="gone", table="todo", id=10**6 + 1)[1]["error"] != told["error"]


def test_an_order_that_the_store_has_not_got_yet_waits(system: System):
    async def play(guest: Guest) -> tuple[int, Any]:
        door = OrdersDoor(SimpleNamespace(bus=guest.bus))
        access = Access(None, load_apps())
        door._waiting[order_id(access, "on-its-way")] = "digest"
        answered = await door.tell(Request({"type": "http", "path_params": {"key": "on-its-way"}}), access)
        return answered.status_code, json.loads(answered.body)

    assert system.visit(play) == (202, {"state": "waiting"})


def test_another_order_with_the_key_of_one_on_its_way_is_refused(system: System):
    body = json.dumps({"verb": "insert", "table": "todo", "values": {"title": "two at once"}}).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def play(guest: Guest) -> str:
        registry = load_apps()
        shared = SimpleNamespace(settings={"profile": 1})
        door = OrdersDoor(SimpleNamespace(bus=guest.bus, registry=registry, shared=shared))
        door._waiting[order_id(Access(None, registry), "twice")] = "digest of another"
        request = Request({"type": "http", "headers": [(b"idempotency-key", b"twice")]}, receive)
        with pytest.raises(ApiProblem, match="is being carried out") as refused:
            await door.carry_out(request, Access(None, registry))
        return refused.value.code

    assert system.visit(play) == "reused"


def test_an_idempotency_key_that_comes_again_with_another_order_is_refused(system: System, program: Program):
    fields = {"table": "todo", "values": {"title": "first", "note": "n"}}
    first = program.order("insert", key="reused", **fields)[1]
    for other in (
        {"table": "todo", "values": {"title": "second", "note": "n"}},
        {"table": "todo", "values": {"title": "first", "note": "n"}, "id": 1},
        {"table": "profile", "values": {"name": "first"}},
    ):
        status, told = program.order("insert", key="reused", **other)
        assert (status, told["error"]["code"]) == (422, "reused"), told
        assert "was not carried out" in told["error"]["message"]
    again = {"values": {"note": "n", "title": "first"}, "table": "todo"}  # the same order, written otherwise
    assert program.order("insert", key="reused", **again)[1]["changes"] == first["changes"]
    assert program.ask("/orders/reused")[1]["rows"][0]["title"] == "first"
    assert program.ask("/rows/todo?title=second")[1]["total"] == 0
    with Program(system) as other_program:
        assert other_program.order("insert", key="reused", table="todo", values={"title": "its own"})[0] == 200


def test_a_refused_order_is_refused_again_and_another_with_its_key_is_another(program: Program):
    status, told = program.order("delete", key="missing", table="todo", id=10**6)
    assert program.order("delete", key="missing", table="todo", id=10**6) == (status, told)
    assert program.order("delete", key="missing", table="todo", id=10**6 + 1)[1]["error"]["code"] == "reused"


def test_new_rows_belong_to_the_profile_in_view(system: System, visitor: Visitor, program: Program):
    made = program.order("insert", table="profile", values={"name": "In view"})[1]["rows"][0]["id"]

    async def choose(guest: Guest, profile: int) -> None:
        order = StoreOrder(verb="update", table="setting", id="profile", values={"value": profile})
        revision = (await guest.bus.ask(order)).message.revision
        await asyncio.to_thread(visitor.wait_until_known, revision)

    system.visit(lambda guest: choose(guest, made))
    try:
        assert program.insert("without a profile")["profile"] == made
        orders = [{"verb": "insert", "values": {"title": "in a batch"}}]
        assert program.order("batch", table="todo", values={"orders": orders})[1]["rows"][0]["profile"] == made
        assert program.insert("with a profile", profile=1)["profile"] == 1
    finally:
        system.visit(lambda guest: choose(guest, 1))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_request"),
        (b"{", 400, "bad_request"),
        (b"[]", 400, "bad_request"),
        (b'{"verb": NaN}', 400, "bad_request"),
        (b"[" * 100_000, 400, "bad_request"),
        (b'{"verb": "insert", "table": "todo", "values": {"titel": "x"}}', 422, "unknown_field"),
        (b'{"verb": "insert", "table": "todo", "values": []}', 422, "wrong_type"),
        (b'{"verb": "insert", "table": "todo"}', 422, "missing_field"),
        (b'{"verb": "insert", "table": ["todo"], "values": {}}', 403, "forbidden"),
        (b'{"verb": "drop", "table": "todo"}', 403, "forbidden"),
        (b'{"verb": "update", "table": "todo", "id": 99999999, "values": {"done": true}}', 404, "not_found"),
        (b"x" * (1024 * 1024 + 1), 413, "too_long"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_order_is_refused_with_a_code_and_a_sentence(program: Program, body: bytes, status: int, code: str):
    headers = {"Authorization": f"Bearer {program.key}"}
    answered, _, text = program.visitor.ask("/orders", method="POST", headers=headers, known=False, body=body)

    error = json.loads(text)["error"]
    assert (answered, error["code"]) == (status, code), error
    assert error["message"].endswith(".")


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "ä", "../x"])
def test_a_bad_idempotency_key_is_refused(program: Program, key: str):
    headers = {"Authorization": f"Bearer {program.key}", "Idempotency-Key": key}
    body = b'{"verb": "list", "table": "todo"}'

    assert program.visitor.ask("/orders", method="POST", headers=headers, known=False, body=body)[0] == 400


def test_the_page_tells_a_clients_changes_as_a_clients(system: System, program: Program):
    program.insert("seen in the journal")

    page = program.visitor.wait_until_shown("/apps/journal", "seen in the journal")
    assert f"The program “{program.name}”" in page


def test_the_journal_shows_what_a_program_did_alone(system: System, visitor: Visitor, program: Program):
    async def insert(guest: Guest) -> None:
        values = {"title": "by nobody else", "profile": 1}
        await guest.bus.ask(StoreOrder(verb="insert", table="todo", values=values))

    with Program(system) as other:
        other.insert("by another program")
    program.insert("by this program")
    system.visit(insert)

    page = visitor.wait_until_shown("/apps/journal", "by nobody else")
    assert f">The program “{other.name}”</option>" in page  # also if its key was revoked
    page = visitor.page(f"/apps/journal?actor=client:{program.name}")
    assert f'value="client:{program.name}" selected' in page
    assert "by this program" in page
    assert not [title for title in ("by nobody else", "by another program") if title in page]
    assert "Nothing happened that passes this filter" in visitor.page("/apps/journal?actor=client:nobody")


# --- events ---


def test_a_key_for_some_tables_hears_their_facts_only(system: System, program: Program):
    with Program(system, tables=("profile",)) as narrow:
        stream = Stream(narrow.visitor, {"Authorization": f"Bearer {narrow.key}"})
        assert stream.next() == ("opened", {"kinds": ["store.changed"]})
        program.insert("not for it")
        say(system, *TOKENS)
        assert program.order("insert", table="profile", values={"name": "For it"})[0] == 200
        name, data = stream.next()
        assert (name, data["body"]["row"]["name"], data["body"]["client"]) == ("store.changed", "For it", program.name)
    assert stream.next()[1]["reason"] == "key"  # it was revoked
    stream.close()


def test_one_key_cannot_take_all_places_for_events(system: System, program: Program, visitor: Visitor):
    streams = [Stream(visitor, {"Authorization": f"Bearer {program.key}"}) for _ in range(MOST_OF_ONE)]
    assert {stream.status for stream in streams} == {200}
    assert Stream(visitor, {"Authorization": f"Bearer {program.key}"}).refusal()[0] == 503
    with Stream(visitor):
        assert visitor.ask("/")[0] == 200
    for stream in streams:
        stream.close()


# --- the description ---


def test_the_description_has_each_route_and_says_what_is_in_the_manual(program: Program):
    _, described = program.ask("/api")

    assert described["openapi"].startswith("3.1")
    found = {(path, method.upper()) for path, one in described["paths"].items() for method in one}
    assert found == {
        ("/rows/{table}", "GET"),
        ("/orders", "POST"),
        ("/orders/{key}", "GET"),
        ("/ask", "POST"),
        ("/mcp", "POST"),
        ("/events", "GET"),
        ("/api", "GET"),
    }
    assert all(f"`{method} {path.split('{')[0]}" in MANUAL for path, method in found)
    names = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert names == set(described["components"]["schemas"])


def test_the_examples_of_the_manual_work(system: System, program: Program):
    system.start("llm_worker", "agent")  # which answers what is asked
    examples = re.findall(r"```sh\n(curl.*?)```", MANUAL, re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        told = subprocess.run(
            ["bash", "-c", example.replace("5001", str(system.port))],
            env=os.environ | {"KEY": program.key},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert '"rows"' in told or '"state"' in told or '"openapi"' in told, (example, told)

"""Programs come over HTTP with a key: through the gate of the web process, to the process that speaks the protocol."""

import json
import time

import httpx
import pytest

from bus.clients.file import add_client, remove_client
from bus.clients.keys import new_key
from tests.support.http_client import Visitor
from tests.support.mcp_program import Program, answered
from tests.support.system import System, run_apart

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}


@pytest.fixture(scope="module")
def system():
    with System() as made:
        made.start("broker", "store", "llm_worker", "agent", "web", "mcp")
        yield made


class Remote(Program):
    """A program with a key."""

    def __init__(self, system, name="remote", **rights):
        super().__init__(system, name)
        days = rights.pop("days", 30)
        made = time.time() if days > 0 else time.time() - 86_400 * 2
        given = {"read_only": False, "tables": (), "days": abs(days)} | rights
        self.key, kept = new_key(name, now=made, **given)
        add_client(system.settings.clients_file, kept)

    def visit(self, play, *_options, mode="auto"):
        return run_apart(self.come(play, self.key, mode))

    async def come(self, play, key, mode="auto"):
        import httpx2
        from mcp import Client
        from mcp.client.streamable_http import streamable_http_client

        address = f"http://127.0.0.1:{self.system.port}/mcp"
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
            Client(streamable_http_client(address, http_client=http), mode=mode) as client,
        ):
            return await play(client)

    def revoke(self):
        remove_client(self.system.settings.clients_file, self.name)


@pytest.fixture
def remote(system):
    made = Remote(system)
    made.ask("delete", "todo", where={"id": {"from": 1}})
    yield made
    made.revoke()


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_program_with_a_key_changes_rows_in_the_name_of_its_key(remote, mode):
    async def play(client):
        return answered(await client.call_tool("insert_rows", {"table": "todo", "rows": [{"title": "milk"}]}))

    told = remote.visit(play, mode=mode)

    (change,) = remote.rows("change", id=told["changes"])
    assert (told["outcome"], change["client"]) == ("done", "remote")


def test_the_web_token_opens_it_too(system, remote):
    token = Visitor(system).token

    async def play(client):
        return answered(await client.call_tool("insert_rows", {"table": "todo", "rows": [{"title": "milk"}]}))

    told = run_apart(remote.come(play, token))

    (change,) = remote.rows("change", id=told["changes"])
    assert change["client"].endswith("(MCP)")


def test_a_read_only_key_changes_nothing_and_one_with_tables_sees_only_theirs(system, remote):
    reader, narrow = Remote(system, "reader", read_only=True), Remote(system, "narrow", tables=("graph",))
    try:
        assert "only reads" in reader.call("insert_rows", table="todo", rows=[{"title": "x"}])
        assert "only reads" in reader.call("delete_rows", table="todo", where={"done": False}) or not remote.rows()
        assert reader.call("list_rows", table="todo")["rows"] == []
        assert "does not open the table 'todo'" in narrow.call("list_rows", table="todo")
        assert [one["table"] for one in narrow.call("list_tables")["tables"]] == ["graph"]
    finally:
        reader.revoke()
        narrow.revoke()
    assert remote.rows() == []


def post(system, key, body=INITIALIZE, **headers):
    """Send a message as it is; return status and body."""
    sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    sent |= {"Authorization": f"Bearer {key}"} if key else {}
    sent |= {name.replace("_", "-"): text for name, text in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = httpx.post(f"http://127.0.0.1:{system.port}/mcp", headers=sent, content=data, trust_env=False, timeout=60)
    return answer.status_code, answer.text


def test_who_has_no_valid_key_is_refused(system, remote):
    expired = Remote(system, "expired", days=-1)
    assert post(system, "")[0] == 403
    for key in ("wrong", expired.key):
        assert post(system, key)[0] == 401
    expired.revoke()
    assert post(system, remote.key)[0] == 200
    remote.revoke()
    assert post(system, remote.key)[0] == 401
    add_client(system.settings.clients_file, new_key("remote", read_only=True, tables=(), days=1, now=time.time())[1])


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}])
def test_another_site_is_refused(system, remote, headers):
    assert post(system, remote.key, **headers)[0] == 403


def test_another_host_is_refused(system, remote):
    assert post(system, remote.key, Host="evil.example")[0] == 421


def test_a_request_cannot_say_itself_whose_key_it_has(system, remote):
    reader = Remote(system, "reader", read_only=True)
    (digest,) = {one.digest for one in _keys(system) if one.name == "remote"}
    call = {"name": "insert_rows", "arguments": {"table": "todo", "rows": [{"title": "x"}]}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}

    for forged in ("", digest):
        status, text = post(system, reader.key, body, X_Pianola_Key=forged)
        assert (status, "only reads" in text) == (200, True), text
    reader.revoke()
    assert remote.rows() == []


def _keys(system):
    from bus.clients.file import read_clients

    return read_clients(system.settings.clients_file)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"jsonrpc": "2.0"}', b"[" * 100_000])
def test_what_is_no_message_is_refused_and_breaks_nothing(system, remote, body):
    assert 400 <= post(system, remote.key, body)[0] < 500
    assert remote.call("list_rows", table="todo")["rows"] == []


def test_a_message_that_is_too_long_is_refused(system, remote):
    assert post(system, remote.key, b"x" * (1024 * 1024 + 1))[0] == 413


def test_where_the_process_is_away_it_is_said_and_later_it_works_again(system, remote):
    system.stop("mcp")
    status, text = post(system, remote.key)
    system.start("mcp")

    assert (status, json.loads(text)["error"]["code"]) == (503, "unavailable")
    assert "`pianola status`" in text
    assert remote.call("list_rows", table="todo")["rows"] == []


def test_asking_the_assistant_streams_to_its_end(remote):
    told = remote.call("ask", text="add milk")

    assert told["state"] == "done", told
    assert told["conversation"]

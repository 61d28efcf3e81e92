"""Connections that hold a place without using it, and messages of a tab that are too long or too many."""

import json
import re
import socket
import time

import pytest

from tests.support.http_client import Visitor
from tests.support.system import ROOT, run_apart
from web.server import LARGEST_FRAME_BYTES, MOST_WAITING

MANY = 320
"""More than the server keeps, fewer than this process may open."""


def request(visitor: Visitor, *more: str, path: str = "/healthz", method: str = "GET") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", f"Host: {visitor.host}", *more, "", "")).encode()


@pytest.mark.parametrize("kind", ["a letter of the next request", "half a request", "nothing", "half a form"])
def test_connections_that_are_held_keep_nobody_out(visitor: Visitor, kind: str):
    ours = f"Cookie: {visitor.cookie}"
    form = request(visitor, f"Origin: http://{visitor.host}", "Content-Length: 9", path="/sign-in", method="POST")
    held = {"half a request": b"GET / HT", "nothing": b"", "half a form": form + b"tok"}.get(kind, request(visitor))
    mine = socket.create_connection(("127.0.0.1", visitor.port), timeout=60)
    mine.sendall(request(visitor, ours))
    assert b"processes" in answer(mine)
    mine.sendall(request(visitor, ours)[:9])
    others = []
    try:
        for _ in range(MANY):
            one = socket.create_connection(("127.0.0.1", visitor.port), timeout=60)
            others.append(one)
            one.sendall(held)
            if kind == "a letter of the next request":
                answer(one)
                one.sendall(b"G")
        began = time.monotonic()
        assert visitor.ask("/healthz")[0] == 200
        assert visitor.ask("/")[0] == 200
        assert time.monotonic() - began < 5
        mine.sendall(request(visitor, ours)[9:])
        assert b"processes" in answer(mine)  # it was kept: it has a session
        closed = [one for one in others if is_closed(one)]
        assert len(closed) >= MANY - MOST_WAITING
        assert closed[0] is others[0]
    finally:
        for one in (mine, *others):
            one.close()


def answer(one: socket.socket) -> bytes:
    """Read one whole answer; return its body."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += one.recv(10_000)
    head, _, body = read.partition(b"\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += one.recv(10_000)
    assert head.startswith(b"HTTP/1.1 200")
    return body


def is_closed(one: socket.socket) -> bool:
    one.setblocking(False)
    try:
        return one.recv(10) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_each_request_must_come_in_time_the_first_and_the_next(visitor: Visitor):
    silent = [socket.create_connection(("127.0.0.1", visitor.port), timeout=60) for _ in range(2)]
    try:
        silent[0].sendall(request(visitor))
        answer(silent[0])
        for one in silent:
            one.sendall(b"GET / HT")

        assert [one.recv(1000) for one in silent] == [b"", b""]  # the server closed them
    finally:
        for one in silent:
            one.close()


def test_the_page_knows_the_longest_message():
    script = (ROOT / "web" / "static" / "link.js").read_text()
    found = re.search(r"LARGEST_BYTES = (\d+) \* 1024 \* 1024;", script)

    assert found
    assert int(found[1]) * 1024 * 1024 == LARGEST_FRAME_BYTES


@pytest.mark.parametrize("size", [LARGEST_FRAME_BYTES + 1, 16 * 1024 * 1024 + 1])
def test_a_message_that_is_too_long_is_answered_with_a_code(visitor: Visitor, size: int):
    async def see() -> None:
        async with visitor.tab() as tab:
            await tab.socket.send("x" * size)
            await tab.socket.wait_closed()
            assert tab.socket.close_code == 1009
            assert "exceeds limit" in str(tab.socket.close_reason)

    run_apart(see())


def test_a_burst_is_told_to_wait_and_other_tabs_feel_nothing(visitor: Visitor):
    async def see() -> None:
        async with visitor.tab() as busy, visitor.tab() as other:
            for number in range(1500):
                await busy.socket.send(json.dumps({"do": "poked", "nonce": f"nonce-{number:04}"}))
            await busy.until(lambda frame: frame == "%")
            began = time.monotonic()
            assert await other.command("insert", table="todo", title="in time") == ""
            assert time.monotonic() - began < 2
            assert busy.frames.count("%") == 1
            assert "!nonce-1499" not in busy.frames

    run_apart(see())

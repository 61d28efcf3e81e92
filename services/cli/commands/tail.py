"""`pianola tail`: print the messages on the bus as they come, one line each."""

import argparse
import json
import sys
import time
from typing import Any

import zmq

from bus.errors import BadMessage
from bus.gaps import GapDetector
from bus.message_line import RawMessage, format_line, parse_frames, safe
from bus.messages import LlmToken, StoreChanged
from bus.settings import load
from bus.wire import Frames
from services.cli.bus_probe import check_bus

QUEUE = 100_000
"""Most messages that wait while the terminal is slow."""


def run(arguments: argparse.Namespace) -> int:
    """Print messages until Ctrl-C."""
    settings = load()
    check_bus(settings)
    prefixes = arguments.prefixes or [""]
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.linger, socket.rcvhwm = 0, QUEUE
    for prefix in prefixes:
        socket.subscribe(prefix)
    socket.connect(settings.subscribe_endpoint)
    watch = GapWatch(prefixes)
    try:
        while True:
            wait_for_message(socket)
            for text in lines_of(socket.recv_multipart(), watch, as_json=arguments.json):
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()
    except KeyboardInterrupt:
        return 0
    finally:
        socket.close()
        context.term()


def wait_for_message(socket: zmq.Socket[bytes]) -> None:
    """Wait for a message, or raise `BrokenPipeError` when the reader of our output is gone (`| head -1`)."""
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    poller.register(sys.stdout.fileno(), zmq.POLLERR)
    found = dict(poller.poll())
    if socket not in found:
        raise BrokenPipeError


def lines_of(frames: Frames, watch: "GapWatch", *, as_json: bool) -> list[str]:
    """Return the lines for a message: its own, and one before it if messages were missed."""
    try:
        heard = parse_frames(frames)
    except BadMessage as error:
        return [json.dumps({"bad": str(error)}) if as_json else f"bad message: {safe(str(error), 200)}"]
    missed, source = watch.missed(heard)
    if as_json:
        gap = [json.dumps({"missed": missed, "from": source})] if missed else []
        return [*gap, json.dumps(_as_map(heard), default=str)]
    gap = [f"--- {missed:,} messages missed from {safe(source)}"] if missed else []
    return [*gap, format_line(heard)]


def _as_map(heard: RawMessage) -> dict[str, Any]:
    return {"kind": heard.kind, "key": heard.key, "header": heard.header, "body": heard.body, "heard": time.time()}


class GapWatch:
    """Detects missed messages: by the numbers of each sender if we hear all, else by an index or a revision."""

    def __init__(self, prefixes: list[str]) -> None:
        """`prefixes`: those that were subscribed to."""
        self._gaps = GapDetector()
        self._all = "" in prefixes
        self._all_facts = any(f"{StoreChanged.kind}/".startswith(prefix) for prefix in prefixes)

    def missed(self, heard: RawMessage) -> tuple[int, str]:
        """Return how many messages are missing before this one, and their source."""
        if self._all:
            return self._of(heard.sender, heard.seq)
        if heard.kind == LlmToken.kind:
            return self._of(f"generation {heard.text('generation')}", heard.integer(heard.body.get("index")))
        if heard.kind == StoreChanged.kind and self._all_facts:
            return self._of("store (revisions)", heard.integer(heard.body.get("revision")))
        return 0, ""

    def _of(self, source: str, number: int) -> tuple[int, str]:
        return self._gaps.missed(source, number), source

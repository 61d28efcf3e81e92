"""The commands that use a running system, and what they print when nothing is running."""

import json
import signal
import subprocess

import pytest

from bus.messages import LlmToken, StoreChanged
from bus.token import BadToken, load_or_create_token
from services.cli.banner import describe_player, describe_routes
from services.cli.commands.tail import GapWatch, lines_of
from tests.services.test_logger import frames, token
from tests.support.command import PIANOLA, pianola
from tests.support.system import ROOT, System


@pytest.fixture
def system():
    with System() as system:
        yield system


@pytest.mark.parametrize("words", [["status"], ["tail"], ["ask", "hello"]], ids=lambda words: words[0])
def test_without_a_running_system_a_command_says_so(system, words):
    said = pianola(system, *words)

    assert said.returncode == 4
    assert said.stderr == f"pianola: Pianola is not running in {system.home}. `pianola up` starts it.\n"


@pytest.mark.parametrize("before", ["exec", "trap '' INT; exec"], ids=["in a terminal", "in a script's background"])
def test_tail_prints_what_is_said_and_ends_on_ctrl_c(system, before):
    system.start("broker", "logger")
    words = ["sh", "-c", f'{before} "$@"', "sh", *PIANOLA, "tail", "service.", "--json"]
    tail = subprocess.Popen(words, cwd=ROOT, env=system.environment, stdout=subprocess.PIPE, text=True)

    heard = json.loads(tail.stdout.readline())
    tail.send_signal(signal.SIGINT)

    assert heard["kind"] == "service.changed"
    assert tail.wait(60) == 0
    tail.stdout.close()


def test_tail_reports_gaps_by_sender_when_it_hears_everything():
    watch = GapWatch([""])
    fact = StoreChanged(table="todo", verb="insert", id=1, row={}, before={}, actor="user", revision=1)
    lines_of(frames(fact, "todo", 1), watch, as_json=False)

    missed, line = lines_of(frames(fact, "todo", 5), watch, as_json=False)

    assert missed == "--- 3 messages missed from web-1"
    assert "store.changed/todo" in line


def test_tail_reports_gaps_by_index_when_it_hears_only_tokens():
    watch = GapWatch(["llm.token/3"])
    lines_of(token(0, 1), watch, as_json=False)

    assert len(lines_of(token(1, 50), watch, as_json=False)) == 1
    assert lines_of(token(5, 54), watch, as_json=True)[0] == '{"missed": 3, "from": "generation 7.0"}'


def test_tail_prints_no_control_character():
    evil = LlmToken(generation="\x1b]0;", index=0, text="\x1b[2J\x9b\u202e\n")

    (line,) = lines_of(frames(evil, "\x07"), GapWatch([""]), as_json=False)

    assert line.isprintable()


def test_the_token_is_made_once_private_and_the_same_for_all(system):
    first = load_or_create_token(system.settings)

    assert load_or_create_token(system.settings) == first
    assert len(first) >= 43
    assert system.settings.token_file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_holds_no_token_is_named(system):
    system.settings.token_file.write_text("secret\n")

    with pytest.raises(BadToken, match="Delete it"):
        load_or_create_token(system.settings)


def test_the_banner_names_the_player_even_before_it_is_known():
    assert "pianola status" in describe_player(None, "")


def test_the_banner_lists_the_routes_that_the_web_process_names():
    routes = [{"method": "GET", "path": "/", "about": "Show"}, {"method": "WebSocket", "path": "/ws", "about": "Serve"}]

    assert describe_routes(routes).splitlines() == ["GET /          Show", "           WebSocket /ws  Serve"]
    assert "pianola status" in describe_routes([])

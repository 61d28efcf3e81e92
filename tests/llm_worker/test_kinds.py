"""What every kind of server must do, with a real HTTP server of each kind: Ollama, llama.cpp's, and a plain one."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from bus.messages import (
    MAX_TEXT_CHARACTERS,
    LlmCancel,
    LlmFailed,
    LlmFinished,
    LlmGenerate,
    LlmListed,
    LlmProgressed,
    LlmRecall,
    LlmStarted,
    LlmToken,
    ServiceAsked,
)
from tests.llm_worker.test_worker import generated, is_end, order, text_of, tokens_of
from tests.support.ollama_double import (
    Call,
    Done,
    Fin,
    Model,
    OllamaDouble,
    Pause,
    Raw,
    Redirect,
    Reset,
    Say,
    Script,
    Status,
    Tell,
    Think,
    Wait,
    numbered,
)
from tests.support.openai_double import OpenAiDouble
from tests.support.system import NO_OLLAMA, Guest, System, message_of

KINDS = ("ollama", "llama.cpp", "plain")
CAPABLE = ("completion", "tools", "thinking")


@dataclass
class Stage:
    """Broker, worker, and one server with the model `double:1b`."""

    kind: str
    double: OllamaDouble
    system: System

    @property
    def model(self) -> str:
        """The name of its model on the bus."""
        return "double:1b" if self.kind == "ollama" else "lab/double:1b"

    def order(self, text: str = "hello", **fields) -> LlmGenerate:
        return order(text, **{"model": self.model} | fields)

    def played(self, script: Script, asked: LlmGenerate | None = None) -> LlmFinished | LlmFailed:
        """Let the double play a script for one order; return the message that ended the generation."""
        self.double.play(script)
        return self.system.visit(lambda guest: generated(guest, asked or self.order()))


@contextmanager
def staged(kind: str, **environment: str) -> Iterator[Stage]:
    """Start broker and worker with a server of one kind; wait until its model is listed."""
    model = Model("double:1b", CAPABLE)
    double = OllamaDouble(model) if kind == "ollama" else OpenAiDouble(model, llama_cpp=kind == "llama.cpp")
    with double, System({"OLLAMA_HOST": double.url if kind == "ollama" else NO_OLLAMA, **environment}) as system:
        if kind != "ollama":
            (system.home / "pianola.toml").write_text(f'[servers.lab]\naddress = "{double.url}"\n')
        system.start("broker", "llm_worker")
        stage = Stage(kind, double, system)
        system.visit(lambda guest: listed(guest, stage.model))
        yield stage


async def listed(guest: Guest, model: str) -> LlmListed:
    """Return the list of models once it has this one."""
    guest.bus.say(ServiceAsked())
    is_there = lambda heard: isinstance(heard.message, LlmListed) and heard.message.default == model  # noqa: E731
    return (await guest.until(is_there)).message


@pytest.fixture(scope="module", params=KINDS)
def stage(request) -> Iterator[Stage]:
    with staged(request.param) as made:
        yield made


# --- a good answer ------------------------------------------------------------------------------------------------


def test_each_part_of_the_stream_becomes_one_token_and_the_end_carries_all(stage):
    end = stage.played([Say("Hel"), Say("lo"), Say(" <b>\u0085\u2028\n"), Done(text="!")])

    assert isinstance(end, LlmFinished)
    assert (end.text, end.reason, end.tokens, end.prompt_tokens) == ("Hello <b>\u0085\u2028\n!", "stop", 3, 26)


def test_the_limit_of_length_is_told(stage):
    end = stage.played([Say("so far"), Done("length")], stage.order(options={"num_predict": 7, "temperature": 0}))

    assert (end.text, end.reason) == ("so far", "length")
    body = stage.double.chats[-1].body
    wanted = body["options"] if stage.kind == "ollama" else body
    assert wanted["temperature"] == 0
    assert wanted["num_predict" if stage.kind == "ollama" else "max_tokens"] == 7


def test_reasoning_comes_as_thinking_tokens_and_stays_out_of_the_text(stage):
    stage.double.play([Think("hm"), Think("m"), Say("yes"), Done()])
    asked = stage.order()

    async def play(guest: Guest) -> None:
        end = await generated(guest, asked)
        assert end.text == "yes"
        assert "".join(token.text for token in tokens_of(guest, asked.generation) if token.thinking) == "hmm"

    stage.system.visit(play)


REASONING = {
    "in a block": "<think>2+2</think>\n\nfour",
    "with its end only": "2+2</think>four",
    "in another family's marks": "[THINK]2+2[/THINK]four",
    "in channels": "<|channel|>analysis<|message|>2+2<|end|><|start|>assistant<|channel|>final<|message|>four",
}


@pytest.mark.parametrize("name", REASONING)
def test_reasoning_in_the_text_is_taken_out_of_it(stage, name):
    whole = REASONING[name]
    stage.double.play([*(Say(whole[start : start + 3]) for start in range(0, len(whole), 3)), Done()])
    asked = stage.order()

    async def play(guest: Guest) -> None:
        await guest.bus.ask(asked, 1)
        end = (await guest.until(is_end(asked.generation))).message
        recalled = (await guest.bus.ask(LlmRecall(generation=asked.generation), 1)).message
        assert (end.text, recalled.text, recalled.thinking) == ("four", "four", "2+2")

    stage.system.visit(play)


@pytest.mark.parametrize("step", [Say, Think], ids=["in the answer", "in its reasoning"])
def test_a_model_that_repeats_itself_is_stopped_and_the_text_cut(stage, step):
    passage, never = "You have two open todos. Shall I tick one of them?\n", threading.Event()
    words = [f"{word} " if not word.endswith("?") else f"{word}\n" for word in passage.split()] * 30
    stage.double.play([Say("Sure.\n"), *map(step, words), Wait(never)])
    asked = stage.order()

    async def play(guest: Guest) -> LlmFinished:
        await guest.bus.ask(asked, 1)
        return (await guest.until(is_end(asked.generation))).message

    end = stage.system.visit(play)

    assert end.reason == "repeated"
    assert end.text.strip() == (f"Sure.\n{passage}" if step is Say else "Sure.").strip()
    assert stage.double.chats[-1].closed.wait(60)


def test_calls_of_tools_come_with_the_end(stage):
    tools = [{"type": "function", "function": {"name": "insert", "parameters": {"type": "object"}}}]
    script = [Call("insert", {"title": "milk"}), Call("insert", {"title": "half \ud83d"}), Done()]

    end = stage.played(script, stage.order(tools=tools))

    assert [call["function"]["name"] for call in end.tool_calls] == ["insert", "insert"]
    assert [call["function"]["arguments"]["title"] for call in end.tool_calls] == ["milk", "half \ufffd"]
    assert stage.double.chats[-1].body["tools"] == tools


def test_a_schema_is_passed_on(stage):
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}

    end = stage.played([Say('{"a": 1}'), Done()], stage.order(format=schema))

    body = stage.double.chats[-1].body
    assert end.text == '{"a": 1}'
    assert schema in (body.get("format"), body.get("response_format", {}).get("json_schema", {}).get("schema"))


def test_started_names_the_server_and_the_states_follow_each_other(stage):
    asked = stage.order()

    async def play(guest: Guest) -> list[str]:
        await generated(guest, asked)
        (started,) = guest.all(LlmStarted, generation=asked.generation)
        assert started.server == ("ollama" if stage.kind == "ollama" else "lab")
        return [one.state for one in guest.all(LlmProgressed, generation=asked.generation)]

    states = stage.system.visit(play)

    assert states[-1] == "writing"
    assert len(states) == len(set(states))
    assert set(states) <= {"waiting", "loading", "reading", "writing"}


def test_a_text_over_the_limit_ends_there_and_frees_the_model(stage):
    never = threading.Event()

    long = " ".join(map(str, range(10_000)))[:50_000]
    end = stage.played([*(Say(f"{part}: {long}") for part in range(5)), Wait(never)])

    assert isinstance(end, LlmFinished)
    assert (len(end.text), end.reason) == (MAX_TEXT_CHARACTERS, "length")
    assert stage.double.chats[-1].closed.wait(60)


def test_two_thousand_tokens_at_full_speed_all_arrive(stage):
    end = stage.played(list(numbered(2000, 0)))

    assert end.text == "".join(f"word{index} " for index in range(2000))


def test_ten_streams_at_once_lose_no_token(stage):
    stage.double.play(*(list(numbered(200, 400)) for _ in range(10)))

    async def play(guest: Guest) -> None:
        asked = [stage.order(f"stream {index}") for index in range(10)]
        for one in asked:
            await guest.bus.ask(one, 1)
        for one in asked:
            end = (await guest.until(is_end(one.generation))).message
            assert end.text == text_of(guest, one.generation) == "".join(f"word{index} " for index in range(200))

    stage.system.visit(play)
    assert stage.double.most_of_one == 1


# --- cancelled ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [True, False], ids=["in mid-answer", "before the first token"])
def test_cancel_frees_the_model_at_once_and_keeps_the_text(stage, begun):
    arrived, never = threading.Event(), threading.Event()
    stage.double.play([Tell(arrived), *([Say("Hel"), Say("lo", rate=20)] if begun else []), Wait(never)])
    asked = stage.order()

    async def play(guest: Guest) -> float:
        await guest.bus.ask(asked, 1)
        assert await asyncio.to_thread(arrived.wait, 10)
        if begun:
            await guest.until(message_of(LlmToken, generation=asked.generation, index=1))
        told = time.monotonic()
        cancel = await guest.bus.ask(LlmCancel(generation=asked.generation), 1)
        end = (await guest.until(is_end(asked.generation))).message
        assert cancel.message.state == "running"
        assert (end.reason, end.text) == ("cancelled", "Hello" if begun else "")
        return told

    told = stage.system.visit(play)
    assert stage.double.chats[-1].closed.wait(60)
    assert stage.double.chats[-1].closed_at - told < 2  # milliseconds on a machine with nothing else to do


def test_an_order_that_is_cancelled_at_once_still_ends(stage):
    asked = stage.order()

    async def play(guest: Guest) -> None:
        guest.bus.say(asked, 1)
        guest.bus.say(LlmCancel(generation=asked.generation), 1)
        guest.bus.say(LlmCancel(generation=asked.generation), 1)
        end = (await guest.until(is_end(asked.generation))).message
        assert end.reason in ("cancelled", "stop")  # the double may have answered before it was told

    stage.system.visit(play)


# --- the server fails ---------------------------------------------------------------------------------------------

FAILURES = {
    "cut politely after some lines": ([Say("Hel"), Fin()], "Hel", "broke off", True, True),
    "reset after some lines": ([Say("Hel"), Reset()], "Hel", "(the connection was reset)", True, True),
    "cut before the first line": ([Fin()], "", "broke off", True, True),
    "ended without an end": ([Say("Hel")], "Hel", "broke off", True, True),
    "ended with nothing": ([], "", "broke off", True, True),
    "a bad request": ([Status(400, "invalid options: mirostat")], "", "invalid options: mirostat", False, False),
    "forbidden, without a word": ([Status(403, body=b"")], "", "HTTP 403: it gave no reason", False, False),
    "not found, but not the model": ([Status(404, body=b"404 page not found")], "", "HTTP 404: 404 page", False, False),
    "an internal error": ([Status(500, "the runner has terminated")], "", "runner has terminated", True, False),
    "too busy": ([Status(503, "server busy, please try again.")], "", "Try again in a moment", True, False),
    "too often": ([Status(429, "rate limit reached")], "", "Try again in a moment", True, False),
    "a limit of use": ([Status(429, "hourly usage limit reached")], "", "Wait until the limit is over", True, False),
    "no credit": ([Status(402, "insufficient credits")], "", "choose another model", False, False),
    "no memory": (
        [Status(500, "model requires more system memory (5.6 GiB) than is available (3.1 GiB)")],
        "",
        "Choose a smaller model",
        True,
        False,
    ),
    "no room": (
        [Status(400, "request (9031 tokens) exceeds the available context size (4096 tokens)")],
        "",
        "Begin a new conversation",
        False,
        False,
    ),
    "a wrong key": ([Status(401, "Unauthorized")], "", "keys.toml", False, False),
    "an error page": ([Status(502, body=b"<h1>Bad\x1b Gateway</h1>" * 9000)], "", "<h1>Bad Gateway", True, False),
    "a redirection": ([Redirect("http://198.51.100.7/v1")], "", "Nothing was sent there", False, False),
    "garbage": ([Say("Hel"), Raw(b"garbage\n")], "Hel", "'garbage' came", True, True),
    "a page": ([Raw(b"<html><body>Welcome</body></html>\n")], "", "protocol", True, False),
    "a page in one line": ([Raw(b"<html><body>Welcome</body></html>")], "", "does not speak", True, False),
    "no UTF-8": ([Raw(b'data: {"choices":[{"delta":{"content":"\xff\xfe"}}]}\n')], "", "protocol", True, False),
    "a line of 50 MB": ([Say("Hel"), Raw(b"x" * 1024 * 1024, 50), Done()], "Hel", "1,048,576 bytes", True, True),
    "deep nesting": ([Raw(b"[" * 5000 + b"\n")], "", "protocol", True, False),
}


@pytest.mark.parametrize("name", FAILURES)
def test_after_any_error_the_text_is_kept_and_a_sentence_says_what_happened(stage, name):
    script, text, says, retryable, interrupted = FAILURES[name]

    end = stage.played(script)

    assert isinstance(end, LlmFailed)
    assert says in end.problem
    assert end.problem.isprintable()
    assert len(end.problem) < 1000
    assert (end.text, end.retryable, end.interrupted) == (text, retryable, interrupted)
    assert ("Ollama" if stage.kind == "ollama" else "lab") in end.problem or stage.double.url in end.problem


@pytest.mark.parametrize("lines", [0, 1, 2, 20])
def test_a_stream_cut_after_any_number_of_lines_keeps_them(stage, lines):
    script = [*(Say(f"{index} ") for index in range(lines)), Raw(b"{"), Reset() if lines % 2 else Fin()]

    end = stage.played(script)

    assert isinstance(end, LlmFailed)
    assert end.interrupted
    assert end.text == "".join(f"{index} " for index in range(lines))


TOOLS = [{"type": "function", "function": {"name": "insert", "parameters": {"type": "object"}}}]
ABILITIES = {
    "tools are missing": ([Status(400, "double:1b does not support tools")], "tools"),
    "tools are not enabled": ([Status(400, '"auto" tool choice requires --enable-auto-tool-choice')], "tools"),
    "a call that could not be read": (
        [Status(500, """error parsing tool call: raw='{"table":…', err=unexpected end of JSON input""")],
        "",
    ),
    "a limit": ([Status(429, "too many requests with tools; upgrade for tool support")], ""),
    "another mistake": ([Status(400, "messages must not be empty")], ""),
}


@pytest.mark.parametrize("name", ABILITIES)
def test_only_a_refusal_that_says_so_tells_that_an_ability_is_missing(stage, name):
    script, unable = ABILITIES[name]

    end = stage.played(script, stage.order(tools=TOOLS))

    assert (type(end), end.unable) == (LlmFailed, unable)


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_first_token_and_a_silence_between_tokens_have_limits_of_their_own(kind):
    with staged(kind, PIANOLA_FIRST_TOKEN_SECONDS="1.5", PIANOLA_IDLE_SECONDS="0.5") as stage:
        never = threading.Event()

        loaded = stage.played([Pause(0.9), Say("at last"), Done()])
        silent = stage.played([Wait(never)])
        stuck = stage.played([Say("so far"), Wait(never)])
        dripping = stage.played([Say("so far"), *([Raw(b" "), Pause(0.2)] * 20), Wait(never)])

        assert loaded.text == "at last"
        assert (silent.text, silent.interrupted) == ("", False)
        assert "1.5 s" in silent.problem
        assert "PIANOLA_FIRST_TOKEN_SECONDS" in silent.problem
        for one in (stuck, dripping):
            assert (one.text, one.interrupted) == ("so far", True)
            assert "0.5 s" in one.problem
            assert "PIANOLA_IDLE_SECONDS" in one.problem
        assert all(chat.closed.wait(60) for chat in stage.double.chats[1:])

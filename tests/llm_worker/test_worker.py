"""The worker as a real process, on a real bus, with a real HTTP server in Ollama's place."""

import json
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from bus.messages import (
    LlmCancel,
    LlmFailed,
    LlmFinished,
    LlmGenerate,
    LlmListed,
    LlmRecall,
    LlmStarted,
    LlmToken,
    ServiceAsked,
)
from bus.transcript import Transcript
from tests.support.ollama_double import (
    Call,
    Done,
    Fin,
    Line,
    Model,
    OllamaDouble,
    Raw,
    Reset,
    Say,
    Split,
    Status,
    Think,
    Wait,
    encoded,
    numbered,
    speech,
)
from tests.support.system import Guest, System, free_port, message_of

MODEL = "double:1b"
MEBIBYTE = 1024 * 1024


@contextmanager
def playing(*models: Model, **environment: str):
    """Run broker and worker with a double of Ollama."""
    with OllamaDouble(*models) as double, System({"OLLAMA_HOST": double.url, **environment}) as system:
        system.start("broker", "llm_worker")
        yield double, system


@pytest.fixture(scope="module")
def stage():
    """Broker, worker and double, shared by several tests one after another."""
    with playing(Model(MODEL), Model("thinker:4b", ("completion", "thinking"))) as both:
        yield both


names = iter(range(1, 1_000_000))


def order(text="hello", **fields) -> LlmGenerate:
    """Return an order for a generation of a new name."""
    fields = {"generation": f"{next(names)}.0", "model": MODEL} | fields
    return LlmGenerate(conversation=1, messages=[{"role": "user", "content": text}], **fields)


def is_end(generation):
    """Return the condition for the message that ends a generation."""
    return lambda heard: isinstance(heard.message, LlmFinished | LlmFailed) and heard.message.generation == generation


def tokens_of(guest: Guest, generation: str) -> list[LlmToken]:
    """Return the received tokens of a generation."""
    return guest.all(LlmToken, generation=generation)


def text_of(guest: Guest, generation: str) -> str:
    """Return the answer in the received tokens, which must be complete and in order."""
    tokens = tokens_of(guest, generation)
    assert [token.index for token in tokens] == list(range(len(tokens)))
    return "".join(token.text for token in tokens if not token.thinking)


async def generated(guest: Guest, asked: LlmGenerate):
    """Generate an answer; return the message that ended it. Fail unless there is exactly one."""
    await guest.bus.ask(asked, 1)
    end = (await guest.until(is_end(asked.generation))).message
    assert text_of(guest, asked.generation) == end.text
    ends = [*guest.all(LlmFinished, generation=asked.generation), *guest.all(LlmFailed, generation=asked.generation)]
    assert all(one == end for one in ends)  # it is said again, the same, to who repeats the order
    return end


def played(stage, script, asked=None):
    """Let the double play a script for one order; return the message that ended the generation."""
    double, system = stage
    double.play(script)
    return system.visit(lambda guest: generated(guest, asked or order()))


async def list_of_models(guest: Guest) -> LlmListed:
    """Ask like a process that has just started; return the list of models, once the worker has looked for Ollama."""
    guest.bus.say(ServiceAsked())
    return (await guest.until(lambda heard: isinstance(heard.message, LlmListed) and has_looked(heard.message))).message


def has_looked(listed: LlmListed) -> bool:
    """Return whether the worker has looked for Ollama: it found a model, or says why not."""
    return listed.player == "ollama" or bool(listed.problem)


# --- a good answer ------------------------------------------------------------------------------------------------


def test_each_line_of_ollama_becomes_one_token_and_the_end_carries_the_whole_text(stage):
    end = played(stage, [Say("Hel"), Say("lo"), Say(" <b>\u0085\u2028\n"), Done(text="!")])

    assert isinstance(end, LlmFinished)
    assert end.text == "Hello <b>\u0085\u2028\n!"
    assert (end.reason, end.tokens) == ("stop", 3)


def test_bytes_that_come_one_by_one_make_the_same_text(stage):
    line = encoded({"message": {"role": "assistant", "content": "zażółć 🎹 ไทย"}, "done": False}) + b"\n"

    end = played(stage, [Split(line), Done()])

    assert end.text == "zażółć 🎹 ไทย"


def test_many_lines_in_one_chunk_are_many_tokens(stage):
    lines = b"".join(encoded({"message": {"content": f"{index} "}, "done": False}) + b"\n" for index in range(500))

    end = played(stage, [Raw(lines), Done("length")])

    assert end.text == "".join(f"{index} " for index in range(500))
    assert end.reason == "length"


def test_reasoning_comes_as_thinking_tokens_and_stays_out_of_the_text(stage):
    double, system = stage
    double.play([Think("hm"), Think("m"), Say("yes"), Done()])
    asked = order(model="thinker:4b", options={"think": True, "temperature": 0})

    async def play(guest: Guest) -> None:
        end = await generated(guest, asked)

        assert end.text == "yes"
        assert "".join(token.text for token in tokens_of(guest, asked.generation) if token.thinking) == "hmm"
        assert double.chats[-1].body["think"] is True
        assert double.chats[-1].body["options"] == {"temperature": 0}

    system.visit(play)


def test_a_model_without_that_capability_is_not_told_to_think(stage):
    end = played(stage, speech("fine"), order(options={"think": True}))

    assert end.text == "fine"
    assert "think" not in stage[0].chats[-1].body


def test_half_a_character_in_json_is_replaced(stage):
    end = played(stage, [Raw(b'{"message":{"content":"a\\ud83db"}}\n'), Done()])

    assert end.text == "a\ufffdb"


# --- asked again, recalled, cancelled -----------------------------------------------------------------------------


def test_the_same_generation_asked_twice_runs_once(stage):
    double, system = stage
    go = threading.Event()
    double.play([Say("once"), Wait(go), Done()])
    asked, before = order(), len(double.chats)

    async def play(guest: Guest) -> None:
        await guest.bus.ask(asked, 1)
        again = await guest.bus.ask(asked, 1)
        started = LlmStarted(
            generation=asked.generation, model=MODEL, loaded=again.message.loaded, server=again.message.server
        )
        assert again.message == started
        go.set()
        end = await guest.until(is_end(asked.generation))
        heard = len(guest.heard)
        await guest.bus.ask(asked, 1)
        assert (await guest.until(is_end(asked.generation), after=heard)).message == end.message

    system.visit(play)
    assert len(double.chats) == before + 1


def test_a_recall_during_a_stream_joins_it_without_a_gap(stage):
    double, system = stage
    double.play(list(numbered(300, 300)))
    asked = order()

    async def play(guest: Guest) -> None:
        await guest.bus.ask(asked, 1)
        await guest.until(lambda heard: isinstance(heard.message, LlmToken) and "word100 " in heard.message.text)
        async with system.guest("late") as late:
            recalled = (await late.bus.ask(LlmRecall(generation=asked.generation), 1)).message
            end = (await late.until(is_end(asked.generation))).message
        transcript = Transcript(asked.generation)
        transcript.fill_gap(recalled)
        assert recalled.state == "running"
        assert all(transcript.add(token) for token in tokens_of(late, asked.generation))
        assert transcript.text == end.text == "".join(f"word{index} " for index in range(300))

    system.visit(play)


def test_a_recall_after_the_end_brings_the_end_again(stage):
    _, system = stage
    asked = order()

    async def play(guest: Guest) -> None:
        end = await generated(guest, asked)
        async with system.guest("late") as late:
            recalled = (await late.bus.ask(LlmRecall(generation=asked.generation), 1)).message
            assert (recalled.state, recalled.text) == ("ended", end.text)
            assert (await late.until(is_end(asked.generation))).message == end

    system.visit(play)


def test_a_generation_that_was_never_ordered_is_unknown(stage):
    _, system = stage

    async def play(guest: Guest) -> None:
        for name in ("never", "../../etc/passwd", "", "\0", "x" * 10_000):
            recalled = await guest.bus.ask(LlmRecall(generation=name), 1)
            assert recalled.message.state == "unknown"
            recalled = await guest.bus.ask(LlmCancel(generation=name), 1)
            assert recalled.message.state == "unknown"

    system.visit(play)


# --- the worker dies or is stopped --------------------------------------------------------------------------------


def test_after_a_kill_in_mid_stream_the_next_run_knows_everything_that_was_published():
    with playing() as (double, system):
        never = threading.Event()
        words = [f"word{index} " for index in range(100)]
        double.play([*(Say(word, 500) for word in words), Wait(never)])
        asked = order()

        async def play(guest: Guest) -> None:
            await guest.bus.ask(asked, 1)
            await guest.until(lambda heard: isinstance(heard.message, LlmToken) and words[60] in heard.message.text)
            system.kill("llm_worker")
            system.start("llm_worker")
            recalled = (await guest.bus.ask(LlmRecall(generation=asked.generation), 1)).message
            published = text_of(guest, asked.generation)
            assert recalled.state == "lost"
            assert recalled.text.startswith(published)
            assert "".join(words).startswith(recalled.text)
            again = (await guest.bus.ask(asked, 1)).message
            assert isinstance(again, LlmFailed)
            assert (again.text, again.interrupted, again.retryable) == (recalled.text, True, True)

        system.visit(play)

        assert double.chats[0].closed.wait(60)
        assert len(double.chats) == 1


def test_an_ended_generation_is_known_to_the_next_run():
    with playing() as (double, system):
        asked = order()
        end = system.visit(lambda guest: generated(guest, asked))
        system.stop("llm_worker")
        system.start("llm_worker")

        async def play(guest: Guest) -> None:
            recalled = (await guest.bus.ask(LlmRecall(generation=asked.generation), 1)).message
            assert (recalled.state, recalled.text) == ("ended", end.text)
            assert (await guest.until(is_end(asked.generation))).message == end

        system.visit(play)
        assert len(double.chats) == 1


def test_a_worker_that_is_told_to_stop_ends_generations_as_interrupted():
    with playing() as (double, system):
        never = threading.Event()
        double.play([Say("so far"), Wait(never)])
        asked = order()

        async def play(guest: Guest) -> None:
            await guest.bus.ask(asked, 1)
            await guest.until(message_of(LlmToken, generation=asked.generation))
            system.stop("llm_worker")
            end = (await guest.until(is_end(asked.generation))).message
            assert isinstance(end, LlmFailed)
            assert (end.text, end.interrupted, end.retryable) == ("so far", True, True)
            assert "stopped" in end.problem

        system.visit(play)


def test_the_spool_is_private_and_limited_and_names_cannot_leave_its_folder():
    with playing() as (_, system):
        spool = system.settings.home / "spool"
        asked = [order(generation=f"../../../tmp/{index}") for index in range(70)]

        async def play(guest: Guest) -> None:
            for one in asked:
                await generated(guest, one)

        system.visit(play)
        system.stop("llm_worker")

        files = list(spool.iterdir())
        assert len(files) == 64
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)
        assert all(file.suffix == ".spool" for file in files)


def test_with_a_full_disk_the_answer_still_comes_and_is_known():
    with playing() as (_, system):
        shutil.rmtree(system.settings.home / "spool")
        asked = order()

        async def play(guest: Guest) -> None:
            end = await generated(guest, asked)
            recalled = (await guest.bus.ask(LlmRecall(generation=asked.generation), 1)).message
            assert isinstance(end, LlmFinished)
            assert (recalled.state, recalled.text) == ("ended", end.text)

        system.visit(play)
        assert "is incomplete" in system.output("llm_worker")


# --- Ollama fails -------------------------------------------------------------------------------------------------

HEL = encoded({"message": {"content": "Hel"}, "done": False}) + b"\n"
FAILURES = {
    "cut politely after some lines": ([Say("Hel"), Fin()], "Hel", "broke off", True, True),
    "reset after some lines": ([Say("Hel"), Reset()], "Hel", "broke off", True, True),
    "cut in the middle of a line": ([Say("Hel"), Raw(b'{"message":{"con'), Fin()], "Hel", "broke off", True, True),
    "cut in the middle of a character": ([Say("Hel"), Raw(HEL[:-10] + b"\xc5"), Fin()], "Hel", "broke off", True, True),
    "cut before the first line": ([Fin()], "", "broke off", True, True),
    "ended without the word done": ([Say("Hel")], "Hel", "done", True, True),
    "ended with nothing": ([], "", "done", True, True),
    "an error in the middle": ([Say("Hel"), Line({"error": "CUDA out of memory"})], "Hel", "CUDA out", True, True),
    "an error that is no text": ([Line({"error": {"a": 1}})], "", "error", True, True),
    "no such model": ([Status(404, "model 'double:1b' not found")], "", "`ollama pull double:1b`", True, False),
    "not found, but not the model": ([Status(404, body=b"404 page not found")], "", "HTTP 404: 404 page", False, False),
    "a bad request": ([Status(400, "invalid options: mirostat")], "", "invalid options: mirostat", False, False),
    "forbidden, without a word": ([Status(403, body=b"")], "", "HTTP 403: it gave no reason", False, False),
    "an internal error": ([Status(500, "llama runner process has terminated")], "", "llama runner", True, False),
    "too busy": ([Status(503, "server busy, please try again.")], "", "server busy", True, False),
    "an error page": ([Status(502, body=b"<h1>Bad\x1b Gateway</h1>" * 9000)], "", "<h1>Bad Gateway", True, False),
    "another status": ([Status(302, body=b"")], "", "HTTP 302", False, False),
    "garbage": ([Say("Hel"), Raw(b"garbage\n")], "Hel", "'garbage' came", True, True),
    "a page": ([Raw(b"<html><body>Welcome</body></html>\n")], "", "OLLAMA_HOST", True, False),
    "a NUL": ([Raw(b'{"message":{"content":"\0"}}\n')], "", "protocol", True, False),
    "bytes that look like UTF-16": ([Raw('{"done":true}'.encode("utf-16-le") + b"\n")], "", "protocol", True, False),
    "no UTF-8": ([Raw(b'{"message":{"content":"\xff\xfe"}}\n')], "", "protocol", True, False),
    "a line of 50 MB": ([Say("Hel"), Raw(b"x" * MEBIBYTE, 50), Done()], "Hel", "1,048,576 bytes", True, True),
    "deep nesting": ([Raw(b"[" * 5000 + b"\n")], "", "protocol", True, False),
    "a list": ([Line([1])], "", "protocol", True, False),
    "a number": ([Line(7)], "", "protocol", True, False),
    "content that is a number": ([Line({"message": {"content": 7}})], "", "protocol", True, False),
    "a message that is a text": ([Line({"message": "Hel"})], "", "protocol", True, False),
    "calls that are no list": ([Line({"message": {"tool_calls": "x"}})], "", "protocol", True, False),
    "calls too deep": ([Call("f", json.loads('{"a":' * 60 + "1" + "}" * 60)), Done()], "", "protocol", True, False),
    "calls with too big a number": ([Call("f", {"a": 2**70}), Done()], "", "protocol", True, False),
}


@pytest.mark.parametrize("name", FAILURES)
def test_after_any_error_of_ollama_the_text_is_kept_and_a_sentence_says_what_happened(stage, name):
    script, text, says, retryable, interrupted = FAILURES[name]

    end = played(stage, script)

    assert isinstance(end, LlmFailed)
    assert says in end.problem
    assert end.problem.isprintable()
    assert len(end.problem) < 1000
    assert (end.text, end.retryable, end.interrupted) == (text, retryable, interrupted)


FORGIVEN = {
    "a message that is missing": ([Line({"done": False}), Say("a"), Done()], "a"),
    "content that is null": ([Line({"message": {"content": None}}), Say("a"), Done()], "a"),
    "empty lines": ([Raw(b"\n \n\r\n"), Say("a"), Done()], "a"),
    "done twice": ([Say("a"), Done(), Done()], "a"),
    "tokens after done": ([Say("a"), Done(), Say("b"), Say("c")], "a"),
    "an error after done": ([Say("a"), Done(), Line({"error": "late"})], "a"),
    "garbage after done": ([Say("a"), Done(), Raw(b"garbage\n")], "a"),
    "counts that are none": ([Say("a"), Line({"done": True, "eval_count": "many", "done_reason": 7})], "a"),
}


@pytest.mark.parametrize("name", FORGIVEN)
def test_what_does_no_harm_is_ignored(stage, name):
    script, text = FORGIVEN[name]

    end = played(stage, script)

    assert (type(end), end.text, end.reason) == (LlmFinished, text, "stop")


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=5),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from(["message", "content", "thinking", "tool_calls", "done", "error", "done_reason"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=strategies.lists(JSON, max_size=4))
def test_for_any_json_there_is_exactly_one_end(stage, values):
    end = played(stage, [*(Line(value) for value in values), Done()])

    assert isinstance(end, LlmFinished | LlmFailed)


def test_a_line_without_end_does_not_fill_the_memory():
    with playing() as (double, system):
        double.play([Raw(b"x" * MEBIBYTE, 50), Done()])
        before = peak_memory(system)

        end = system.visit(lambda guest: generated(guest, order()))

        assert isinstance(end, LlmFailed)
        assert peak_memory(system) - before < 16 * MEBIBYTE


def peak_memory(system: System) -> int:
    """Return the most memory that the worker has used, in bytes."""
    status = Path(f"/proc/{system.processes['llm_worker'].pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def test_started_is_said_at_once_and_says_whether_the_model_has_to_load(stage):
    double, system = stage
    go = threading.Event()
    double.find(MODEL).loaded = False

    async def play(guest: Guest) -> None:
        await generated(guest, order(model="nosuch"))  # a failure makes the worker check Ollama again
        guest.bus.say(ServiceAsked())  # the list is said even if nothing has changed
        await guest.until(lambda heard: isinstance(heard.message, LlmListed) and not heard.message.models[0]["loaded"])
        double.play([Wait(go), *speech("loaded")])
        asked = order()
        started = (await guest.bus.ask(asked, 1)).message
        assert started.loaded is False
        assert tokens_of(guest, asked.generation) == []
        before = len(guest.heard)
        go.set()
        await guest.until(is_end(asked.generation))
        is_loaded = lambda heard: isinstance(heard.message, LlmListed) and heard.message.models[0]["loaded"]  # noqa: E731
        await guest.until(is_loaded, after=before)
        assert (await guest.bus.ask(order(), 1)).message.loaded is True

    system.visit(play)


# --- which model plays --------------------------------------------------------------------------------------------

OLD = Model("old:1b", modified_at="2026-11-20T10:00:00.1+02:00")
NEW = Model("new:1b", modified_at="2026-11-20T09:00:00.123456789Z")
EMBEDDING = Model("embed:1b", ("embedding",), "2026-11-21T00:00:00Z")
CLOUD = Model("big:cloud", modified_at="2026-11-22T00:00:00Z")
REMOTE = Model("remote:1t", modified_at="2026-11-22T00:00:00Z", remote_host="https://ollama.com")
LOADED = Model("loaded:1b", modified_at="2025-01-01T00:00:00Z", loaded=True)
SHOWN = Model("shown:1b", modified_at="2026-11-23T00:00:00Z", capabilities_in_tags=False, context=8192)
SHOWN_EMBEDDING = Model("embed2:1b", ("embedding",), "2026-11-24T00:00:00Z", capabilities_in_tags=False)

OLD_EMBEDDING = Model("nomic:1b", (), "2026-11-24T00:00:00Z", capabilities_in_tags=False, family="nomic-bert")
OLD_CHAT = Model("ancient:1b", (), "2026-11-20T00:00:00Z", capabilities_in_tags=False)

CHOICES = {
    "the newest, whatever the time zone": ([OLD, NEW], "", "new:1b", ""),
    "not one that only embeds": ([EMBEDDING, OLD], "", "old:1b", ""),
    "never a cloud one": ([CLOUD, REMOTE, OLD], "", "old:1b", ""),
    "one that is loaded": ([NEW, LOADED], "", "loaded:1b", ""),
    "the one that is set": ([NEW, LOADED, OLD], "OLD:1B", "old:1b", ""),
    "even a cloud one, when it is set": ([NEW, CLOUD], "big:cloud", "big:cloud", ""),
    "another, when that is not there": ([NEW], "gone:7b", "new:1b", "`ollama pull gone:7b`"),
    "of a server that tells capabilities only one by one": ([SHOWN, SHOWN_EMBEDDING, NEW], "", "shown:1b", ""),
    "not an embedding one of a server that tells no capabilities": ([OLD_EMBEDDING, OLD_CHAT], "", "ancient:1b", ""),
    "rehearsal, with cloud models only": ([CLOUD], "", "rehearsal", "`ollama pull qwen3:4b-instruct`"),
    "rehearsal, with none that chats": ([EMBEDDING], "", "rehearsal", "`ollama pull qwen3:4b-instruct`"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_default_model_is_chosen(name):
    models, wanted, default, problem = CHOICES[name]
    with playing(*(Model(**vars(model)) for model in models), PIANOLA_MODEL=wanted) as (_, system):
        listed = system.visit(list_of_models)

    assert listed.default == default
    assert listed.player == ("rehearsal" if default == "rehearsal" else "ollama")
    assert problem in listed.problem
    assert bool(problem) == bool(listed.problem)
    assert {model["name"] for model in listed.models} >= {model.name for model in models}


def test_the_list_says_what_is_known_of_each_model():
    with playing(Model(**vars(SHOWN))) as (double, system):
        listed = system.visit(list_of_models)

    assert listed.host == double.url
    assert listed.models == [
        {
            "name": "shown:1b",
            "size": SHOWN.size,
            "loaded": False,
            "loaded_until": 0.0,
            "cloud": False,
            "capabilities": ["completion", "tools"],
            "context": 8192,
            "window": 0,
            "server": "ollama",
            "local": True,
            "plays": True,
            "form": 0,
            "title": "",
        }
    ]
    server = {"name": "ollama", "kind": "ollama", "address": double.url, "local": True, "problem": ""}
    assert listed.servers[0] == server


def test_the_window_that_a_model_asks_for_is_listed():
    with playing(Model(MODEL, parameters='stop "<|end|>"\nnum_ctx                        4096\n')) as (_, system):
        listed = system.visit(list_of_models)

    assert listed.models[0]["window"] == 4096


@pytest.mark.parametrize("code", [404, 405, 501])
def test_a_server_that_cannot_tell_which_models_are_loaded_plays_all_the_same(code):
    with OllamaDouble(Model(MODEL)) as double:
        double.answers["/api/ps"] = [Status(code, "404 page not found")]
        with System({"OLLAMA_HOST": double.url}) as system:
            system.start("broker", "llm_worker")
            listed = system.visit(list_of_models)

    assert (listed.player, listed.default, listed.problem) == ("ollama", MODEL, "")


def test_a_model_that_refuses_to_think_is_asked_again_without():
    with playing(Model(MODEL, ("completion", "thinking"), refuses_think=True)) as stage:
        double, _ = stage

        first = played(stage, speech("fine"), order(options={"think": True}))
        second = played(stage, speech("fine"), order(options={"think": True}))

        assert (first.text, second.text) == ("fine", "fine")
        assert ["think" in chat.body for chat in double.chats] == [True, False, False]


def test_a_model_for_which_one_has_to_sign_in_says_where(stage):
    refusal = json.dumps({"error": "unauthorized", "signin_url": "https://ollama.example/connect?x=1"}).encode()

    end = played(stage, [Status(401, body=refusal)])

    assert "Open https://ollama.example/connect?x=1 in a browser" in end.problem
    assert not end.retryable


ODD_CALLS = {
    "arguments as a text": ({"name": "insert", "arguments": '{"title": "milk"}'}, "insert", {"title": "milk"}),
    "empty arguments": ({"name": "list", "arguments": ""}, "list", {}),
    "arguments that are null": ({"name": "list", "arguments": None}, "list", {}),
    "no arguments": ({"name": "list"}, "list", {}),
    "a name with its channel": ({"name": "list<|channel|>commentary", "arguments": {}}, "list", {}),
    "a name with its namespace": ({"name": "functions.list", "arguments": {}}, "list", {}),
}


@pytest.mark.parametrize("name", ODD_CALLS)
def test_calls_are_brought_into_one_form(stage, name):
    function, called, arguments = ODD_CALLS[name]

    end = played(stage, [Line({"message": {"tool_calls": [{"function": function}]}}), Done()])

    assert end.tool_calls == [{"function": {"name": called, "arguments": arguments}}]


def test_calls_of_the_conversation_are_sent_in_a_form_that_ollama_reads(stage):
    double, system = stage
    kept = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "list", "arguments": "{}"}}]}
    asked = LlmGenerate(generation=order().generation, conversation=1, model=MODEL, messages=[kept])

    system.visit(lambda guest: generated(guest, asked))

    assert double.chats[-1].body["messages"][0]["tool_calls"] == [{"function": {"name": "list", "arguments": {}}}]


WHOLE = {"message": {"role": "assistant", "content": "hi"}, "done": True, "done_reason": "stop"}


@pytest.mark.parametrize(
    "script",
    [[Say("h"), Raw(encoded({"message": {"content": "i"}, "done": True}))], [Raw(encoded(WHOLE))]],
    ids=["a last line without a newline", "a whole answer as one object"],
)
def test_an_end_without_a_newline_is_an_end(stage, script):
    end = played(stage, script)

    assert (type(end), end.text, end.reason) == (LlmFinished, "hi", "stop")


@pytest.mark.parametrize(
    "answer",
    [
        [Status(500, "broken")],
        [Status(200, body=b"<html>")],
        [Status(200, body=b"[]")],
        [Status(200, body=b'{"models": 7}')],
        [Status(200, body=b'{"models": [7, {}, {"name": 7}, null]}')],
        [Raw(b"x" * MEBIBYTE, 8)],
        [Fin()],
    ],
    ids=["500", "a page", "a list", "a number", "no models", "8 MiB", "cut"],
)
def test_a_broken_list_leaves_the_rehearsal_player_with_a_sentence(answer):
    with OllamaDouble() as double:
        double.answers["/api/tags"] = answer
        with System({"OLLAMA_HOST": double.url}) as system:
            system.start("broker", "llm_worker")
            listed = system.visit(list_of_models)

    assert (listed.player, listed.default) == ("rehearsal", "rehearsal")
    assert listed.problem


# --- with Ollama and without --------------------------------------------------------------------------------------


def test_ollama_starts_and_stops_and_the_worker_switches_by_itself():
    double = OllamaDouble(Model(MODEL), port=free_port())
    with System({"OLLAMA_HOST": double.url}) as system:
        system.start("broker", "llm_worker")

        async def play(guest: Guest) -> None:
            absent = await list_of_models(guest)
            assert absent.player == "rehearsal"
            assert "`ollama serve`" in absent.problem
            assert double.url in absent.problem
            rehearsed = await generated(guest, order("hello", model=""))
            assert "not a model" in rehearsed.text
            refused = await generated(guest, order("hello", model=MODEL))
            assert isinstance(refused, LlmFailed)
            assert refused.retryable
            assert not refused.interrupted
            assert "`ollama serve`" in refused.problem
            assert "Traceback" not in refused.problem

            double.start()
            present = (await guest.until(message_of(LlmListed, player="ollama"))).message
            assert (present.default, present.problem) == (MODEL, "")
            spoken = await generated(guest, order("hello", model=""))
            assert spoken.text.startswith("Hello from the double")

            double.stop()
            heard = len(guest.heard)
            assert isinstance(await generated(guest, order("hello", model=MODEL)), LlmFailed)
            await guest.until(message_of(LlmListed, player="rehearsal"), after=heard)

        system.visit(play)


def test_a_new_process_receives_the_list_of_models(stage):
    _, system = stage

    for _ in range(2):
        assert system.visit(list_of_models).default == MODEL

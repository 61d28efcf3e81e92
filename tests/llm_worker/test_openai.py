"""Servers of OpenAI's protocol: what is sent to which, what their streams may hold, keys, and several side by side."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bus.errors import EXIT_REFUSED
from bus.messages import LlmFailed, LlmFinished, LlmListed, LlmProgressed, LogWritten, ServiceAsked
from bus.servers.keys import save_keys
from bus.servers.tables import ServerTable, save_servers, servers_in
from llm_worker.openai.request import messages
from tests.llm_worker.test_kinds import TOOLS, Stage, listed, staged
from tests.llm_worker.test_worker import generated, list_of_models, order
from tests.support.ollama_double import Done, Line, Model, OllamaDouble, Raw, Redirect, Say, Split, Status, Wait, speech
from tests.support.openai_double import CallPart, Event, OpenAiDouble
from tests.support.system import NO_OLLAMA, Guest, System, message_of

KEY = "sk-secret-0123456789"
EXTRAS = {"cache_prompt", "return_progress", "chat_template_kwargs", "top_k"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged("llama.cpp") as made:
        yield made


@contextmanager
def configured(tables: str, keys: str | None = None, mode: int = 0o600, **environment: str) -> Iterator[System]:
    """Start broker and worker with tables of servers, and a file of keys."""
    with System({"OLLAMA_HOST": NO_OLLAMA, **environment}) as system:
        (system.home / "pianola.toml").write_text(tables)
        if keys is not None:
            system.settings.keys_file.write_text(keys)
            system.settings.keys_file.chmod(mode)
        system.start("broker", "llm_worker")
        yield system


def table(double: OpenAiDouble, name: str = "lab") -> str:
    return f'[servers.{name}]\naddress = "{double.api}"\n'


def server(found: LlmListed, name: str) -> dict:
    """Return what the list says about a server."""
    return next(one for one in found.servers if one["name"] == name)


async def complete_list(guest: Guest, *names: str) -> LlmListed:
    """Return the list once it says of each of these servers what models it has, or why it has none."""

    def is_complete(heard) -> bool:
        found = heard.message
        return isinstance(found, LlmListed) and all(
            server(found, name)["problem"] or any(model["server"] == name for model in found.models) for name in names
        )

    guest.bus.say(ServiceAsked())
    return (await guest.until(is_complete)).message


# --- what is sent -------------------------------------------------------------------------------------------------


def test_llama_cpp_is_asked_for_its_cache_and_its_progress(stage):
    asked = stage.order(options={"think": False, "top_k": 5, "num_ctx": 9, "keep_alive": "5m", "num_predict": -1})

    async def play(guest: Guest) -> tuple[LlmFinished, list[LlmProgressed]]:
        return await generated(guest, asked), guest.all(LlmProgressed, generation=asked.generation)

    end, progressed = stage.system.visit(play)
    body = stage.double.chats[-1].body

    assert (body["cache_prompt"], body["return_progress"], body["top_k"]) == (True, True, 5)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert not {"num_ctx", "keep_alive", "num_predict", "max_tokens", "think", "options"} & set(body)
    assert [one.state for one in progressed] == ["waiting", "reading", "writing"]
    assert (progressed[1].prompt_tokens, progressed[1].known_tokens, progressed[1].read_tokens) == (26, 20, 0)
    assert (end.prompt_tokens, end.known_tokens, end.read_tokens) == (26, 20, 6)
    assert (end.read_seconds, end.write_seconds) == (0.326, 0.107)


def test_a_plain_server_gets_only_what_the_protocol_has():
    with staged("plain") as plain:
        end = plain.played([Say("yes"), Done()], plain.order(options={"think": True, "top_k": 5, "temperature": 0.5}))

        body = plain.double.chats[-1].body
        assert not EXTRAS & set(body)
        assert body["temperature"] == 0.5
        assert body["stream_options"] == {"include_usage": True}
        assert (end.tokens, end.prompt_tokens, end.known_tokens, end.read_tokens) == (1, 26, 0, 0)
        assert 0 <= end.read_seconds <= end.seconds
        assert "authorization" not in plain.double.chats[-1].headers


def test_calls_and_their_results_are_linked_by_ids():
    call = {"function": {"name": "insert", "arguments": {"title": "milk"}}}
    given = [
        {"role": "user", "content": "add milk"},
        {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [call, call | {"id": "mine"}]},
        {"role": "tool", "tool_name": "insert", "content": "done"},
        {"role": "tool", "tool_name": "insert", "tool_call_id": "mine", "content": "done too"},
    ]

    user, assistant, first, second = messages(given)

    assert user == {"role": "user", "content": "add milk"}
    assert "thinking" not in assistant
    assert [json.loads(one["function"]["arguments"]) for one in assistant["tool_calls"]] == [{"title": "milk"}] * 2
    assert all(one["type"] == "function" for one in assistant["tool_calls"])
    assert [one["id"] for one in assistant["tool_calls"]] == [first["tool_call_id"], second["tool_call_id"]]
    assert second["tool_call_id"] == "mine"


REFUSED = {
    "the old name of the limit": (
        "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "max_tokens",
    ),
    "a temperature": ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
    "options of the stream": ("Unrecognized request argument supplied: stream_options", "stream_options"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_field_that_a_server_refuses_is_left_out_from_then_on(name):
    sentence, field = REFUSED[name]
    options = {"num_predict": 9, "temperature": 0}
    with staged("plain") as plain:
        plain.double.play([Status(400, sentence)], speech("first"))
        first = plain.system.visit(lambda guest: generated(guest, plain.order(options=options)))
        second = plain.played(speech("second"), plain.order(options=options))

        assert (first.text, second.text) == ("first", "second")
        assert [field in chat.body for chat in plain.double.chats] == [True, False, False]
        limits = [chat.body.get("max_tokens", chat.body.get("max_completion_tokens")) for chat in plain.double.chats]
        assert limits == [9, 9, 9]


def test_a_value_that_is_wrong_is_told_and_not_left_out(stage):
    end = stage.played(
        [Status(400, "Field 'temperature': type must be number, but is string")],
        stage.order(options={"temperature": "hot"}),
    )

    assert isinstance(end, LlmFailed)
    assert "'temperature': type must be number" in end.problem


# --- what streams may hold ----------------------------------------------------------------------------------------


def chunk(delta: dict, reason: str | None = None) -> dict:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


WHOLE = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}
FORGIVEN = {
    "comments and other fields": ([Event(": still working"), Event("event: message\nid: 7"), Say("hi"), Done()], "hi"),
    "no space after data:": ([Event(f"data:{json.dumps(chunk({'content': 'hi'}))}"), Done()], "hi"),
    "carriage returns": ([Raw(b"data: " + json.dumps(chunk({"content": "hi"})).encode() + b"\r\n\r\n"), Done()], "hi"),
    "no [DONE]": ([Say("hi"), Line(chunk({}, "stop"))], "hi"),
    "no reason": ([Say("hi"), Event("data: [DONE]")], "hi"),
    "no newline at the end": ([Say("hi"), Raw(b"data: [DONE]")], "hi"),
    "choices that are empty": ([Line({"choices": []}), Say("hi"), Done()], "hi"),
    "usage alone": ([Say("hi"), Line({"usage": {"prompt_tokens": 3}}), Done()], "hi"),
    "text after the end": ([Say("hi"), Done(), Say(" ho")], "hi"),
    "a whole answer at once": ([Raw(json.dumps(WHOLE).encode())], "hi"),
    "a whole answer in one event": ([Line(WHOLE)], "hi"),
    "bytes one by one": (
        [Split(b"data: " + json.dumps(chunk({"content": "zażółć"})).encode() + b"\n\n"), Done()],
        "zażółć",
    ),
}


@pytest.mark.parametrize("name", FORGIVEN)
def test_streams_of_many_servers_are_understood(stage, name):
    script, text = FORGIVEN[name]

    end = stage.played(script)

    assert (type(end), end.text, end.reason) == (LlmFinished, text, "stop")


BROKEN = {
    "an error in the middle": [Say("hi"), Line({"error": {"message": "slot is gone", "code": 500}})],
    "an error of old servers": [Say("hi"), Event('error: {"code":500,"message":"slot is gone"}')],
    "an error that is a text": [Say("hi"), Line({"error": "slot is gone"})],
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_in_mid_stream_is_told_and_the_text_kept(stage, name):
    end = stage.played(BROKEN[name])

    assert isinstance(end, LlmFailed)
    assert (end.text, end.interrupted) == ("hi", True)
    assert "slot is gone" in end.problem


WRONG = [7, [], "text", {"choices": 7}, {"choices": [7]}, {"a": 1}, chunk({"content": 7}), chunk({"tool_calls": [7]})]


@pytest.mark.parametrize("value", WRONG, ids=str)
def test_events_of_a_wrong_form_end_with_a_sentence(stage, value):
    end = stage.played([Line(value), Done()])

    assert isinstance(end, LlmFailed)
    assert "OpenAI's protocol" in end.problem


PARTS = {
    "in many parts": [
        {"index": 0, "id": "c1", "type": "function", "function": {"name": "insert", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"tit'}},
        {"index": 0, "id": None, "function": {"name": None, "arguments": 'le": "milk"}'}},
    ],
    "whole, without an index": [{"id": "c1", "function": {"name": "insert", "arguments": '{"title": "milk"}'}}],
    "with an object": [{"index": 0, "function": {"name": "insert", "arguments": {"title": "milk"}}}],
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_of_a_call_are_joined(stage, name):
    end = stage.played([*(CallPart(part) for part in PARTS[name]), Done()], stage.order(tools=TOOLS))

    (call,) = end.tool_calls
    assert (call["function"]["name"], call["function"]["arguments"]) == ("insert", {"title": "milk"})


def test_two_calls_without_an_index_stay_two(stage):
    parts = [{"id": f"c{number}", "function": {"name": "insert", "arguments": "{}"}} for number in (1, 2)]

    end = stage.played([*(CallPart(part) for part in parts), Done()], stage.order(tools=TOOLS))

    assert [call["id"] for call in end.tool_calls] == ["c1", "c2"]


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_says_what_llama_cpp_tells_of_its_model(stage):
    found = stage.system.visit(lambda guest: listed(guest, stage.model))

    (model, rehearsal) = found.models
    assert (found.player, found.problem) == ("server", "")
    assert model == {
        "name": "lab/double:1b",
        "size": Model().size,
        "loaded": True,
        "loaded_until": 0.0,
        "cloud": False,
        "capabilities": ["completion", "tools", "thinking"],
        "context": 32_768,
        "window": 0,
        "server": "lab",
        "local": True,
        "plays": True,
        "form": 0,
        "title": "",
    }
    assert (rehearsal["name"], rehearsal["server"]) == ("rehearsal", "")
    expected = {"kind": "openai", "address": f"{stage.double.url}/v1", "local": True, "problem": ""}
    assert server(found, "lab") == {"name": "lab"} | expected


def test_ollama_plays_by_default_and_each_server_has_its_own_problem():
    with OllamaDouble(Model("mine:1b")) as ollama, OpenAiDouble(Model("other:1b")) as good, OpenAiDouble() as bad:
        bad.answers["/v1/models"] = [Status(200, body=b"<html>Hello</html>")]
        tables = table(good, "good") + table(bad, "bad") + '[servers.gone]\naddress = "http://127.0.0.1:9"\n'
        with configured(tables, OLLAMA_HOST=ollama.url) as system:
            found = system.visit(lambda guest: complete_list(guest, "ollama", "good", "bad", "gone"))
            end = system.visit(lambda guest: generated(guest, order(model="good/other:1b")))

    assert (found.player, found.default, found.problem) == ("ollama", "mine:1b", "")
    assert {model["name"] for model in found.models} == {"mine:1b", "good/other:1b"}
    assert server(found, "good")["problem"] == ""
    assert "does not speak OpenAI's protocol" in server(found, "bad")["problem"]
    assert "does not answer at http://127.0.0.1:9/v1" in server(found, "gone")["problem"]
    assert "[servers.gone] of pianola.toml" in server(found, "gone")["problem"]
    assert end.text == "Hello from the double."


def test_a_slow_server_delays_nobody():
    never = threading.Event()
    with OllamaDouble(Model("mine:1b")) as ollama, OpenAiDouble() as slow:
        slow.answers["/v1/models"] = [Wait(never)]
        with configured(table(slow, "slow"), OLLAMA_HOST=ollama.url) as system:
            found = system.visit(lambda guest: listed(guest, "mine:1b"))

    assert (found.player, found.problem, server(found, "slow")["problem"]) == ("ollama", "", "")


def test_the_table_may_choose_the_models_and_the_settings_one_of_them():
    with OpenAiDouble(Model("one"), Model("two"), Model("three"), llama_cpp=False) as double:
        tables = table(double) + 'models = ["three", "hidden"]\n'
        with configured(tables, PIANOLA_MODEL="lab/three") as system:
            found = system.visit(lambda guest: listed(guest, "lab/three"))

    assert [model["name"] for model in found.models] == ["lab/three", "lab/hidden", "rehearsal"]


def test_a_server_without_a_list_plays_the_models_of_its_table():
    with OpenAiDouble(Model("one"), llama_cpp=False) as double:
        double.answers["/v1/models"] = [Status(404, "no such path")]
        with configured(table(double) + 'models = ["one"]\n') as system:
            found = system.visit(lambda guest: listed(guest, "lab/one"))
            end = system.visit(lambda guest: generated(guest, order(model="lab/one")))

    assert server(found, "lab")["problem"] == ""
    assert isinstance(end, LlmFinished)


def test_a_server_at_a_wrong_address_says_where_the_address_stands():
    with OpenAiDouble(Model("one"), llama_cpp=False) as double:
        tables = f'[servers.lab]\naddress = "{double.url}/elsewhere"\n'
        with configured(tables) as system:
            found = system.visit(lambda guest: complete_list(guest, "lab"))
            end = system.visit(lambda guest: generated(guest, order(model="lab/one")))

    problem = server(found, "lab")["problem"]
    assert "answers HTTP 404" in problem
    assert "Is `address` in [servers.lab] of pianola.toml right? Most such addresses end in /v1." in problem
    assert "another model" not in problem
    assert isinstance(end, LlmFailed)


def test_a_filter_that_ends_an_answer_is_told(stage):
    end = stage.played([Say("so far"), Line({"choices": [{"delta": {}, "finish_reason": "content_filter"}]}), Done()])

    assert isinstance(end, LlmFailed)
    assert (end.text, end.interrupted) == ("so far", True)
    assert "its filter of contents ended the answer. Try again, or choose another model." in end.problem


def test_a_model_that_the_server_does_not_have_ends_with_a_sentence():
    with staged("plain") as plain:
        end = plain.played([], plain.order(model="lab/gone"))

    assert "The server 'lab'" in end.problem
    assert "has no model 'gone'" in end.problem


def test_a_model_elsewhere_is_never_the_default_by_itself():
    tables = '[servers.far]\naddress = "http://192.0.2.1:9"\nmodels = ["big"]\n'
    with configured(tables) as system:
        found = system.visit(list_of_models)

    assert (found.default, found.player) == ("rehearsal", "rehearsal")
    assert server(found, "far")["local"] is False


# --- keys ---------------------------------------------------------------------------------------------------------


def everything_kept(system: System) -> str:
    """Return all that lies in the home but the file of keys, and all that was printed."""
    files = (file for file in system.home.rglob("*") if file.is_file() and file != system.settings.keys_file)
    return "".join(file.read_text(errors="replace") for file in files)


def test_a_key_is_sent_and_read_again_when_it_changes_and_never_told():
    with (
        OpenAiDouble(llama_cpp=False, key=KEY) as double,
        configured(table(double), 'lab = "wrong-key-4711"\n') as system,
    ):
        asked = order(model="lab/double:1b")

        async def play(guest: Guest) -> str:
            found = await complete_list(guest, "lab")
            assert "does not accept the key in keys.toml (HTTP 401: Invalid API Key" in server(found, "lab")["problem"]
            refused = await generated(guest, order(model="lab/double:1b"))
            assert isinstance(refused, LlmFailed)
            assert not refused.retryable
            system.settings.keys_file.write_text(f'lab = "{KEY}"\n')
            end = await generated(guest, asked)
            assert end.text == "Hello from the double."
            await guest.until(message_of(LlmListed, player="server"))
            return repr(guest.heard)

        said = system.visit(play)
        system.stop()
        kept = everything_kept(system)

    assert double.chats[-1].headers["authorization"] == f"Bearer {KEY}"
    assert all(key not in said + kept for key in (KEY, "wrong-key-4711"))


QUOTING = (
    [Say("so far"), Line({"error": {"message": f"overloaded ({KEY})"}})],
    [Event(f"data: {{{KEY}")],
    [Redirect(f"http://127.0.0.1:9/?key={KEY}")],
    [Status(400, f"bad header: Bearer {KEY}")],
)
"""Ways in which a server that is asked for an answer may quote the key."""


def test_a_key_that_a_server_quotes_is_in_no_sentence():
    with OpenAiDouble(llama_cpp=False, key=KEY) as double, configured(table(double), f'lab = "{KEY}"\n') as system:
        double.play(*QUOTING)

        async def play(guest: Guest) -> list[str]:
            await complete_list(guest, "lab")
            ends = [await generated(guest, order(model="lab/double:1b")) for _ in QUOTING]
            return [end.problem for end in ends]

        problems = system.visit(play)

    assert all("…" in problem and KEY not in problem for problem in problems), problems


def test_a_key_that_a_server_quotes_instead_of_a_list_is_in_no_sentence():
    with OpenAiDouble(key=KEY) as double:
        double.answers["/v1/models"] = [Status(200, body=f"<p>{KEY}</p>".encode())]
        with configured(table(double), f'lab = "{KEY}"\n') as system:
            found = system.visit(lambda guest: complete_list(guest, "lab"))

    assert "'<p>…</p>' came" in server(found, "lab")["problem"]


def test_a_server_that_wants_a_key_says_where_to_write_it():
    with OpenAiDouble(key=KEY) as double, configured(table(double)) as system:
        found = system.visit(lambda guest: complete_list(guest, "lab"))

    assert "wants a key (HTTP 401" in server(found, "lab")["problem"]
    assert 'lab = "the key" into keys.toml' in server(found, "lab")["problem"]


BAD_KEYS = {
    "a newline": ('lab = "one\\ntwo"\n', 0o600, "one line of printable ASCII"),
    "other letters": ('lab = "schlüssel"\n', 0o600, "one line of printable ASCII"),
    "a number": ("lab = 4711\n", 0o600, "one line of printable ASCII"),
    "no TOML": ("lab: one-two-three\n", 0o600, "is not written as TOML"),
    "a file that others can read": ('lab = "one-two-three"\n', 0o644, "chmod 600"),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(name):
    keys, mode, sentence = BAD_KEYS[name]
    with OpenAiDouble() as double, OllamaDouble(Model("mine:1b")) as ollama:
        with configured(table(double), keys, mode, OLLAMA_HOST=ollama.url) as system:
            found = system.visit(lambda guest: complete_list(guest, "lab", "ollama"))
        asked = list(double.paths)

    problem = server(found, "lab")["problem"]
    assert sentence in problem
    assert "keys.toml" in problem
    assert not any(part in problem for part in ("one-two", "one\\n", "schlüssel", "4711"))
    assert asked == []
    assert (found.player, found.problem) == ("ollama", "")  # Ollama on this machine wants no key


def test_ollama_gets_a_key_too():
    with OllamaDouble(Model("mine:1b")) as double, System({"OLLAMA_HOST": double.url}) as system:
        system.settings.keys_file.write_text(f'ollama = "{KEY}"\n')
        system.settings.keys_file.chmod(0o600)
        system.start("broker", "llm_worker")
        system.visit(lambda guest: generated(guest, order(model="mine:1b")))

    assert double.chats[-1].headers["authorization"] == f"Bearer {KEY}"


def test_a_key_that_is_written_later_is_used_within_seconds():
    with OpenAiDouble(key=KEY) as double, configured(table(double)) as system:

        async def play(guest: Guest) -> None:
            found = await complete_list(guest, "lab")
            assert "wants a key" in server(found, "lab")["problem"]
            save_keys(system.settings.keys_file, {"lab": KEY})
            await guest.until(lambda heard: isinstance(heard.message, LlmListed) and heard.message.player == "server")

        system.visit(play)
        assert system.settings.keys_file.stat().st_mode & 0o777 == 0o600


# --- the files change ---------------------------------------------------------------------------------------------


def test_a_server_that_is_added_plays_within_seconds_and_one_that_is_taken_away_is_gone():
    with OpenAiDouble(Model("one")) as first, OpenAiDouble(Model("two")) as second, configured(table(first)) as system:
        tables = servers_in(system.settings.settings_file)
        added = ServerTable("page", f"{second.url}/v1", models=("two",))

        async def play(guest: Guest) -> None:
            await complete_list(guest, "lab")
            save_servers(system.settings.servers_file, [added, replace(added, name="lab")])
            names = lambda heard: {model["name"] for model in heard.message.models}  # noqa: E731 (used here alone)
            is_list = lambda heard: isinstance(heard.message, LlmListed)  # noqa: E731
            await guest.until(lambda heard: is_list(heard) and {"lab/one", "page/two"} <= names(heard))
            end = await generated(guest, order(model="page/two"))
            assert end.text == "Hello from the double."
            before = len(guest.heard)
            save_servers(system.settings.servers_file, [])
            await guest.until(lambda heard: is_list(heard) and "page/two" not in names(heard), after=before)

        system.visit(play)
        assert servers_in(system.settings.settings_file) == tables


def test_a_file_with_a_mistake_changes_nothing_and_the_log_says_why():
    with OpenAiDouble(Model("one")) as double, configured(table(double)) as system:

        async def play(guest: Guest) -> None:
            await complete_list(guest, "lab")
            system.settings.settings_file.write_text("[servers.lab]\nadress = 'x'\n")
            await guest.until(
                lambda heard: isinstance(heard.message, LogWritten) and "stay as they were" in heard.message.text
            )
            end = await generated(guest, order(model="lab/one"))
            assert end.text == "Hello from the double."

        system.visit(play)


# --- bad tables ---------------------------------------------------------------------------------------------------


def test_a_worker_with_a_bad_table_refuses_to_start_with_a_sentence():
    with System() as system:
        (system.home / "pianola.toml").write_text('[servers.Lab]\naddress = "http://127.0.0.1:1"\n')
        worker = system.launch("llm_worker")

        assert worker.wait(60) == EXIT_REFUSED
        del system.processes["llm_worker"]
        assert "'Lab' cannot be the name of a server" in system.output("llm_worker")


def test_a_short_speech_is_spoken(stage):
    assert stage.played(speech("one two three")).text == "one two three"

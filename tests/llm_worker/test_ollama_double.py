"""The test double behaves like Ollama: checked with the official Python client."""

import threading
import time

import ollama
import pytest

from tests.support.ollama_double import (
    Call,
    Done,
    Fin,
    Line,
    Model,
    OllamaDouble,
    Pause,
    Say,
    Status,
    Think,
    Wait,
    speech,
)

ASK = [{"role": "user", "content": "hello"}]


@pytest.fixture
def double():
    with OllamaDouble(Model(), Model("thinker:4b", capabilities=("completion", "tools", "thinking"))) as running:
        yield running


@pytest.fixture
def client(double):
    client = ollama.Client(host=double.url, trust_env=False)
    yield client
    client._client.close()


def test_the_official_client_streams_a_chat(double, client):
    double.play(speech("Hello, you there."))

    parts = list(client.chat("double:1b", ASK, stream=True))

    assert [part.message.content for part in parts] == ["Hello,", " you", " there.", ""]
    assert [part.done for part in parts] == [False, False, False, True]
    assert parts[-1].done_reason == "stop"
    assert parts[-1].eval_count == 3


def test_the_official_client_gets_a_whole_chat(double, client):
    double.play(speech("All at once."))

    answer = client.chat("double:1b", ASK)

    assert answer.message.content == "All at once."
    assert answer.done is True


def test_the_official_client_sees_reasoning_and_calls_of_tools(double, client):
    double.play([Think("hmm"), Say("yes"), Call("add", {"title": "milk"}), Done()])

    parts = list(client.chat("thinker:4b", ASK, stream=True, think=True))

    assert parts[0].message.thinking == "hmm"
    assert parts[1].message.content == "yes"
    assert parts[2].message.tool_calls[0].function.arguments == {"title": "milk"}


def test_the_official_client_reads_the_lists(double, client):
    double.models[0].loaded = True

    assert [model.model for model in client.list().models] == ["double:1b", "thinker:4b"]
    assert [model.model for model in client.ps().models] == ["double:1b"]
    assert client.show("thinker:4b").capabilities == ["completion", "tools", "thinking"]
    assert client.show("thinker:4b").modelinfo["llama.context_length"] == 32_768


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        ({"model": "nosuch"}, 404, "model 'nosuch' not found"),
        ({"model": "double:1b", "think": True}, 400, "does not support thinking"),
    ],
)
def test_refusals_use_the_words_of_ollama(client, options, status, says):
    with pytest.raises(ollama.ResponseError, match=says) as refused:
        list(client.chat(messages=ASK, stream=True, **options))

    assert refused.value.status_code == status


def test_an_error_line_comes_under_status_200(double, client):
    double.play([Say("Hel"), Line({"error": "out of memory"})])

    with pytest.raises(ollama.ResponseError, match="out of memory"):
        list(client.chat("double:1b", ASK, stream=True))


def test_the_double_can_answer_with_any_status(double, client):
    double.play([Status(503, "server busy, please try again.  maximum pending requests exceeded")])

    with pytest.raises(ollama.ResponseError, match="server busy") as refused:
        list(client.chat("double:1b", ASK, stream=True))

    assert refused.value.status_code == 503


def test_a_cut_connection_is_an_error_of_the_connection(double, client):
    double.play([Say("Hel"), Fin()])

    with pytest.raises(Exception, match="incomplete chunked read"):
        list(client.chat("double:1b", ASK, stream=True))


def test_a_model_is_loaded_by_the_first_chat_and_by_an_empty_one(client):
    assert client.ps().models == []

    answer = client.chat("double:1b", [])

    assert answer.done_reason == "load"
    assert [model.model for model in client.ps().models] == ["double:1b"]


def test_the_double_notices_at_once_that_its_client_left_even_while_it_is_silent(double, client):
    never = threading.Event()
    double.play([Say("Hel"), Wait(never)])
    stream = client.chat("double:1b", ASK, stream=True)
    assert next(stream).message.content == "Hel"

    left = time.monotonic()
    stream.close()

    assert double.chats[0].closed.wait(60)
    assert double.chats[0].closed_at - left < 0.5
    while double.at_once:
        assert time.monotonic() - left < 5


def test_tokens_are_noted_when_they_are_written(double, client):
    double.play([Say("a", 50), Say("b", 50), Pause(0.1), Done()])

    list(client.chat("double:1b", ASK, stream=True))

    times = [monotonic for monotonic, _ in double.chats[0].written]
    assert len(times) == 3
    assert times == sorted(times)
    assert times[2] - times[1] >= 0.1


def test_two_thousand_tokens_at_full_speed(double, client):
    double.play([*(Say(f"{index} ") for index in range(2000)), Done()])

    text = "".join(part.message.content for part in client.chat("double:1b", ASK, stream=True))

    assert text == "".join(f"{index} " for index in range(2000))


def test_the_double_keeps_its_address_when_it_is_started_again(double, client):
    before = double.url
    double.stop()
    with pytest.raises(ConnectionError):
        client.list()

    double.start()

    assert double.url == before
    assert client.list().models

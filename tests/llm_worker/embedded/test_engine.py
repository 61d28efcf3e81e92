"""The embedded engine: llama.cpp and the smallest real model, through the worker and OpenAI's protocol."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator

import httpx
import pytest

from bus.embedded.files import read_state
from bus.messages import LlmCancel, LlmFailed, LlmFinished, LlmListed, LlmProgressed, LlmStarted, LlmToken, LlmUnload
from tests.llm_worker.test_worker import generated, is_end
from tests.support.real_engine import MODEL, engine_playing, idle_after, launch_engine, listed, order, state_of
from tests.support.system import Guest, System, message_of

TALK = [
    {"role": "system", "content": "You are a friendly helper who answers in one short sentence."},
    {"role": "user", "content": "What is the capital of France?"},
]
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string", "maxLength": 20}, "done": {"type": "boolean"}},
    "required": ["title", "done"],
    "additionalProperties": False,
}
ENDLESS = {"num_predict": 2_000, "temperature": 1.0, "seed": 1}


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with engine_playing() as made:
        yield made


def test_it_is_listed_and_plays_by_default_when_nothing_else_is_there(system: System):
    found = system.visit(lambda guest: listed(guest, MODEL))

    assert found.player == "server"
    assert "too small to carry out orders" in found.problem
    model = found.models[0]
    assert (model["name"], model["server"], model["local"], model["context"]) == (MODEL, "embedded", True, 8192)
    server = next(one for one in found.servers if one["name"] == "embedded")
    assert (server["kind"], server["local"], server["problem"]) == ("embedded", True, "")


def test_an_answer_streams_and_the_next_turn_is_not_read_again(system: System):
    async def talk(guest: Guest) -> tuple[LlmFinished, LlmFinished]:
        first = await generated(guest, one := order("", messages=TALK))
        more = [{"role": "assistant", "content": first.text}, {"role": "user", "content": "And of Italy?"}]
        second = await generated(guest, order("", messages=[*TALK, *more]))
        assert len(guest.all(LlmToken, generation=one.generation)) > 3
        assert guest.all(LlmStarted, generation=one.generation)[0].server == "embedded"
        states = [said.state for said in guest.all(LlmProgressed, generation=one.generation)]
        assert states[0] == "waiting"
        assert states[-1] == "writing"
        return first, second

    first, second = system.visit(talk)

    assert "Paris" in first.text
    assert first.read_tokens > 20
    assert second.known_tokens > first.read_tokens - 10
    assert second.read_tokens < first.read_tokens


def test_a_constrained_answer_has_the_form_that_was_asked_for(system: System):
    end = system.visit(
        lambda guest: generated(guest, order("A todo: buy milk.", format=SCHEMA, options={"num_predict": 80}))
    )

    assert set(json.loads(end.text)) == {"title", "done"}


def test_after_a_stop_the_engine_is_idle(system: System):
    async def stop(guest: Guest) -> tuple[LlmFinished, float]:
        asked = order("Tell me a very long story.", options=ENDLESS)
        await guest.bus.ask(asked, 1)
        await guest.until(message_of(LlmToken, generation=asked.generation))
        await guest.bus.ask(LlmCancel(generation=asked.generation), 1)
        end = (await guest.until(is_end(asked.generation))).message
        return end, await idle_after(system)

    end, seconds = system.visit(stop)

    assert isinstance(end, LlmFinished)
    assert end.reason == "cancelled"
    assert seconds < 5  # at once; a busy machine may be slow to tell


def test_a_stop_while_it_reads_takes_effect_before_the_end_of_the_prompt(system: System):
    words = " ".join(f"item {number * 7919 % 10_000}" for number in range(700))

    async def stop(guest: Guest) -> tuple[LlmFinished, LlmProgressed]:
        asked = order(words)
        await guest.bus.ask(asked, 1)
        await guest.until(message_of(LlmProgressed, generation=asked.generation, state="reading"))
        await guest.bus.ask(LlmCancel(generation=asked.generation), 1)
        end = (await guest.until(is_end(asked.generation))).message
        await idle_after(system)
        return end, guest.all(LlmProgressed, generation=asked.generation)[-1]

    end, progress = system.visit(stop)

    assert end.reason == "cancelled"
    assert progress.state == "reading"
    assert progress.read_tokens < progress.prompt_tokens
    assert progress.prompt_tokens > 2_000


def test_two_questions_at_once_are_answered_one_after_the_other(system: System):
    async def ask_both(guest: Guest) -> list[LlmFinished]:
        asked = [order("Say hello."), order("Count to three.")]
        await asyncio.gather(*(guest.bus.ask(one, 1) for one in asked))
        return [(await guest.until(is_end(one.generation))).message for one in asked]

    ends = system.visit(ask_both)

    assert all(isinstance(end, LlmFinished) and end.text for end in ends)


def test_without_its_key_nobody_is_answered(system: System):
    system.visit(lambda guest: generated(guest, order("Say hello.")))
    state = read_state(system.settings)

    for path in ("/v1/models", "/props", "/slots"):
        assert httpx.get(f"{state.address}{path}", trust_env=False).status_code == 401
    asked = httpx.post(f"{state.address}/v1/chat/completions", json={"messages": TALK}, trust_env=False)
    assert asked.status_code == 401
    assert state.address.startswith("http://127.0.0.1:")


def test_its_files_are_for_this_user_alone_and_the_log_holds_no_words(system: System):
    system.visit(lambda guest: generated(guest, order("Say rhododendron.")))

    for file in ("engine.state", "engine.wish"):
        assert (system.settings.run / file).stat().st_mode & 0o077 == 0
    assert "rhododendron" not in system.output("engine").lower()


def test_another_window_loads_the_model_again(system: System):
    system.visit(lambda guest: generated(guest, order("Say hello.", options={"num_ctx": 1_024})))
    small = read_state(system.settings)

    system.visit(lambda guest: generated(guest, order("Say hello.", options={"num_ctx": 2_048})))
    large = read_state(system.settings)

    assert (small.window, large.window) == (1_024, 2_048)
    assert small.key != large.key


def test_an_unloaded_model_leaves_no_process_behind_and_comes_back(system: System):
    async def unload(guest: Guest) -> tuple[int, LlmFinished]:
        await generated(guest, order("Say hello."))
        pid = read_state(system.settings).server_pid
        known = len(guest.heard)
        await guest.bus.ask(LlmUnload(model=MODEL), MODEL)
        await guest.until(
            lambda heard: isinstance(heard.message, LlmListed) and not heard.message.models[0]["loaded"], after=known
        )
        return pid, await generated(guest, order("Say hello."))

    pid, end = system.visit(unload)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert isinstance(end, LlmFinished)
    assert end.load_seconds > 0


def test_a_model_leaves_the_memory_after_the_time_that_was_chosen(system: System):
    async def play(guest: Guest) -> None:
        await generated(guest, order("Say hello.", options={"keep_alive": 0}))
        await state_of(system, "idle")

    system.visit(play)


@pytest.mark.parametrize("killed", ["the process that holds the model", "the engine"])
def test_a_kill_in_mid_answer_is_told_and_then_it_plays_again(system: System, killed: str):
    async def kill(guest: Guest) -> tuple[LlmFailed, LlmFinished]:
        asked = order("Tell me a very long story.", options=ENDLESS)
        await guest.bus.ask(asked, 1)
        await guest.until(message_of(LlmToken, generation=asked.generation))
        if killed == "the engine":
            await asyncio.to_thread(system.kill, "engine")
            launch_engine(system)
        else:
            os.kill(read_state(system.settings).server_pid, signal.SIGKILL)
        end = (await guest.until(is_end(asked.generation))).message
        return end, await generated(guest, order("Say hello."))

    broken, after = system.visit(kill)

    assert isinstance(broken, LlmFailed)
    assert broken.interrupted
    assert "The embedded engine ended while 'small' answered" in broken.problem
    assert isinstance(after, LlmFinished)

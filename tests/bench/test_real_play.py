"""Orders through the whole product, with the built-in player in the model's place."""

import json
from dataclasses import replace

import httpx

from bench.real.effects import Effect
from bench.real.orders import Order, read_orders
from bench.real.play import play
from bench.real.product import SERVER
from bench.real.relay import CHAT, MODELS, SCRIPTED_MODEL, Relay
from bench.real.report import report
from tests.support.model_replies import instruction
from tests.support.ollama_double import speech
from tests.support.openai_double import OpenAiDouble

RENT = next(order for order in read_orders() if order.id == "todo-rent-paid")
TODO = RENT.tables[0]


def saying(says: str, *effects: Effect, **more: str) -> Order:
    """Return an order that the built-in player understands."""
    return replace(RENT, says=says, accepted=(effects,), **more)


def test_what_is_done_is_judged_by_the_rows_in_the_store():
    outcome = play(saying("add oat milk", Effect("add", TODO, values={"title": "~oat milk"})), None)

    assert outcome.verdict == "right"
    assert [str(one) for one in outcome.done] == ["add todo: title 'oat milk'"]
    assert [card["state"] for card in outcome.reply.cards.values()] == ["applied"]
    assert outcome.reply.first_word_seconds > 0
    assert json.dumps(outcome.as_line())


def test_a_proposal_is_agreed_to_and_judged_by_what_it_does():
    outcome = play(saying("delete call grandma", Effect("delete", TODO, title="call grandma"), ask="must"), None)

    assert outcome.verdict == "asked"
    assert outcome.done == []
    assert [str(one) for one in outcome.agreed] == ["delete todo “call grandma”"]
    assert [card["state"] for card in outcome.reply.cards.values()] == ["applied"]


def test_something_that_was_not_asked_for_is_wrong_and_reported():
    outcome = play(saying("add eggs"), None)

    assert outcome.verdict == "wrong"
    assert "- wrong: todo-rent-paid (paraphrase, en): add eggs" in report([outcome])


def test_the_talk_before_is_played_and_the_model_is_asked_only_for_the_order_itself():
    order = next(order for order in read_orders() if order.id == "plants-meant-two")
    reply = instruction(operation="update", table="plant", id=1, values={"water_days": 2})
    with OpenAiDouble(respond=lambda _: speech(reply)) as engine, Relay(engine.url) as relay:
        outcome = play(order, relay, "text")

    assert outcome.verdict == "right"
    assert [str(one) for one in outcome.done] == ["change plant “fern”: water_days 2"]
    assert {row["model"].partition("/")[0] for row in outcome.reply.answers.values()} == {SERVER}
    assert [chat.scripted for chat in relay.chats] == [True, False]
    assert "every four days now" in json.dumps(relay.chats[1].messages)
    assert len(engine.chats) == len(outcome.chats) == 1
    assert outcome.chats[0].known_tokens > 0


def test_the_relay_speaks_what_it_was_given_and_notes_the_chat():
    with Relay() as relay, httpx.Client(base_url=relay.address, trust_env=False) as client:
        relay.script("two words")
        models = client.get(MODELS).json()
        answer = client.post(CHAT, json={"messages": [{"role": "user", "content": "hello"}], "stream": True})
        unscripted = client.post(CHAT, json={"messages": []})

    assert [model["id"] for model in models["data"]] == [SCRIPTED_MODEL]
    assert answer.text.count("data: ") == 4
    assert unscripted.status_code == 503
    assert [chat.text for chat in relay.chats] == ["two words", ""]
    assert relay.chats[0].body["temperature"] == 0

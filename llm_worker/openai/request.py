"""A request in OpenAI's form, made from an order in Ollama's form. Pure.

The two differ in names (`num_predict`, `max_tokens`), in the place of options, and in calls of tools: Ollama writes
arguments as an object and needs no ids; OpenAI writes them as a text of JSON, and links each result to its call by an
id.
"""

import json
from collections import deque
from typing import Any

from bus.messages import LlmGenerate, Values
from llm_worker.openai.traits import Traits

SAME_NAMES = ("temperature", "top_p", "seed", "stop", "presence_penalty", "frequency_penalty")
LOCAL_SAMPLERS = ("top_k", "min_p", "repeat_penalty")
SCHEMA_NAME = "answer"


def body(order: LlmGenerate, model: str, traits: Traits) -> Values:
    """Return the body of a request to /chat/completions."""
    asked: Values = {
        "model": model,
        "messages": messages(order.messages),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    asked |= options(order.options, traits)
    if order.tools:
        asked["tools"] = order.tools
    if order.format:
        asked["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": SCHEMA_NAME, "schema": order.format},
        }
    if traits.llama_cpp:
        asked |= {"cache_prompt": True, "return_progress": True}
    return asked


def options(given: Values, traits: Traits) -> Values:
    """Return the options that the server understands. `num_ctx` and `keep_alive` are decided where it is started."""
    names = SAME_NAMES + (LOCAL_SAMPLERS if traits.samplers else ())
    asked = {name: given[name] for name in names if name in given}
    limit = given.get("num_predict")
    if type(limit) is int and limit > 0:
        asked["max_tokens"] = limit
    if traits.templates and type(given.get("think")) is bool:
        asked["chat_template_kwargs"] = {"enable_thinking": given["think"]}
    return asked


def messages(given: list[Values]) -> list[Values]:
    """Return the messages, with an id at each call and at its result. Reasoning is not sent back."""
    made: list[Values] = []
    waiting: deque[str] = deque()
    """Ids of calls whose results have not come yet."""
    for message in given:
        role, content = message.get("role"), message.get("content") or ""
        if role == "tool":
            given_id = message.get("tool_call_id") or (waiting[0] if waiting else f"call_{len(made)}")
            if given_id in waiting:
                waiting.remove(given_id)
            made.append({"role": "tool", "tool_call_id": given_id, "content": content})
            continue
        one: Values = {"role": role, "content": content}
        if calls := message.get("tool_calls"):
            one["tool_calls"] = [call_for(call, f"call_{len(made)}_{number}") for number, call in enumerate(calls)]
            waiting = deque(call["id"] for call in one["tool_calls"])
        made.append(one)
    return made


def call_for(call: Any, usual_id: str) -> Values:
    """Return a call of a tool in OpenAI's form."""
    call = call if type(call) is dict else {}
    function = call.get("function") if type(call.get("function")) is dict else {}
    arguments = function.get("arguments")
    text = arguments if type(arguments) is str else json.dumps(arguments or {}, ensure_ascii=False)
    return {
        "id": call.get("id") or usual_id,
        "type": "function",
        "function": {"name": function.get("name") or "", "arguments": text or "{}"},
    }

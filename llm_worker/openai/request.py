"""A request in OpenAI's form, made from an order in Ollama's form. Pure.

The two differ in names (`num_predict`, `max_tokens`), in the place of options, and in calls of tools: Ollama writes
arguments as an object and needs no ids; OpenAI writes them as a text of JSON, and links each result to its call by an
id.
"""

from collections import deque
from typing import Any

from bus.messages import LlmGenerate, Values
from llm_worker.openai.traits import Traits
from llm_worker.stream.calls import encoded, sendable

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
    made = sendable(call)
    name, arguments = made["function"]["name"], encoded(made["function"]["arguments"])
    return {
        "id": made.get("id") or usual_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


# --- fields that a server refuses ---

OPTIONAL = (
    "chat_template_kwargs",
    "return_progress",
    "cache_prompt",
    "stream_options",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
    "seed",
)
"""Fields without which an answer is still worth having."""
REFUSALS = ("support", "unknown", "unrecognized", "unexpected", "not permitted", "not allowed", "extra inputs")
LIMIT, NEW_LIMIT = "max_tokens", "max_completion_tokens"


def refused_field(asked: Values, said: str) -> str:
    """Return the field that a server does not know, by its error in lower case; "" when it is about something else."""
    if not any(word in said for word in REFUSALS):
        return ""
    if LIMIT in asked and NEW_LIMIT in said:
        return LIMIT
    return next((name for name in OPTIONAL if name in asked and name in said), "")


def without(asked: Values, name: str) -> Values:
    """Return a request without a field. The limit of tokens has another name on some servers, and keeps its value."""
    made = {key: value for key, value in asked.items() if key != name}
    return made | ({NEW_LIMIT: asked[LIMIT]} if name == LIMIT and LIMIT in asked else {})

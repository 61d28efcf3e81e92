"""A real HTTP server that speaks OpenAI's chat protocol, as llama.cpp's server and hosted services speak it.

It takes the same scripts as `tests/support/ollama_double.py`, so that one test can try each kind of server. What it
sends was copied from llama.cpp's own server (November 2026): the first event has only a role, `prompt_progress` comes
when it was asked for, the reason of the end and the counts are events of their own, `[DONE]` is the last one.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from tests.support.ollama_double import (
    Chat,
    Model,
    OllamaDouble,
    Reply,
    Responder,
    Status,
    Values,
    encoded,
    speech,
)

PROMPT_TOKENS = 26
KNOWN_TOKENS = 20
REASONS = {"stop": "stop", "length": "length"}


@dataclass
class Event:
    """Any line of the stream, without the newline: `data: …`, `: a comment`."""

    line: str

    async def play(self, reply: Reply) -> None:
        await reply.write(self.line.encode() + b"\n\n")


@dataclass
class CallPart:
    """A part of a call of a tool, as it is: with or without index, id and name."""

    part: Values

    async def play(self, reply: Reply) -> None:
        await reply.line(reply.chunk({"tool_calls": [self.part]}))


class SseReply(Reply):
    """An answer as server-sent events."""

    content_type = "text/event-stream"

    def __init__(self, writer: asyncio.StreamWriter, chat: Chat, model: Model | None, *, llama_cpp: bool) -> None:
        super().__init__(writer, chat, model)
        self._asked = chat.body
        self._llama_cpp = llama_cpp
        self._called = False
        self._opened = False

    def error(self, code: int, text: str) -> Values:
        return {"error": {"code": code, "message": text, "type": "invalid_request_error"}}

    async def line(self, value: Any) -> None:
        if self._chat:
            self._chat.written.append((0.0, 0.0))
        await self._open()
        await self.write(b"data: " + encoded(value) + b"\n\n")

    def chunk(self, delta: Values, reason: str | None = None) -> Values:
        self.tokens += 1
        choice = {"finish_reason": reason, "index": 0, "delta": delta}
        return self._envelope() | {"choices": [choice]}

    def _envelope(self) -> Values:
        name = self.model.name if self.model else ""
        return {"created": 1795704220, "id": "chatcmpl-1", "model": name, "object": "chat.completion.chunk"}

    async def _open(self) -> None:
        """Send the first event, which has no token."""
        if self._opened:
            return
        self._opened = True
        opening = self.chunk({"role": "assistant", "content": None})
        self.tokens -= 1
        if self._llama_cpp and self._asked.get("return_progress"):
            for processed in (KNOWN_TOKENS, PROMPT_TOKENS):
                progress = {"total": PROMPT_TOKENS, "cache": KNOWN_TOKENS, "processed": processed, "time_ms": 1}
                await self.line(opening | {"prompt_progress": progress})
        await self.line(opening)

    async def say(self, text: str) -> None:
        await self.line(self.chunk({"content": text}))

    async def think(self, text: str) -> None:
        await self.line(self.chunk({"reasoning_content": text}))

    async def call(self, name: str, arguments: Any) -> None:
        """Send a call as llama.cpp does: the name first, then its arguments in parts."""
        text = json.dumps(arguments)
        index = 1 if self._called else 0
        self._called = True
        first = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
        await self.line(self.chunk({"tool_calls": [first]}))
        for part in (text[:3], text[3:]):
            await self.line(self.chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]}))

    async def finish(self, reason: str, text: str) -> None:
        tokens = self.tokens
        if text:
            await self.say(text)
        await self.line(self.chunk({}, "tool_calls" if self._called else REASONS.get(reason, reason)))
        if (self._asked.get("stream_options") or {}).get("include_usage"):
            await self.line(self._envelope() | {"choices": []} | self._counts(tokens))
        await self.write(b"data: [DONE]\n\n")

    def _counts(self, tokens: int) -> Values:
        usage = {"completion_tokens": tokens, "prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS + tokens}
        if not self._llama_cpp:
            return {"usage": usage}
        timings = {
            "cache_n": KNOWN_TOKENS,
            "prompt_n": PROMPT_TOKENS - KNOWN_TOKENS,
            "prompt_ms": 325.953,
            "predicted_n": tokens,
            "predicted_ms": 107.117,
        }
        return {"usage": usage | {"prompt_tokens_details": {"cached_tokens": KNOWN_TOKENS}}, "timings": timings}


class OpenAiDouble(OllamaDouble):
    """The server. `llama_cpp`: it is llama.cpp's, else a plain one that knows nothing beyond the protocol."""

    def __init__(
        self,
        *models: Model,
        port: int = 0,
        respond: Responder | None = None,
        llama_cpp: bool = True,
        key: str = "",
    ) -> None:
        super().__init__(*models, port=port, respond=respond or (lambda body: speech("Hello from the double.")))
        self.llama_cpp = llama_cpp
        self.key = key
        """Requests without this key are refused, "" for none."""

    @property
    def api(self) -> str:
        """The address that a client is given."""
        return f"{self.url}/v1"

    async def _answer(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        writer: asyncio.StreamWriter,
        gone: asyncio.Event,
    ) -> None:
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            given = headers.get("authorization", "")
            error = {"code": 401, "message": f"Invalid API Key: {given}", "type": "authentication_error"}
            Reply(writer).whole(encoded({"error": error}), 401)
        elif path not in self.answers and (method, path) == ("POST", "/v1/chat/completions"):
            await self._chat(body, headers, writer, gone)
        else:
            await super()._answer(method, path, headers, body, writer, gone)

    def find(self, name: str) -> Model | None:
        """Return the model of exactly this name."""
        return next((model for model in self.models if model.name == name), None)

    def _lookup(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        missing = {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}
        return {
            "GET /health": (200, {"status": "ok"}),
            "GET /v1/models": (200, {"object": "list", "data": [self._entry(model) for model in self.models]}),
            "GET /props": (200, self._props()) if self.llama_cpp else (404, missing),
        }.get(f"{method} {path}", (404, missing))

    def _entry(self, model: Model) -> Values:
        entry = {"id": model.name, "object": "model", "created": 1795704206, "owned_by": "someone"}
        if not self.llama_cpp:
            return entry
        meta = {"n_ctx": model.context, "n_ctx_train": 2 * model.context, "size": model.size, "ftype": "Q4_1"}
        return entry | {"owned_by": "llamacpp", "meta": meta}

    def _props(self) -> Values:
        able = "tools" in self.models[0].capabilities
        template = "{% if enable_thinking %}" if "thinking" in self.models[0].capabilities else "{{ messages }}"
        return {
            "default_generation_settings": {"n_ctx": self.models[0].context},
            "total_slots": 1,
            "chat_template": template,
            "chat_template_caps": {"supports_tools": able, "supports_tool_calls": able},
        }

    def _refusal(self, asked: Values | None) -> Status | None:
        if asked is None:
            return Status(400, "parse error: invalid JSON")
        if not self.llama_cpp and self.find(str(asked.get("model"))) is None:
            return Status(404, f"The model `{asked.get('model')}` does not exist or you do not have access to it.")
        return None  # llama.cpp plays its only model, whatever name it is given

    def _reply(self, writer: asyncio.StreamWriter, chat: Chat) -> Reply:
        model = self.find(str(chat.body.get("model"))) or self.models[0]
        return SseReply(writer, chat, model, llama_cpp=self.llama_cpp)

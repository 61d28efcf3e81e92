"""An open stream of `GET /events`, and messages of the worker that come through it."""

import http.client
import json
from typing import Any

from bus.messages import JobProgressed, LlmFailed, LlmFinished, LlmStarted, LlmToken, Message
from tests.support.http_client import Visitor
from tests.support.system import PATIENCE_SECONDS, Guest, System, message_of

TOKENS = (
    LlmStarted(generation="g", model="m"),
    LlmToken(generation="g", index=0, text="line one\nline two\u2028\u2029 ü"),
    LlmFinished(generation="g", text="x", reason="stop"),
    LlmFailed(generation="h", text="", problem="no", retryable=True),
    JobProgressed(job="j", done=1, total=2, state="running"),
)


class Stream:
    """An open stream; `next` returns its events one by one."""

    def __init__(self, visitor: Visitor, headers: dict[str, str] | None = None, query: str = "") -> None:
        self.place = ""
        """The id of the last event."""
        self._connection = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=PATIENCE_SECONDS)
        self._connection.request(
            "GET", f"/events{query}", headers=headers or {"Authorization": f"Bearer {visitor.token}"}
        )
        self.answer = self._connection.getresponse()
        self.status = self.answer.status

    def __enter__(self) -> "Stream":
        assert self.next()[0] == "opened"
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
        self.answer.close()

    def refusal(self) -> tuple[int, str]:
        """Return status and text of an answer that is no stream."""
        try:
            return self.status, self.answer.read().decode()
        finally:
            self.close()

    def next(self) -> tuple[str, Any]:
        """Return name and data of the next event; ("", None) at the end."""
        lines: list[str] = []
        while line := self.answer.readline().decode():
            if line != "\n":
                lines.append(line)
            elif lines and not lines[0].startswith(":"):
                *place, name, data = lines  # an event has three lines, whatever its texts hold; the last one has no id
                self.place = place[0].removeprefix("id: ").strip() if place else ""
                return name.removeprefix("event: ").strip(), json.loads(data.removeprefix("data: "))
            else:
                lines.clear()
        return "", None

    def until(self, name: str) -> Any:
        """Return the data of the first event of this name."""
        while (found := self.next())[0] != name:
            assert found[0], f"the stream ended without {name}"
        return found[1]


def say(system: System, *messages: Message) -> None:
    async def speak(guest: Guest) -> None:
        for message in messages:
            guest.bus.say(message, 7)
        await guest.until(message_of(type(messages[-1])))

    system.visit(speak, "llm_worker")

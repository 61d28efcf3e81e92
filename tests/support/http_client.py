"""A client without a browser: `Visitor` has the cookie, asks for pages, and opens WebSockets as a tab does."""

import asyncio
import http.client
import itertools
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.support.system import PATIENCE_SECONDS, System


class Visitor:
    """A client that is signed in."""

    def __init__(self, system: System, *, waits: bool = True) -> None:
        """Sign in, and wait until the web process has read the store: a tab opened earlier is drawn again later.

        Without `waits` it is not signed in.
        """
        self.port = system.port
        self.host = f"127.0.0.1:{system.port}"
        self.token = system.settings.token_file.read_text().strip()
        self.cookie = self.sign_in() if waits else ""
        if waits:
            self.wait_until_known(0)

    def sign_in(self) -> str:
        """Sign in as a script does; return the cookie."""
        answered = self.ask(f"/?token={self.token}", known=False)[1]
        return answered["set-cookie"].partition(";")[0]

    def wait_until_known(self, revision: int) -> None:
        """Ask until the web process knows the store up to a revision."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while json.loads(self.ask("/healthz")[2])["revision"] < revision:
            assert time.monotonic() < deadline, f"the web process does not know revision {revision}"

    def wait_until_shown(self, path: str, text: str) -> str:
        """Ask for a page until it has a text; return it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in (page := self.ask(path)[2]):
            assert time.monotonic() < deadline, f"{path} does not have {text!r}: {page[-2000:]}"
        return page

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        known: bool = True,
        body: bytes | None = None,
    ) -> tuple[int, dict[str, str], str]:
        """Send a request; return status, headers (names in lower case) and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        sent = {"Cookie": self.cookie} if known else {}
        try:
            connection.request(method, path, body, sent | dict(headers or {}))
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            endless = answer.status == 101 or names.get("content-type", "").startswith("text/event-stream")
            return answer.status, names, "" if endless else answer.read().decode()
        finally:
            connection.close()

    def shake_hands(
        self, *, headers: Mapping[str, str] | None = None, known: bool = True
    ) -> tuple[int, dict[str, str], str]:
        """Ask for a WebSocket; return what the server answers: 101 when it is opened."""
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "c29tZSBrZXkgb2YgMTYgYg==",
            "Origin": f"http://{self.host}",
        }
        return self.ask("/ws?app=todo", headers=upgrade | dict(headers or {}), known=known)

    def page(self, path: str = "/") -> str:
        """Return the HTML of a page."""
        status, _, body = self.ask(path)
        assert status == 200, body
        return body

    @asynccontextmanager
    async def tab(self, page: str = "") -> AsyncIterator["Tab"]:
        """Open the WebSocket of a page, by default of a new one."""
        page = page or await asyncio.to_thread(self.page)
        found = re.search(r'ws-connect="([^"]+)"', page)
        assert found
        address = f"ws://{self.host}{unescape(found[1])}"
        async with (
            connect(
                address, origin=f"http://{self.host}", additional_headers={"Cookie": self.cookie}, compression=None
            ) as socket,
            asyncio.TaskGroup() as group,
        ):
            tab = Tab(page, socket)
            reading = group.create_task(tab.read())
            yield tab
            await socket.close()
            await reading


class Tab:
    """An open WebSocket: what it got, and commands."""

    numbers = itertools.count(1)

    def __init__(self, page: str, socket: ClientConnection) -> None:
        """Made by `Visitor.tab`."""
        self.page = page
        self.socket = socket
        self.frames: list[str] = []
        self._news = asyncio.Event()

    async def read(self) -> None:
        """Keep what comes until it is closed."""
        try:
            async for frame in self.socket:
                self.frames.append(str(frame))
                self._news.set()
        except Exception as error:
            self.frames.append(f"closed: {error}")
        self._news.set()

    async def until(self, wanted: Callable[[str], Any], seconds: float = PATIENCE_SECONDS) -> str:
        """Return the first frame, past or future, for which `wanted` holds."""
        seen = 0
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for frame in self.frames[seen:]:
                        seen += 1
                        if wanted(frame):
                            return frame
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            last = "\n".join(frame[:200] for frame in self.frames[-20:])
            raise AssertionError(f"no such frame within {seconds} s; the last ones were:\n{last}") from None

    async def command(self, do: str, *, nonce: str = "", **values: Any) -> str:
        """Send a command; return its answer: "" when it was carried out, else the sentence."""
        nonce = nonce or secrets.token_hex(16)
        await self.socket.send(json.dumps({"do": do, "nonce": nonce, **values}))
        answer = await self.until(lambda frame: frame.startswith((f"!{nonce}", f"?{nonce}")))
        return answer.partition("\n")[2]

    def text_of(self, message: int) -> str:
        """Return the streaming text of a message as the frames make it."""
        text = ""
        for frame in self.frames:
            head, _, rest = frame.partition("\n")
            if head == f"={message}":
                text = rest
            elif head == f"+{message}":
                text += rest
        return text

    async def until_text(self, message: int, text: str) -> None:
        """Wait until the streaming text of a message is this."""
        await self.until(lambda _: self.text_of(message) == text)

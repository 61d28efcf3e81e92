"""A web site for the crawler: 2,000 pages in sections, and pages with everything that goes wrong on real sites."""

import asyncio
import gzip
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

SECTIONS = 20
ROBOTS = """# for tests
User-agent: *
Disallow: /forbidden/
Disallow: /*.secret$
Allow: /forbidden/allowed
"""

ODD = {
    "/circle/1": "/circle/2",
    "/circle/2": "/circle/3",
    "/circle/3": "/circle/1",
    "/chain/1": "/chain/2",
    "/chain/2": "/chain/3",
    "/chain/3": "/plain",
    "/evil": "http://169.254.169.254/latest/meta-data/",
    "/to-file": "file:///etc/passwd",
}
"""Redirects."""

BOMB = gzip.compress(b"<p>x</p>" * 500_000, 1)
"""Small, and 4 MB when it is unpacked."""

FROM_ODD = (
    *("/circle/1", "/chain/1", "/evil", "/to-file", "/error", "/missing", "/slow", "/endless", "/plain", "/bomb"),
    *("/latin", "/klingon", "/forbidden/page", "/forbidden/allowed", "/data.secret", "/deep/1", "/file.pdf"),
    *("/broken-off", "/unfollowed-links", "mailto:a@b.test", "javascript:void(0)", "http://other.test/", "//"),
    *("http://[", "/plain#part"),
)
"""Links of the page `/odd`."""


@dataclass
class LinkSite:
    """A site, served by a thread. Started by `with`; `url` is its address."""

    pages: int = 2_000
    """Pages in sections, beside the few others."""
    robots: str = ROBOTS
    robots_status: int = 200
    odd: bool = True
    """Whether the start links to the pages with which something is wrong."""
    asked: list[str] = field(default_factory=list)
    """The path of each request."""
    agents: set[str] = field(default_factory=set)
    """Who asked: each `User-Agent`."""
    at_most: int = 0
    """Most requests that were open at one time."""
    held_from: int = SECTIONS
    """From this section on, pages in sections wait for `release`, too: a crawl comes to them last."""
    keeps_alive: bool = True
    """False: each request needs a connection of its own."""
    open: int = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def release(self) -> None:
        """Let `/slow` and the pages that are held answer, which wait until then."""
        self._loop.call_soon_threadsafe(self._released.set)

    @property
    def counts(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(self.asked)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())
        self._loop.close()

    async def _run(self) -> None:
        self._end, self._released = asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._ready.set()
        await self._end.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                path = head.split(" ", 2)[1]
                self.asked.append(path)
                self.agents |= set(re.findall(r"(?im)^user-agent: *(.*?)\r$", head))
                self.open += 1
                self.at_most = max(self.at_most, self.open)
                try:
                    await self._answer(path, writer)
                finally:
                    self.open -= 1
                if not self.keeps_alive:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        if path == "/slow" or self._is_held(path):
            await self._released.wait()
        if path == "/endless":
            await self._endless(writer)
        elif path == "/broken-off":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<a href=/plain>")
            raise ConnectionError
        else:
            status, headers, body = self._content(path)
            headers |= {} if self.keeps_alive else {"Connection": "close"}
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))} | headers
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(f"HTTP/1.1 {status} OK\r\n{head}\r\n".encode() + body)
            await writer.drain()

    def _is_held(self, path: str) -> bool:
        kind, _, number = path[1:].partition("/")
        return kind == "page" and number.isdigit() and int(number) % SECTIONS >= self.held_from

    async def _endless(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href=/from-endless>a</a>")
        while True:
            writer.write(b"<p>more</p>" * 5_000)
            await writer.drain()

    def _content(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path == "/robots.txt":
            return self.robots_status, {"Content-Type": "text/plain"}, self.robots.encode()
        if path == "/sitemap.xml":
            urls = "".join(f"<url><loc>{self.url}{one}</loc></url>" for one in ("/lonely", "/plain", "/"))
            return 200, {"Content-Type": "application/xml"}, f"<urlset>{urls}</urlset>".encode()
        if path in ODD:
            return 302, {"Location": ODD[path]}, b""
        if found := special(path):
            return found
        return self._numbered(path)

    def _numbered(self, path: str) -> tuple[int, dict[str, str], bytes]:
        kind, _, number = path[1:].partition("/")
        if path == "/":
            odd = ("/odd",) if self.odd else ()
            return page("Home", *odd, *(f"/section/{one}" for one in range(SECTIONS)))
        if kind == "section" and number.isdigit():
            own = range(int(number), self.pages, SECTIONS)
            return page(f"Section {number}", "/", *(f"/page/{one}" for one in own))
        if kind == "page" and number.isdigit() and int(number) < self.pages:
            place = int(number)
            around = (f"/page/{(place + step) % self.pages}" for step in (1, SECTIONS, self.pages - 1))
            return page(f"Page {number}", "/", f"/section/{place % SECTIONS}", *around)
        if kind == "deep" and number.isdigit():
            return page(f"Deep {number}", *([f"/deep/{int(number) + 1}"] if int(number) < 6 else []))
        return 404, {}, b"<h1>not here</h1>"


def special(path: str) -> tuple[int, dict[str, str], bytes] | None:
    """Return what an odd page answers."""
    odd: dict[str, Any] = {
        "/odd": lambda: page("Odd", *FROM_ODD, more='<a rel="external nofollow" href="/hidden">h</a>'),
        "/error": lambda: (500, {}, b"it failed"),
        "/plain": lambda: page("Plain", "/"),
        "/lonely": lambda: page("Lonely", "/", "/from-lonely"),
        "/slow": lambda: page("Slow", "/from-slow"),
        "/bomb": lambda: (200, {"Content-Encoding": "gzip"}, BOMB),
        "/latin": lambda: (
            200,
            {"Content-Type": "text/html; charset=latin-1"},
            "<title>Müller</title>".encode("latin-1"),
        ),
        "/klingon": lambda: (200, {"Content-Type": "text/html; charset=klingon"}, b"<title>tlh \xff\xfe</title>"),
        "/file.pdf": lambda: (200, {"Content-Type": "application/pdf"}, b"%PDF"),
        "/forbidden/allowed": lambda: page("Allowed", "/"),
        "/unfollowed-links": lambda: page("None", "/beyond", more='<meta name="robots" content="noindex, nofollow">'),
    }
    return odd[path]() if path in odd else None


def page(title: str, *links: str, more: str = "") -> tuple[int, dict[str, str], bytes]:
    """Return a page of HTML with links."""
    made = "".join(f'<li><a href="{one}">{one}</a></li>' for one in links)
    return 200, {}, f"<!doctype html><html><head><title>{title}</title>{more}</head><ul>{made}</ul></html>".encode()

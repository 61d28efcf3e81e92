"""A server that answers as Botify's API does, with the faults that a test wants."""

import gzip
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.http_double import HttpDouble, Quiet

KEY = "k-right-7"
CSV = 'sep=,\n"url","crawl.20261101.outlinks_internal.graph.url"\nhttp://a.test/,http://a.test/b\nhttp://a.test/b,http://a.test/\n'

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


@dataclass
class BotifyDouble(HttpDouble):
    """Started by `with`; `url` is the base address."""

    links: int = 2
    repeated: int = 0
    """Links with those that pages repeat; 0: no page repeats one."""
    content: bytes = field(default_factory=lambda: gzip.compress(CSV.encode()))
    states: list[str] = field(default_factory=lambda: ["CREATED", "PROCESSING", "DONE"])
    """What the export says, one after another; the last one stays."""
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    """By method and path: answers that come first, instead of the right ones."""
    holds: bool = False
    """The answer to the start of an export does not come before `go` is set."""
    go: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    """Set when the start of an export was asked for."""
    heard: list[tuple[str, str, str, Any]] = field(default_factory=list)
    """Method, path, `Authorization` and body of each request."""

    @property
    def url(self) -> str:
        """The base address of the API."""
        return f"{self.origin}/v1"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers for this one."""
        return handler(lambda: self)

    def count(self, request: str) -> int:
        """Return how often something was asked for: `POST /jobs`."""
        return sum(f"{method} {path}" == request for method, path, _, _ in self.heard)

    def answer(self, method: str, path: str, key: str) -> Answer:
        """Return status and body of an answer."""
        if waiting := self.faults.get(f"{method} {path}"):
            return waiting.pop(0)
        if path.startswith("/files/"):
            return (200, self.content)
        if key != f"Token {KEY}":
            return (401, {"error": f"bad {key}"})
        match method, path:
            case "GET", "/analyses/me/site/light":
                following = f"{self.url}/analyses/me/site/light/2"
                return (200, {"results": [{"slug": "20261001"}], "next": following})
            case "GET", "/analyses/me/site/light/2":
                found = [{"slug": "20261101"}, {"slug": "20261102", "status": "crawling"}]
                return (200, {"results": found, "next": None})
            case "POST", "/projects/me/site/query":
                return (200, {"results": [{"dimensions": [], "metrics": [self.links, self.repeated or self.links]}]})
            case "POST", "/jobs":
                self.asked.set()
                if self.holds:
                    self.go.wait(60)
                return (201, {"job_id": 77, "job_url": "/v1/jobs/77"})
            case "GET", "/jobs/77":
                state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
                results = {"download_url": f"{self.url}/files/{len(self.heard)}"} if state == "DONE" else None
                return (200, {"job_status": state, "results": results})
        return (404, {"error": "not found"})


def handler(double: Callable[[], BotifyDouble]) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers for a double."""

    class Handler(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply("GET")

        def do_POST(self) -> None:
            self.reply("POST")

        def reply(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            path, key = self.path.removeprefix("/v1"), self.headers.get("Authorization", "")
            double().heard.append((method, path, key, json.loads(body) if body else None))
            status, said, *headers = double().answer(method, path, key)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            try:
                self.send_response(status)
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                return  # the other side was killed

    return Handler

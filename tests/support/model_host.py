"""A host of model files: redirects as the real ones do, tells size and SHA-256, continues, breaks off, lies."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.http_double import HttpDouble, Quiet


@dataclass
class ModelHost(HttpDouble):
    """Serves `content` at every path. Started by `with`; `url` is its address."""

    content: bytes
    redirections: int = 1
    """So many, before the bytes come."""
    etag: str = '"one"'
    told_sha256: str = ""
    """Instead of the right one."""
    break_off_at: int = 0
    """The next answer ends after so many bytes; then no more."""
    hold_at: int = 0
    """The next answer waits after so many bytes, until `go` is set."""
    ignores_if_range: bool = False
    leads_to: str = ""
    """Address of the redirections, instead of this host's own."""
    go: threading.Event = field(default_factory=threading.Event)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and headers of each request."""

    @property
    def url(self) -> str:
        """The address."""
        return self.origin

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers for this one."""
        return handler(lambda: self)

    @property
    def ranges(self) -> list[str]:
        """The header `Range` of each request for the bytes, "" where there was none."""
        return [headers.get("range", "") for path, headers in self.heard if path.startswith(f"/{self.redirections}/")]


def handler(host: Callable[[], ModelHost]) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers for a host."""

    class Handler(Quiet, BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            served = host()
            served.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            first, _, rest = self.path[1:].partition("/")
            hops = int(first) if first.isdigit() else 0
            if hops < served.redirections:
                self.redirect(served, f"/{hops + 1}/{rest if hops else self.path[1:]}")
            else:
                self.send_content(served)

        def redirect(self, served: ModelHost, path: str) -> None:
            self.send_response(302)
            self.send_header("Location", served.leads_to or path)
            self.send_header("X-Linked-Size", str(len(served.content)))
            digest = served.told_sha256 or hashlib.sha256(served.content).hexdigest()
            self.send_header("X-Linked-ETag", f'"{digest}"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def send_content(self, served: ModelHost) -> None:
            wanted, condition = self.headers.get("Range", ""), self.headers.get("If-Range")
            same = served.ignores_if_range or condition in (None, served.etag)
            begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and same else 0
            size = len(served.content)
            if begin >= size:
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if begin else 200)
            if begin:
                self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
            self.send_header("ETag", served.etag)
            self.send_header("Content-Length", str(size - begin))
            self.end_headers()
            send_bytes(self.wfile, served, served.content[begin:])

    return Handler


def send_bytes(output: Any, served: ModelHost, content: bytes) -> None:
    """Send the bytes, as far and as fast as the host does it now."""
    cut, hold = served.break_off_at, served.hold_at
    served.break_off_at = served.hold_at = 0
    try:
        if hold:
            output.write(content[:hold])
            output.flush()
            served.go.wait(60)
            content = content[hold:]
        output.write(content[:cut] if cut else content)
    except OSError:
        return  # the other side has stopped it

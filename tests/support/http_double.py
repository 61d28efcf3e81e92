"""A server of HTTP in the place of another machine's: what its doubles have in common, started by `with`."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Quiet(BaseHTTPRequestHandler):
    """Answers requests, and prints nothing about them."""

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


class HttpDouble:
    """Serves at a free port of this machine while the context lasts."""

    go: threading.Event
    """Set at the end: an answer that waits for it comes then."""
    origin: str
    """The address, without a path."""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

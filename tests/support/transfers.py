"""What a page loads over the network: how many requests, how many bytes, how much script of our own."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.system import System

OWN_SCRIPT = re.compile(r"/static/(?:\w+/)?[\w-]+\.js$")
"""Address of a script; those of third parties stand in `vendor.js` and in the folder `vendor`."""


@dataclass
class Load:
    """One load of a page: what came over the network, not from the browser's cache."""

    requests: list[str] = field(default_factory=list)
    """Their addresses, the WebSocket's included."""
    bytes: int = 0
    """Over the network, with the headers of the answers."""
    seconds: float = 0.0
    """From the beginning until the page is connected."""
    own_script: int = 0
    """Bytes of our own scripts as the browser runs them: unpacked, cached or not."""


class Loads:
    """Loads a page in a new browser profile, with the browser's cache. The first load signs in."""

    def __init__(self, browser: Browser, system: System) -> None:
        self._context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 800})
        self.page: Page = self._context.new_page()
        self.base = f"http://{system.settings.host_file.read_text().strip()}:{system.port}"
        self._first = f"/?token={system.settings.token_file.read_text().strip()}"

    def first(self) -> Load:
        """Load the page for the first time; the request that signs in and leads on is not counted."""
        return self.load(self._first)

    def load(self, path: str = "/") -> Load:
        """Load a page, and wait until it is connected and loads nothing any more."""
        found, began = Load(), time.monotonic()
        session = self._context.new_cdp_session(self.page)
        session.send("Network.enable")
        kept: set[str] = set()
        session.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
        session.on("Network.responseReceived", lambda event: self._answered(event, kept, found))
        session.on("Network.loadingFinished", lambda event: self._finished(event, found))
        session.on("Network.webSocketCreated", lambda event: found.requests.append(event["url"]))
        self.page.goto(f"{self.base}{path}")
        self.page.wait_for_selector("body[data-connected=yes]")
        found.seconds = time.monotonic() - began
        self.page.wait_for_load_state("networkidle")
        session.detach()
        found.own_script = self.own_script()
        return found

    def own_script(self) -> int:
        """Return the bytes of our own scripts that the page has loaded so far, as the browser runs them."""
        entries = "performance.getEntriesByType('resource').map((one) => [one.name, one.decodedBodySize])"
        loaded = {str(name): int(size) for name, size in self.page.evaluate(entries)}
        return sum(size for name, size in loaded.items() if OWN_SCRIPT.search(name) and "/vendor.js" not in name)

    def close(self) -> None:
        """Close the profile."""
        self._context.close()

    @staticmethod
    def _answered(event: dict[str, Any], kept: set[str], found: Load) -> None:
        """Count an answer. `kept`: the ids of those that came from the browser's memory."""
        answer = event["response"]
        was_kept = event["requestId"] in kept or answer.get("fromDiskCache")
        if answer["url"].startswith("http") and not was_kept:
            found.requests.append(answer["url"])

    @staticmethod
    def _finished(event: dict[str, Any], found: Load) -> None:
        found.bytes += int(event["encodedDataLength"])

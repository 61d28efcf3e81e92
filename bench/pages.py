"""How large a page is: its HTML in each app, few rows and full tables, and what a first and a second load transfer.

python -m bench.pages
"""

from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import EVERYTHING, FLAGS, Chromium
from tests.support.full_tables import fill
from tests.support.http_client import Visitor
from tests.support.system import System

APPS = ("todo", "journal", "jobs", "profiles", "links", "simulator", "workflows")


def sizes(system: System) -> dict[str, int]:
    """Return the bytes of HTML of each app's page."""
    visitor = Visitor(system)
    return {app: len(visitor.ask(f"/apps/{app}")[2].encode()) for app in APPS}


class Transfers:
    """Counts what a page loads over the network."""

    def __init__(self, page: Page) -> None:
        self.requests, self.bytes = 0, 0
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, Any]) -> None:
        size = int(event["encodedDataLength"])
        self.requests += size > 0
        self.bytes += size


def load(page: Page, address: str) -> str:
    """Load a page; return what it transferred, in words."""
    transfers = Transfers(page)
    page.goto(address)
    page.wait_for_selector("body[data-connected=yes]")
    page.wait_for_load_state("networkidle")
    return f"{transfers.requests} requests, {transfers.bytes:,} bytes"


def report_loads(system: System, browser: Browser) -> None:
    """Print what the first and the second load of the page transfer."""
    page = browser.new_context().new_page()
    base = f"http://{system.settings.host_file.read_text().strip()}:{system.port}/"
    token = system.settings.token_file.read_text().strip()
    print("first load: ", load(page, f"{base}?token={token}"))
    print("second load:", load(page, base))


def main() -> None:
    """Measure and print."""
    with System() as system, sync_playwright() as playwright:
        system.start(*EVERYTHING)
        browser = playwright.chromium.launch(executable_path=Chromium.path(), args=FLAGS)
        report_loads(system, browser)
        few = sizes(system)
        fill(system)
        full = sizes(system)
        for app in APPS:
            print(f"{app:10} {few[app]:9,} bytes, with full tables {full[app]:9,}")
        browser.close()


if __name__ == "__main__":
    main()

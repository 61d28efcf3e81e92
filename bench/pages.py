"""How large a page is: its HTML in each app, few rows and full tables, and what a first and a second load transfer.

python -m bench.pages
"""

from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import EVERYTHING, FLAGS, Chromium
from tests.support.full_tables import fill
from tests.support.http_client import Visitor
from tests.support.system import System
from tests.support.transfers import Loads

APPS = ("todo", "journal", "jobs", "profiles", "links", "simulator", "workflows")


def sizes(system: System) -> dict[str, int]:
    """Return the bytes of HTML of each app's page."""
    visitor = Visitor(system)
    return {app: len(visitor.ask(f"/apps/{app}")[2].encode()) for app in APPS}


def report_loads(system: System, browser: Browser) -> None:
    """Print what the first and the second load of the page transfer, and how long each takes."""
    loads = Loads(browser, system)
    for name, found in (("first load", loads.first()), ("second load", loads.load())):
        print(
            f"{name:11} {len(found.requests)} requests, {found.bytes:,} bytes, {found.seconds * 1000:.0f} ms until it "
            f"is connected; own script {found.own_script:,} bytes, as the browser runs it"
        )
    loads.close()


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

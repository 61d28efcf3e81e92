"""A real browser in front of real processes. Its tabs must not log errors nor ask other machines."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, BrowserType, Locator, Page, Playwright, Request, expect
from playwright.sync_api import Error as PlaywrightError

from tests.support.needs import needs
from tests.support.system import PATIENCE_SECONDS, System

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Names of the command, as in install_browser.sh. The first takes half the processor time of the second."""

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost , EXCLUDE *.localhost",
]
LOST_CONNECTION = re.compile(r"WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|status of 503|htmx:|\[object Event\]")
"""What the console says while processes are away."""
EVERYTHING = ("broker", "store", "llm_worker", "agent", "web", "logger")
"""The processes that a test of the page needs, unless it is about long work."""
WITH_JOBS = (*EVERYTHING, "jobs")
"""All processes of the Procfile."""
SHOWN_CHARACTERS = 2_000
"""Of each tab, in the report of a test that fails."""

expect.set_options(timeout=PATIENCE_SECONDS * 1000)


class WebBrowser:
    """One browser process for many tests."""

    is_led = True
    """Whether it comes to 127.0.0.1 first: it may not find the page's own name."""

    def __init__(self, engine: BrowserType) -> None:
        self.engine = engine

    def __enter__(self) -> Self:
        self.browser = self.launch()
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()

    def launch(self) -> Browser:
        """Start the browser that Playwright has installed."""
        return self.engine.launch()

    @contextmanager
    def visit(self, system: System, **options: Any) -> Iterator["Tab"]:
        """Open a tab of a new browser profile, signed in.

        At its end, requests to other machines and errors in its console fail the test.
        """
        context = self.browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block", **options)
        tab = Tab(context, system)
        try:
            tab.open(led=self.is_led)
            yield tab
        except BaseException as error:
            error.add_note(shown_in(context))
            raise
        finally:
            context.close()
        assert tab.offsite == [], tab.offsite
        assert tab.errors == [], tab.errors


def shown_in(context: BrowserContext) -> str:
    """Return what the tabs show, for the report of a test that fails."""
    return "\n\n".join(f"The tab {page.url} shows:\n{text_of(page)}" for page in context.pages)


def text_of(page: Page) -> str:
    """Return the beginning of the text of a page, or why it cannot be read."""
    try:
        return str(page.evaluate("document.body?.innerText ?? ''"))[:SHOWN_CHARACTERS]
    except PlaywrightError as problem:
        return f"({problem.message})"


class Chromium(WebBrowser):
    """The system's Chromium, which all tests of the page use. It finds the page's own name."""

    is_led = False

    def __init__(self, playwright: Playwright) -> None:
        super().__init__(playwright.chromium)

    def launch(self) -> Browser:
        """Start it; where there is none, tests are skipped, but fail in CI."""
        return self.engine.launch(executable_path=self.path(), args=FLAGS)

    @staticmethod
    def path() -> str | None:
        """Return the path of the command."""
        path = next(filter(None, map(shutil.which, CHROMIUM)), None)
        needs(path, "there is no Chromium: `make test` installs it (apt-get install chromium)")
        return path


class Tab:
    """A tab with the page open: what a user does in it, and what it shows."""

    def __init__(self, context: BrowserContext, system: System, page: Page | None = None) -> None:
        """Made by `WebBrowser.visit`."""
        self.system = system
        self.offsite: list[str] = []
        self.errors: list[str] = []
        self.tolerates_lost_connection = False
        """Set it in a test that kills processes: lost connections in the console are then no errors."""
        self.base = f"http://{system.settings.host_file.read_text().strip()}:{system.port}"
        """The page's own address. At 127.0.0.1 a browser is only led there."""
        self.entrance = f"http://127.0.0.1:{system.port}"
        self._context = context
        context.on("request", self._note_offsite)
        self.page = page or context.new_page()
        self._listen(self.page)

    def _listen(self, page: Page) -> None:
        page.on("console", lambda message: self._complain(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))

    def _complain(self, text: str) -> None:
        if not (
            self.tolerates_lost_connection
            and re.search(r"WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|status of 503|htmx:|\[object Event\]", text)
        ):
            self.errors.append(text)

    def _note_offsite(self, request: Request) -> None:
        """Listen only: a gate that each request goes through would take from the browser its cache, and time."""
        if not request.url.startswith((self.base, self.entrance, "data:")):
            self.offsite.append(request.url)

    def open(self, *, led: bool = False) -> None:
        """Open the page with the token, and wait until it is connected. `led`: come to 127.0.0.1, as with the URL."""
        token = (self.system.home / "token").read_text().strip()
        self.page.goto(f"{self.entrance if led else self.base}/?token={token}")
        self.connected()
        self.base = "/".join(self.page.url.split("/")[:3])

    def reload(self) -> None:
        """Reload the page."""
        self.page.reload()
        self.connected()

    def is_at(self, address: str) -> None:
        """Wait until the page has this address; the conversation that stands in it, behind the rest, may be any."""
        expect(self.page).to_have_url(re.compile(re.escape(self.base + address) + r"[?&]talk=(new|\d+)$"))

    def connected(self) -> None:
        """Wait until the page is connected."""
        expect(self.page.locator("body[data-connected=yes]")).to_be_attached()

    def second(self) -> "Tab":
        """Open another tab of the same browser profile."""
        other = Tab.__new__(Tab)
        other.__dict__.update(self.__dict__)
        other.page = self._context.new_page()
        other._listen(other.page)
        other.page.goto(self.base + "/")
        other.connected()
        self.page.bring_to_front()  # a page in the background is drawn once a second
        return other

    # --- chat ---

    def say(self, text: str) -> None:
        """Write a message, send it, and wait until the answer to it begins."""
        answers = self.messages("assistant").count()
        self.page.fill("#chat-input", text)
        self.page.press("#chat-input", "Enter")
        expect(self.messages("assistant").nth(answers)).to_be_attached()

    def messages(self, role: str) -> Locator:
        """Return the messages of a role."""
        return self.page.locator(f"#chat-log article.message[data-role={role}]")

    def answer(self) -> Locator:
        """Return the newest message of the assistant."""
        return self.messages("assistant").last

    def answered(self, state: str = "done") -> str:
        """Wait until the newest answer has come to its end; return its text as stored."""
        expect(self.answer()).to_have_attribute("data-state", state)
        return self.answer().locator(".text").inner_text()

    # --- settings and rows ---

    def open_settings(self) -> None:
        """Open the menu of settings, if it is not open."""
        menu = self.page.locator("#settings-menu")
        if not menu.is_visible():
            self.page.locator("#controls-button").click()
        if menu.get_attribute("open") is None:
            menu.locator("summary").first.click()
        expect(menu.locator(".panel")).to_be_visible()

    def do_with(self, row: Locator, entry: str) -> None:
        """Choose an entry of the “…” menu of a row, by the keyboard."""
        row.get_by_role("button", name="More").press("Enter")
        self.page.get_by_role("menuitem", name=entry, exact=True).press("Enter")

    # --- todo ---

    def add(self, title: str) -> None:
        """Add a todo."""
        self.page.fill("#todo-form input[name=title]", title)
        self.page.press("#todo-form input[name=title]", "Enter")

    def scroll_to_end(self) -> None:
        """Scroll down until all rows of the list are there: a page begins with what fits in it."""
        while (more := self.page.locator("#todo-more")).count():
            shown = self.todo("").count()
            more.scroll_into_view_if_needed()
            expect(self.todo("").nth(shown)).to_be_attached()

    def todo(self, title: str) -> Locator:
        """Return the list item with a title."""
        return self.page.locator("#todo-list > li[data-id]").filter(has_text=title)

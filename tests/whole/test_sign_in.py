"""Signing in with a real browser, beside another program of this machine whose pages the browser opens as well."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.support.browser import FLAGS, Chromium
from tests.support.http_client import Visitor
from tests.support.system import System
from tests.web.test_sign_in import pianola, ticket_for


class Neighbour(BaseHTTPRequestHandler):
    """Another program with pages of its own. It keeps every header that it gets, and sets a cookie of our name."""

    heard: list[str]
    page: str
    cookies: list[str]

    def do_GET(self) -> None:
        self.heard.append(f"{self.path}\n{self.headers}")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        for cookie in self.cookies:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture
def neighbour(system: System) -> Iterator[int]:
    """Serve the other program; return its port."""
    name = f"pianola-{system.port}"
    Neighbour.heard, Neighbour.page = [], "<p>hello"
    Neighbour.cookies = [f"{name}=x; Path=/", f"{name}=x; Path=/; Domain=localhost"]
    with ThreadingHTTPServer(("127.0.0.1", 0), Neighbour) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ready(page: Page) -> None:
    expect(page.locator("body[data-connected=yes]")).to_be_attached()


def own_address(system: System) -> str:
    return f"http://{system.settings.host_file.read_text().strip()}:{system.port}"


def enter(context: BrowserContext, system: System) -> Page:
    page = context.new_page()
    token = system.settings.token_file.read_text().strip()
    page.goto(f"http://127.0.0.1:{system.port}/?token={token}")
    ready(page)
    return page


def test_programs_on_other_ports_get_nothing_and_lock_nobody_out(system: System, chromium: Chromium, neighbour: int):
    with chromium.visit(system) as tab:
        tab.page.goto("about:blank")
        page, own = enter(tab.page.context, system), own_address(system)
        assert page.url == f"{own}/apps/todo?talk=new"
        (cookie,) = (one for one in page.context.cookies() if one["name"] != "zone")
        assert (cookie["domain"], cookie["httpOnly"], cookie["sameSite"]) == (own[7:].split(":")[0], True, "Lax")

        for host in ("127.0.0.1", "localhost", "evil.localhost"):
            page.goto(f"http://{host}:{neighbour}/page")
            page.evaluate(
                "port => fetch(`http://127.0.0.1:${port}/`, {mode: 'no-cors', credentials: 'include'})", neighbour
            )
        secrets = (cookie["value"], system.settings.token_file.read_text().strip(), own)
        assert len(Neighbour.heard) >= 6
        assert not any(secret in heard for heard in Neighbour.heard for secret in secrets)

        # It links to us, frames us, and sends us forms, although it could not know the name.
        Neighbour.page = (
            f"<a href='{own}/apps/todo'>there</a><iframe src='{own}/'></iframe>"
            f"<form method=post action='{own}/import/todo?file=x.csv' target=_blank><button>send</button></form>"
        )
        page.goto(f"http://127.0.0.1:{neighbour}/links")
        expect(page.frame_locator("iframe").locator("#chat-form")).to_have_count(0)
        with page.context.expect_page() as opened:
            page.get_by_role("button").click()
        expect(opened.value.locator("body")).to_contain_text("Another site asked for this")
        page.get_by_role("link").click()
        ready(page)
        page.goto(f"{own}/")
        ready(page)
        tab.errors.clear()  # the frame that was refused
        tab.offsite.clear()  # the other program


def test_a_bookmark_works_after_the_browser_was_restarted(
    system: System, chromium: Chromium, playwright: Playwright, tmp_path: Path
):
    def start() -> BrowserContext:
        path = chromium.path()
        return playwright.chromium.launch_persistent_context(tmp_path, executable_path=path, args=FLAGS)

    with start() as context:
        enter(context, system)
    with start() as context:
        page = context.new_page()
        for address in (
            f"{own_address(system)}/apps/todo?done=no",
            f"http://127.0.0.1:{system.port}/apps/todo?done=no",
        ):
            page.goto(address)
            ready(page)
            expect(page).to_have_url(f"{own_address(system)}/apps/todo?done=no&talk=new")


def test_signed_out_the_page_says_so_and_takes_the_token(system: System, chromium: Chromium):
    with chromium.visit(system) as tab:
        page = tab.page
        done = pianola(system, "sessions", "--revoke", "all")
        assert done.returncode == 0, done.stderr
        expect(page.locator("#link")).to_have_text("Signed out. Reload the page.")
        page.reload()
        expect(page.locator("main")).to_contain_text("This browser is not signed in")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("opens nothing")
        page.get_by_label("Token").fill(system.settings.token_file.read_text().strip())
        page.get_by_role("button", name="Sign in").click()
        ready(page)
        expect(page).to_have_url(f"{own_address(system)}/apps/todo?talk=new")

        page.context.clear_cookies()
        system.kill("web")
        system.start("web")
        expect(page.locator("#link")).to_have_text("Signed out. Reload the page.")
        tab.errors.clear()  # the answers 401


def test_a_browser_that_does_not_find_the_name_is_let_in_at_127_0_0_1(
    system: System, chromium: Chromium, playwright: Playwright
):
    knows_no_name = [flag.replace(" , EXCLUDE *.localhost", "") for flag in FLAGS]
    browser = playwright.chromium.launch(executable_path=chromium.path(), args=knows_no_name)
    try:
        page = enter(browser.new_context(), system)
        expect(page).to_have_url(f"http://127.0.0.1:{system.port}/apps/todo?talk=new")
        page.locator("#address-hint summary").click()
        expect(page.locator("#address-hint p")).to_contain_text("to every port")
        page.reload()
        ready(page)
    finally:
        browser.close()


def test_without_cookies_or_storage_the_page_says_what_is_missing(system: System, chromium: Chromium):
    with chromium.visit(system) as tab:
        context = tab.page.context
        context.clear_cookies()
        context.add_init_script(
            "Object.defineProperty(navigator, 'cookieEnabled', {value: false});"
            "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('denied') }})"
        )
        tab.page.goto(f"http://127.0.0.1:{system.port}/")
        expect(tab.page.locator("#no-cookies")).to_be_visible()
        tab.page.goto(f"http://127.0.0.1:{system.port}/?ticket={ticket_for(Visitor(system))}")
        ready(tab.page)
        expect(tab.page).to_have_url(f"{own_address(system)}/apps/todo?talk=new")
        tab.errors.clear()  # the answer 401

"""Signing in: sessions, the page's own host name, tickets, and the commands `url` and `sessions`."""

import asyncio
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bus.errors import EXIT_REFUSED
from bus.token import make_ticket, page_use
from tests.support.command import Ran, run
from tests.support.http_client import Visitor
from tests.support.system import System, run_apart
from tests.web.test_gate import ROUTES
from web.sign_in.browsers import browser_name
from web.sign_in.sessions import LIFETIME_SECONDS, MOST_SESSIONS, RENEW_SECONDS, REVOKED, Sessions

GOES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
"""What a browser sends when the user goes to an address."""
CLICKS = GOES | {"Sec-Fetch-Site": "cross-site"}
"""What it sends when the user follows a link of another site."""
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Mode": "navigate"}
DAY = 86400.0


@pytest.fixture
def own(system: System, visitor: Visitor) -> dict[str, str]:
    """The headers of a browser that is signed in at the page's own name."""
    headers = {"Host": own_host(system)}
    answered = visitor.ask(f"/?token={visitor.token}", headers=GOES | headers, known=False)[1]
    return headers | {"Cookie": answered["set-cookie"].partition(";")[0]}


def own_host(system: System) -> str:
    return f"{system.settings.host_file.read_text().strip()}:{system.port}"


def ticket_for(visitor: Visitor) -> str:
    return make_ticket(visitor.token, time.time(), page_use(visitor.port))


def pianola(system: System, *arguments: str, port: int = 0) -> Ran:
    """Run the command in the home of the system; `port`: another one than the system's."""
    return run(system.environment | ({"PIANOLA_PORT": str(port)} if port else {}), *arguments)


# --- the page's own name ---


def test_a_browser_at_127_0_0_1_is_led_to_the_own_name_and_gets_its_cookie_there(system: System, visitor: Visitor):
    status, headers, _ = visitor.ask(f"/?token={visitor.token}", headers=GOES, known=False)
    assert (status, "set-cookie" in headers) == (303, False)
    there = headers["location"]
    assert there.startswith("/?ticket=")

    status, headers, page = visitor.ask(there, headers=GOES, known=False)
    assert (status, "set-cookie" in headers) == (200, False)
    assert f"http://{own_host(system)}{there}" in page

    status, headers, _ = visitor.ask(there, headers=CLICKS | {"Host": own_host(system)}, known=False)
    assert (status, headers["location"]) == (303, "/?entered=1")
    assert headers["set-cookie"].endswith("HttpOnly; Max-Age=2592000; Path=/; SameSite=lax")  # no domain
    assert visitor.ask(there, headers=CLICKS | {"Host": own_host(system)}, known=False)[0] == 401


def test_a_browser_that_does_not_find_the_name_stays_and_the_page_says_what_that_means(visitor: Visitor):
    ticket, ours = ticket_for(visitor), {"Origin": f"http://{visitor.host}"}
    body = f"ticket={ticket}".encode()
    assert visitor.ask("/sign-in", method="POST", headers=FORM, body=body, known=False)[0] == 403
    status, headers, _ = visitor.ask("/sign-in", method="POST", headers=FORM | ours, body=body, known=False)

    assert status == 303
    cookie = {"Cookie": headers["set-cookie"].partition(";")[0]}
    assert "to every port" in visitor.ask("/", headers=GOES | cookie, known=False)[2]
    assert visitor.ask("/sign-in", method="POST", headers=FORM | ours, body=body, known=False)[0] == 401


def test_the_page_takes_the_token_in_a_form(system: System, visitor: Visitor):
    right, wrong = f"token={visitor.token}".encode(), b"token=wrong"
    for host in (visitor.host, own_host(system)):
        ours = FORM | {"Host": host, "Origin": f"http://{host}"}
        status, headers, _ = visitor.ask("/sign-in", method="POST", headers=ours, body=right, known=False)
        assert status == 303
        assert headers["location"].startswith("/?ticket=" if host == visitor.host else "/?entered=1")
        assert ("set-cookie" in headers) == (host == own_host(system))
        status, _, page = visitor.ask("/sign-in", method="POST", headers=ours, body=wrong, known=False)
        assert (status, "opens nothing" in page) == (401, True)
        assert visitor.ask("/sign-in", method="POST", headers=ours, body=b"x" * 5000, known=False)[0] == 413


def test_the_own_name_is_private_and_told_to_nobody_who_is_not_signed_in(system: System, visitor: Visitor):
    name = system.settings.host_file.read_text().strip()
    assert re.fullmatch(r"pianola-[0-9a-f]{20}\.localhost", name)
    assert system.settings.host_file.stat().st_mode & 0o777 == 0o600
    for route in (*(one for one in ROUTES if one != "/ws"), "/nothing", "/sign-in", "/reachable", "/?token=x"):
        for headers in ({}, GOES, {"Host": "evil.example"}):
            _, answered, body = visitor.ask(route, headers=headers, known=False)
            assert name not in f"{answered}{body}"
    assert name not in system.outputs()


def test_another_name_under_localhost_is_not_ours(visitor: Visitor):
    for name in ("pianola-0000000000000000000a.localhost", "evil.localhost", "pianola.localhost"):
        assert visitor.ask("/", headers={"Host": f"{name}:{visitor.port}"})[0] == 421


def test_whether_the_name_is_found_can_be_asked_only_at_the_name(system: System, visitor: Visitor):
    asks = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty"}
    status, headers, body = visitor.ask("/reachable", headers=asks | {"Host": own_host(system)}, known=False)

    assert (status, body, headers["cross-origin-resource-policy"]) == (204, "", "cross-origin")
    assert visitor.ask("/reachable", headers=asks, known=False)[0] == 403
    assert visitor.ask("/reachable", known=False)[0] == 401


def test_no_other_program_can_listen_where_browsers_look_for_the_name_first(system: System):
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("::1", system.port))
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        with System({"PIANOLA_PORT": str(other.getsockname()[1])}) as second:
            assert second.launch("web").wait(60) == EXIT_REFUSED
            del second.processes["web"]
            assert "is taken by another program at [::1]." in second.output("web")


# --- sessions ---


def test_a_session_is_good_at_its_own_kind_of_name_only(system: System, visitor: Visitor, own: dict[str, str]):
    assert visitor.ask("/", headers=own, known=False)[0] == 200
    assert visitor.ask("/", headers=own | {"Host": visitor.host}, known=False)[0] == 401
    assert visitor.ask("/", headers={"Host": own_host(system)})[0] == 401


def test_a_link_and_a_bookmark_work_while_signed_in(visitor: Visitor, own: dict[str, str]):
    for path in ("/", "/apps/todo", "/apps/todo?done=no"):
        for way in (GOES, CLICKS):
            assert visitor.ask(path, headers=own | way, known=False)[0] == 200
    assert visitor.ask("/export/todo.csv", headers=own | CLICKS, known=False)[0] == 403


def test_a_cookie_that_another_program_sets_locks_nobody_out(visitor: Visitor, own: dict[str, str]):
    for cookies in (f"pianola-{visitor.port}=x; {own['Cookie']}", f"{own['Cookie']}; pianola-{visitor.port}=x"):
        assert visitor.ask("/", headers=own | {"Cookie": cookies}, known=False)[0] == 200


def test_a_browser_that_drops_the_cookie_is_told_so(visitor: Visitor):
    assert "did not keep the cookie" in visitor.ask("/?entered=1", headers=GOES, known=False)[2]
    assert "did not keep the cookie" not in visitor.ask("/", headers=GOES, known=False)[2]


def test_sessions_and_used_tickets_survive_the_web_process_and_end_with_the_token(visitor: Visitor):
    with System() as system:
        system.start("broker", "store", "web")
        client = Visitor(system)
        ticket = ticket_for(client)
        assert client.ask(f"/?ticket={ticket}", known=False)[0] == 303
        kept = system.settings.sessions_file
        assert kept.stat().st_mode & 0o777 == 0o600
        assert client.cookie.partition("=")[2] not in kept.read_text()
        assert client.token not in kept.read_text()

        system.kill("web")
        system.start("web")
        assert "processes" in client.ask("/healthz")[2]
        assert client.ask(f"/?ticket={ticket}", known=False)[0] == 401

        system.stop("web")
        system.settings.token_file.unlink()
        system.start("web")
        assert "processes" not in client.ask("/healthz")[2]


def test_a_revoked_session_is_over_at_once_also_for_its_open_tabs(system: System, visitor: Visitor):
    async def see() -> None:
        other = await asyncio.to_thread(Visitor, system)
        async with visitor.tab() as tab, other.tab() as stays:
            listed = json.loads((await asyncio.to_thread(other.ask, "/sessions"))[2])["sessions"]
            mine = next(one for one in reversed(listed) if one["id"] not in ids_without(system, visitor))
            done = await asyncio.to_thread(pianola, system, "sessions", "--revoke", mine["id"])
            assert done.stdout == "1 session ended.\n", done.stderr
            await tab.socket.wait_closed()
            assert tab.socket.close_code == REVOKED
            assert (await asyncio.to_thread(visitor.ask, "/"))[0] == 401
            assert await stays.command("poked") == ""

    run_apart(see())


def ids_without(system: System, visitor: Visitor) -> set[str]:
    """Return the ids of all sessions but the visitor's."""
    sessions = Sessions(system.settings.sessions_file, visitor.token, lambda _text: None)
    found = sessions.find(visitor.cookie.partition("=")[2], own_name=False)
    assert found
    return {one["id"] for one in sessions.as_json()} - {found.id}


class Clock:
    """Stands in for the time of the day."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "sessions.json"


def test_a_session_lives_for_thirty_days_after_its_last_use(kept: Path):
    clock, told = Clock(), []
    sessions = Sessions(kept, "token", told.append, clock)
    secret = sessions.begin("a browser", own_name=True)
    for _ in range(3):
        clock.now += LIFETIME_SECONDS - DAY
        sessions = Sessions(kept, "token", told.append, clock)
        found = sessions.find(secret, own_name=True)
        assert found
        sessions.use(found)
        assert sessions.renew(found)
        assert not sessions.renew(found)
    clock.now += RENEW_SECONDS + 1
    assert sessions.renew(found)
    clock.now += LIFETIME_SECONDS + DAY
    assert sessions.find(secret, own_name=True) is None
    assert sessions.as_json() == told == []


def test_many_scripts_sign_out_no_browser(kept: Path):
    clock = Clock()
    sessions = Sessions(kept, "token", lambda _text: None, clock)
    browser = sessions.begin("a browser", own_name=True)
    scripts = []
    for _ in range(MOST_SESSIONS + 1):
        clock.now += 1
        scripts.append(sessions.begin("a script", own_name=False))

    assert sessions.find(browser, own_name=True)
    assert [sessions.find(one, own_name=False) is None for one in scripts].count(True) == 1
    assert sessions.find(scripts[0], own_name=False) is None
    assert len(sessions.as_json()) == MOST_SESSIONS + 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sessions": [{}], "tickets": {}}', '{"sessions": 1}', "\udcff"])
def test_a_broken_file_signs_everybody_out_with_a_reason(kept: Path, content: str):
    kept.write_text(content, errors="surrogateescape")
    told: list[str] = []
    sessions = Sessions(kept, "token", told.append)

    assert sessions.as_json() == []
    assert "cannot be read" in told[0]
    assert Sessions(kept, "token", told.append).find(sessions.begin("x", own_name=True), own_name=True) is None
    assert len(Sessions(kept, "token", told.append).as_json()) == 1


def test_a_disk_without_room_keeps_nobody_out(kept: Path):
    told: list[str] = []
    kept.with_name("sessions.json.new").mkdir()  # so it cannot be written
    sessions = Sessions(kept, "token", told.append)

    assert sessions.find(sessions.begin("x", own_name=True), own_name=True)
    assert "cannot be written" in told[0]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox 153, Linux"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/156.0.0.0 Safari/537.36",
            "Chrome 156, Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge 156, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E148 Safari/604.1", "Safari 18, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("\x1b[31mred", "[31mred"),
        ("", "without a name"),
    ],
)
def test_a_browser_has_a_name_that_people_know(header: str, name: str):
    assert browser_name(header) == name


# --- the commands ---


def test_url_prints_a_way_in_that_works_once(system: System, visitor: Visitor):
    printed = pianola(system, "url")
    address = printed.stdout.strip().removeprefix(f"http://{visitor.host}")

    assert visitor.token not in printed.stdout
    assert visitor.ask(address, known=False)[0] == 303
    assert visitor.ask(address, known=False)[0] == 401


def test_sessions_are_listed_and_revoked(system: System, visitor: Visitor, own: dict[str, str]):
    chrome = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36", "Host": own_host(system)}
    visitor.ask(f"/?token={visitor.token}", headers=GOES | chrome, known=False)
    shown = pianola(system, "sessions").stdout

    assert re.search(r"(?m)^[0-9a-f]{8}  Chrome 156, Linux +own +\d{4}-\d\d-\d\d \d\d:\d\d  \d{4}-\d\d-\d\d", shown)
    assert "Other programs of this machine can get" in shown
    for wrong, words in (("ffff0000", "there is no session"), ("../all", "is not the id of a session")):
        refused = pianola(system, "sessions", "--revoke", wrong)
        assert (refused.returncode, words in refused.stderr) == (EXIT_REFUSED, True)
    assert re.fullmatch(r"\d+ sessions ended\.\n", pianola(system, "sessions", "--revoke", "all").stdout)
    assert visitor.ask("/", headers=own, known=False)[0] == 401
    assert pianola(system, "sessions").stdout.startswith("No browser is signed in.")


class Impostor(BaseHTTPRequestHandler):
    """A program that listens where the web process is looked for, and keeps what it hears."""

    heard: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.heard.append((self.path, str(self.headers)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_what_another_program_on_the_port_hears_opens_nothing(system: System, visitor: Visitor):
    Impostor.heard = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Impostor) as server:
        threading.Thread(target=server.serve_forever).start()
        done = [
            pianola(system, *words, port=server.server_port)
            for words in (("sessions",), ("sessions", "--revoke", "all"), ("url",))
        ]
        server.shutdown()

    assert len(Impostor.heard) == 3
    assert not any(visitor.token in headers for _, headers in Impostor.heard)
    for path, headers in Impostor.heard:
        (stolen,) = re.findall("Authorization: (.*)", headers)
        assert visitor.ask(path, headers={"Authorization": stolen}, known=False)[0] == 401
    assert [one.returncode for one in done] == [EXIT_REFUSED] * 3
    assert all("no web process of" in one.stderr for one in done)
    assert visitor.ask("/")[0] == 200

"""The gate: which requests get in, on every route."""

import contextlib
import json
import re
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.routing import Mount, WebSocketRoute

from apps.own.loading import OwnApps
from apps.registry import load_apps
from bus.messages import StoreOrder
from bus.service import Service
from bus.settings import load
from bus.token import make_ticket, page_use
from tests.support.http_client import Visitor
from tests.support.system import ROOT, System, run_apart
from web.app import make_app
from web.event_stream.readers import Readers
from web.files.importer import Importer
from web.live.hub import Hub
from web.sign_in.clients import Clients
from web.sign_in.doors import is_door
from web.sign_in.sessions import Sessions

OPEN = "/healthz"
MEBIBYTE = 1024 * 1024
FOREIGN = "http://evil.example"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {connect}; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def routes() -> tuple[list[str], dict[str, list[str]]]:
    """Return an address of every route, so that new routes are tested as well; then those that change something."""

    async def made() -> tuple[list[str], dict[str, list[str]]]:
        with tempfile.TemporaryDirectory(prefix="p.", dir="/tmp") as home:
            service = Service("web", load({"PIANOLA_HOME": home}))
        registry = load_apps()
        importer = Importer(service.bus, registry, service.settings.home, service.spawn)
        doors = Sessions(service.settings.sessions_file, "x", print), Clients(service.settings.clients_file, print)
        hub = Hub(service, OwnApps(registry, service.settings.apps), (), importer.resume)
        readers = Readers(service.bus, registry.tables)
        app = make_app(hub, importer, doors, readers, lambda _text, _error: None)
        found = {address_of(route): unsafe_methods(route) for route in app.router.routes}
        return [one for one in found if not found[one]], {one: found[one] for one in found if found[one]}

    return run_apart(made())


def unsafe_methods(route) -> list[str]:
    return sorted({"POST", "PUT", "PATCH", "DELETE"} & set(getattr(route, "methods", None) or ()))


def address_of(route) -> str:
    if isinstance(route, Mount):
        return f"{route.path}/pianola.css"
    return "/ws" if isinstance(route, WebSocketRoute) else re.sub(r"\{.*?\}", "todo", route.path)


ALL_ROUTES, ALL_CHANGING = routes()
DOORS = sorted(one for one in {*ALL_ROUTES, *ALL_CHANGING} if is_door(one))
"""What programs use; tests/web/test_api.py has the attacks on them."""
ROUTES = [one for one in ALL_ROUTES if one not in DOORS]
CHANGING = {one: methods for one, methods in ALL_CHANGING.items() if one not in DOORS}


def ask(visitor: Visitor, route: str, *, headers: dict[str, str] | None = None, known: bool = True):
    if route == "/ws":
        return visitor.shake_hands(headers=headers, known=known)
    return visitor.ask(route, headers=headers, known=known)


def test_the_routes_are_the_ones_that_are_promised():
    pages = ["/", "/apps/todo", "/events", "/healthz", "/search", "/sessions", "/static/pianola.css", "/ws"]
    pages += ["/jobs/todo/todo", "/worker.js"]
    files = ["/export/todo.csv", "/export/todo.json", "/export/todo.ics", "/conversations.md", "/conversations.json"]
    paper = ["/print/apps/todo", "/print/talk/todo"]
    assert sorted(ROUTES) == sorted([*pages, *files, *paper])
    changing = {"/conversations": ["POST"], "/import/todo": ["POST"], "/uploads": ["POST"]}
    assert changing | {"/sessions/todo": ["DELETE"]} == CHANGING
    assert DOORS == ["/api", "/ask", "/calendar.ics", "/mcp", "/orders", "/orders/todo", "/rows/todo"]


@pytest.mark.parametrize("route", DOORS)
def test_a_door_is_shut_without_a_key(visitor: Visitor, route: str):
    method = "POST" if route in ALL_CHANGING else "GET"
    ours = {"Origin": f"http://{visitor.host}"} if method == "POST" else {}
    for headers in (ours, {**ours, "Authorization": "Bearer wrong"}, {**ours, "Authorization": "Basic eDp5"}):
        for known in (True, False):
            status, answered, body = visitor.ask(route, method=method, headers=headers, known=known, body=b"{}")
            assert (status, json.loads(body)["error"]["code"]) == (401, "unauthorized")
            assert answered["www-authenticate"] == "Bearer"
    script = {"Authorization": f"Bearer {visitor.token}"}
    for headers in ({"Origin": FOREIGN}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.ask(route, method="POST", headers=script | headers, known=False, body=b"{}")[0] == 403
    assert visitor.ask(route, method=method, headers=script | {"Host": "evil.example"}, body=b"{}")[0] == 421
    for other in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {method}:
        assert visitor.ask(route, method=other, headers=script, known=False, body=b"{}")[0] == 405


@pytest.mark.parametrize("route", CHANGING)
def test_a_change_needs_a_session_and_our_origin(visitor: Visitor, route: str):
    (method,) = CHANGING[route]
    ours = {"Origin": f"http://{visitor.host}"}
    script = {"Authorization": f"Bearer {visitor.token}"}
    done = {"/conversations": 422, "/sessions/todo": 200}.get(route, 201)  # the body is no file of conversations

    assert visitor.ask(route, method=method, headers=ours, body=b"title\nx\n", known=False)[0] == 401
    assert visitor.ask(route, method=method, headers=ours, body=b"title\nx\n")[0] == done
    assert visitor.ask(route, method=method, headers=script, body=b"title\nx\n", known=False)[0] == done
    for headers in ({"Origin": FOREIGN}, {"Origin": "null"}, ours | {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.ask(route, method=method, headers=headers, body=b"title\nx\n")[0] == 403
        assert visitor.ask(route, method=method, headers=script | headers, body=b"title\nx\n", known=False)[0] == 403
    assert visitor.ask(route, method=method, body=b"title\nx\n")[0] == 403
    for other in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {method}:
        assert visitor.ask(route, method=other, headers=ours)[0] == 405


@pytest.mark.parametrize("route", ROUTES)
def test_a_session_and_a_scripts_token_open_every_route(visitor: Visitor, route: str):
    missing = dict.fromkeys(("/jobs/todo/todo", "/print/talk/todo"), 404)  # there is no such job or conversation
    opened = {"/ws": 101, **missing}.get(route, 200)

    assert ask(visitor, route)[0] == opened
    assert ask(visitor, route, headers={"Authorization": f"Bearer {visitor.token}"}, known=False)[0] == opened
    assert ask(visitor, route, headers={"Authorization": "Bearer wrong"})[0] == 401
    assert ask(visitor, route, headers={"Cookie": f"pianola-{visitor.port}={visitor.token}"}, known=False)[0] == (
        200 if route == OPEN else 401
    )


@pytest.mark.parametrize("route", [*ROUTES, "/nothing", "/apps/nothing"])
def test_without_the_token_only_health_answers(visitor: Visitor, route: str):
    status, _, body = ask(visitor, route, headers={"Accept": "text/html,*/*;q=0.8"}, known=False)

    assert status == (200 if route == OPEN else 401)
    assert route == OPEN or "Open the URL printed by <code>pianola up</code>" in body
    assert "todo" not in body


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/plain"),
        ("text/event-stream", "text/plain"),
        ("", "text/plain"),
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
    ],
)
def test_a_script_that_is_refused_reads_a_sentence_and_no_html(visitor: Visitor, accept: str, kind: str):
    for route, more, status, words in (
        ("/events", {}, 401, "" if kind == "text/html" else "sends the header `Authorization: Bearer TOKEN`"),
        ("/events", {"Authorization": "Bearer wrong"}, 401, "This token, or this link, opens nothing"),
        ("/apps/todo", {"Sec-Fetch-Site": "cross-site"}, 403, "Another site asked for this"),
    ):
        answered, headers, body = visitor.ask(route, headers={"Accept": accept} | more, known=False)

        assert (answered, headers["content-type"].partition(";")[0]) == (status, kind)
        said = json.loads(body)["error"] if kind == "application/json" else body
        assert words in said
        assert ("<" in said) == (kind == "text/html")
        assert ("www-authenticate" in headers) == (status == 401 and kind != "text/html")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("route", [*ROUTES, "/nothing"])
def test_a_foreign_host_gets_nothing(visitor: Visitor, route: str, known: bool):
    for host in ("evil.example", f"evil.example:{visitor.port}"):
        status, _, body = ask(visitor, route, headers={"Host": host}, known=known)

        assert (status, "Pianola answers to" in body) == (421, True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.evil.com:{port}",
        "127.evil.com:{port}",
        "localhost.evil.com:{port}",
        "localhost:{port}@evil",
        "LOCALHOST:{port}",
        "0.0.0.0:{port}",
        "0:{port}",
        "2130706433:{port}",
        "[::1]",
        "[::]:{port}",
        "127.0.0.1:1",
        "",
    ],
)
def test_only_the_exact_names_are_ours(visitor: Visitor, host: str):
    status, _, _ = visitor.ask("/", headers={"Host": host.format(port=visitor.port)})

    assert status == 421


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_our_names_are_answered_to(visitor: Visitor, name: str):
    assert visitor.ask("/", headers={"Host": f"{name}:{visitor.port}"})[0] == 200


def test_two_hosts_are_refused(visitor: Visitor):
    with socket.create_connection(("127.0.0.1", visitor.port)) as raw:
        raw.sendall(f"GET /healthz HTTP/1.1\r\nHost: {visitor.host}\r\nHost: evil.example\r\n\r\n".encode())

        assert raw.recv(1000).split(b" ")[1] in (b"400", b"421")


@pytest.mark.parametrize(
    "origin",
    [FOREIGN, "null", "http://localhost.evil", "http://127.0.0.1:1", "https://{host}", "http://localhost:{port}", ""],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_websocket_from_elsewhere_is_refused(visitor: Visitor, origin: str, known: bool):
    headers = {"Origin": origin.format(host=visitor.host, port=visitor.port)}

    assert visitor.shake_hands(headers=headers, known=known)[0] == 403


@pytest.mark.parametrize("known", [True, False])
def test_a_websocket_from_nowhere_is_refused(visitor: Visitor, known: bool):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "c29tZSBrZXkgb2YgMTYgYg==",
    }

    assert visitor.ask("/ws?app=todo", headers=upgrade, known=known)[0] == 403


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_an_unsafe_method_from_elsewhere_is_refused(visitor: Visitor, method: str, kind: str):
    for headers in ({"Origin": FOREIGN}, {"Sec-Fetch-Site": "cross-site"}, {}):
        status, _, _ = visitor.ask("/", method=method, headers={"Content-Type": kind, **headers}, body=b"a=b")

        assert status == 403


def test_no_route_takes_an_unsafe_method_even_from_our_page(visitor: Visitor):
    for route in ROUTES:
        status, _, _ = visitor.ask(route, method="POST", headers={"Origin": f"http://{visitor.host}"}, body=b"a=b")

        assert status in (404, 405)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("route", ROUTES)
def test_another_site_gets_nothing_but_may_link_to_the_page(visitor: Visitor, route: str, site: str):
    following = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    framing = following | {"Sec-Fetch-Dest": "iframe"}

    assert ask(visitor, route, headers=following)[0] == (200 if route in ("/", "/apps/todo") else 403)
    assert ask(visitor, route, headers=framing)[0] == 403
    assert ask(visitor, route, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"})[0] == 403


def test_a_preflight_from_elsewhere_is_not_granted(visitor: Visitor):
    headers = {"Origin": FOREIGN, "Access-Control-Request-Method": "POST"}
    for route in ROUTES:
        _, answered, _ = visitor.ask(route, method="OPTIONS", headers=headers)

        assert not [name for name in answered if name.startswith("access-control-")]


@pytest.mark.parametrize("route", [*(route for route in ROUTES if route != "/ws"), "/nothing", "/static/nothing.js"])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_keeps_the_page_to_itself(visitor: Visitor, route: str, known: bool):
    _, headers, _ = visitor.ask(route, headers={"Accept": "text/html"}, known=known)

    signs_in = not known and route != OPEN and not route.startswith("/static")
    connect = f"http://*.localhost:{visitor.port}" if signs_in else f"ws://{visitor.host}"
    assert headers["content-security-policy"] == POLICY.format(connect=connect)
    assert headers["referrer-policy"] == ("same-origin" if signs_in else "no-referrer")
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["cache-control"] == ("no-cache" if route.startswith("/static") else "no-store")
    assert "server" not in headers


def test_a_refused_websocket_has_the_headers_too(visitor: Visitor):
    assert visitor.shake_hands(known=False)[1]["x-frame-options"] == "DENY"


def test_the_token_in_the_address_becomes_a_cookie(visitor: Visitor):
    status, headers, body = visitor.ask(f"/?token={visitor.token}", known=False)

    assert (status, headers["location"], body) == (303, "/", "")
    value, *attributes = headers["set-cookie"].split("; ")
    assert re.fullmatch(rf"pianola-{visitor.port}=[A-Za-z0-9_-]{{43}}", value)
    assert value not in (visitor.cookie, f"pianola-{visitor.port}={visitor.token}")
    assert {one.lower() for one in attributes} == {"httponly", "samesite=lax", "path=/", "max-age=2592000"}


def test_a_ticket_opens_the_page_once(visitor: Visitor):
    ticket = make_ticket(visitor.token, time.time(), page_use(visitor.port))

    status, headers, _ = visitor.ask(f"/?ticket={ticket}", known=False)

    assert (status, headers["location"]) == (303, "/")
    assert headers["set-cookie"].startswith(f"pianola-{visitor.port}=")
    assert visitor.ask(f"/?ticket={ticket}", known=False)[0] == 401


@pytest.mark.parametrize("age", [-120, 120])
def test_a_ticket_is_good_for_a_minute(visitor: Visitor, age: int):
    ticket = make_ticket(visitor.token, time.time() - age, page_use(visitor.port))

    assert visitor.ask(f"/?ticket={ticket}", known=False)[0] == 401


def test_a_ticket_cannot_be_made_without_the_token_nor_used_at_another_port(visitor: Visitor):
    begin, _, signature = make_ticket(visitor.token, time.time(), page_use(visitor.port)).partition("-")
    other_port = make_ticket(visitor.token, time.time(), page_use(visitor.port + 1))
    later = f"{int(begin[:10]) + 1}{begin[10:]}-{signature}"

    for wrong in (other_port, later, f"{begin}-{'0' * 64}", f"{begin}-", "-", "", visitor.token, "ü" * 9):
        assert visitor.ask(f"/?ticket={quote(wrong)}", known=False)[0] == 401


def test_the_token_is_long_private_and_never_repeated(system: System, visitor: Visitor):
    pages = [visitor.ask(route)[2] for route in (*ROUTES, "/nothing", "/") if route != "/ws"]
    visitor.ask(f"/?token={visitor.token}", known=False)
    visitor.ask(f"/nothing?token={visitor.token}", known=False)
    visitor.shake_hands()

    assert len(visitor.token) >= 43
    assert system.settings.token_file.stat().st_mode & 0o777 == 0o600
    assert visitor.token not in "".join(pages) + system.outputs()


def test_wrong_tokens_wait_longer_each_time(visitor: Visitor):
    for number in range(12):
        started = time.monotonic()
        assert visitor.ask(f"/?token=wrong-{number}", known=False)[0] == 401

    assert time.monotonic() - started > 0.2


def test_a_wrong_cookie_is_refused(visitor: Visitor):
    for wrong in ("", "x", visitor.token[:-1], f"{visitor.token}x", "ü"):
        headers = {"Cookie": f"pianola-{visitor.port}={wrong}".encode().decode("latin-1")}

        assert visitor.ask("/", headers=headers, known=False)[0] == 401


@pytest.mark.parametrize(
    "path",
    [
        *("/data.csv", "/notes.txt", "/conf.yaml", "/store.db", "/.sesskey", "/app.py", "/supervisord.conf", "/token"),
        *(
            f"/static/{up}{rest}"
            for up in ("../", "%2e%2e/", "..%2f", "..%5c", "%2e%2e%2f")
            for rest in ("app.py", "../pyproject.toml")
        ),
        *("/static/%00", "/static/pianola.css%00.js", "/static//etc/passwd", "//etc/passwd", "/static/", "/static"),
        *("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2fpyproject.toml", "/apps/..%2f..%2ftoken"),
    ],
)
def test_no_file_but_those_of_the_page_is_served(visitor: Visitor, path: str):
    assert visitor.ask(path)[0] == 404


def test_a_link_out_of_the_static_folder_is_not_followed(visitor: Visitor, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    link = ROOT / "web" / "static" / "test-link.txt"
    link.symlink_to(secret)
    try:
        assert visitor.ask("/static/test-link.txt")[0] == 404
    finally:
        link.unlink()


def test_no_get_changes_anything(system: System, visitor: Visitor):
    async def revision(guest) -> int:
        heard = await guest.bus.ask(StoreOrder(verb="list", table="setting"), "setting")
        return heard.message.revision

    before = system.visit(revision)
    for route in ROUTES:
        ask(visitor, route)

    assert system.visit(revision) == before


def test_the_page_names_no_other_machine(visitor: Visitor):
    body = visitor.page()

    assert re.findall(r"""(?:src|href|action)=["']?(?:https?:)?//""", body) == []
    example_in_a_field = "http://127.0.0.1:8080"
    assert set(re.findall(r"https?://[^'\"\s<>]+", body)) <= {"http://www.w3.org/2000/svg", example_in_a_field}


def test_nothing_but_the_loopback_address_is_listened_on(system: System):
    own = {
        link.readlink().name for link in Path(f"/proc/{system.processes['web'].pid}/fd").iterdir() if is_socket(link)
    }
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == "0A" and f"socket:[{rest[5]}]" in own:
                listening.append(local)

    assert listening == [f"0100007F:{system.port:04X}"]


def is_socket(link: Path) -> bool:
    try:
        return str(link.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


def test_a_huge_header_and_a_lying_length_are_refused(visitor: Visitor):
    with socket.create_connection(("127.0.0.1", visitor.port)) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nHost: {visitor.host}\r\nX: {'x' * 100_000}\r\n\r\n".encode())
        assert raw.recv(1000).split(b" ")[1] in (b"400", b"401", b"431")
    with socket.create_connection(("127.0.0.1", visitor.port)) as raw:
        raw.sendall(f"POST / HTTP/1.1\r\nHost: {visitor.host}\r\nContent-Length: 1000000000\r\n\r\n".encode())
        assert raw.recv(1000).split(b" ")[1] == b"403"
    assert visitor.ask(OPEN)[0] == 200


CHUNKED = (
    "POST /import/todo HTTP/1.1\r\nHost: {visitor.host}\r\nOrigin: http://{visitor.host}\r\n"
    "Cookie: {visitor.cookie}\r\nTransfer-Encoding: chunked\r\n"
)


@pytest.mark.parametrize(
    "rest",
    [
        "\r\nGARBAGE\r\n",
        "\r\n-1\r\nx\r\n",
        f"\r\n{'f' * 40}\r\nx",
        f"\r\n1;{'x' * 200_000}\r\nx\r\n",
        "\r\n1\r\nxyz\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: identity\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
    ],
    ids=["no number", "a negative one", "a huge one", "a long extension", "a longer chunk", "two lengths"],
)
def test_a_body_in_bad_chunks_is_refused(system: System, visitor: Visitor, rest: str):
    files = set((system.home / "imports").glob("*"))
    answer = b""
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=60) as raw, contextlib.suppress(OSError):
        raw.sendall((CHUNKED.format(visitor=visitor) + rest).encode())
        raw.shutdown(socket.SHUT_WR)
        answer = raw.recv(1000)

    assert answer.split(b" ")[1:2] in ([b"400"], [])  # or the connection is cut
    assert visitor.ask(OPEN)[0] == 200
    assert set((system.home / "imports").glob("*")) == files


def test_a_body_without_a_length_is_cut_at_the_limit_and_fills_no_memory(system: System, visitor: Visitor):
    chunk = b"%x\r\n%b\r\n" % (MEBIBYTE, b"x" * MEBIBYTE)
    before, sent = peak_memory(system), 0
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=60) as raw, contextlib.suppress(ConnectionError):
        raw.sendall((CHUNKED.format(visitor=visitor) + "\r\n").encode())
        while sent < 200:
            raw.sendall(chunk)
            sent += 1

    assert sent < 200
    assert visitor.ask(OPEN)[0] == 200
    assert peak_memory(system) - before < 50 * MEBIBYTE


def peak_memory(system: System) -> int:
    """Return the most memory that the web process has used, in bytes."""
    status = Path(f"/proc/{system.processes['web'].pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def test_no_session_key_is_left_anywhere(system: System):
    assert not (ROOT / ".sesskey").exists()
    assert not (system.home / ".sesskey").exists()


def test_health_lists_every_route_with_a_sentence(visitor: Visitor):
    listed = json.loads(visitor.ask("/healthz")[2])["routes"]

    asked = {re.sub(r"\{.*?\}", "todo", one["path"]) for one in listed}
    assert asked == {*ROUTES, *CHANGING, *DOORS} - {"/static/pianola.css"}
    assert all(one["about"] and one["method"] for one in listed)
    assert {"path": "/events", "method": "GET", "about": "Send what happens as server-sent events"} in listed

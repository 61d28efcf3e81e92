"""The web token: the secret that lets a browser in. The process that starts first makes it; all use the same one.

A ticket takes its place where others can read along, for example on the command line that opens the browser, or in a
request to a port on which another program may listen. It is signed with the token, is valid for one minute, and is good
for one use: for the page it opens the page once; for a request it is bound to method, path and port.
"""

import hmac
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from bus.errors import PianolaError
from bus.files.private import is_private
from bus.settings import Settings

TICKET_SECONDS = 60.0
TICKET_FORM = re.compile(r"[0-9]{1,12}\.[0-9a-f]{16}-[0-9a-f]{64}")
TOKEN_BYTES = 32
TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{22,200}")
"""At least 128 bits, and only characters that need no escaping in a URL."""
HOST_BYTES = 10
HOST_FORM = re.compile(r"pianola-[0-9a-z]{10,50}\.localhost")


class BadToken(PianolaError):
    """The file of the token, or of the page's own name, cannot be read, or cannot be trusted."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"the {path.name} file {path} {problem}. Delete it: a new one is made at the next start.")


def load_or_create_token(settings: Settings) -> str:
    """Return the web token; create its file (0600) if there is none. Processes that start together get the same one."""
    expected = "a token (22 to 200 letters, digits, - or _)"
    return _load_or_create(settings.token_file, TOKEN_FORM, expected, lambda: secrets.token_urlsafe(TOKEN_BYTES))


def load_or_create_host(settings: Settings) -> str:
    """Return the page's own host name, which nobody can guess; create its file (0600) if there is none."""
    made = f"pianola-{secrets.token_hex(HOST_BYTES)}.localhost"
    return _load_or_create(settings.host_file, HOST_FORM, "a name like pianola-0123456789.localhost", lambda: made)


def _load_or_create(path: Path, form: re.Pattern[str], expected: str, make: Callable[[], str]) -> str:
    if not path.is_symlink() and not path.exists():
        _write(path, make())
    _check_private(path)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not form.fullmatch(text):
        raise BadToken(path, f"does not hold {expected}")
    return text


def make_ticket(token: str, now: float, use: str) -> str:
    """Return a new ticket that is valid from `now` on (Unix seconds). `use`: what it is good for."""
    begin = f"{now:.0f}.{secrets.token_hex(8)}"
    return f"{begin}-{_signature(token, begin, use)}"


def is_valid_ticket(token: str, offered: str, now: float, use: str) -> bool:
    """Return whether this ticket was made by us for this use and has not expired. `Sessions` knows which were used."""
    if not TICKET_FORM.fullmatch(offered):
        return False
    begin, _, signature = offered.partition("-")
    fresh = abs(now - int(begin.partition(".")[0])) <= TICKET_SECONDS
    return hmac.compare_digest(signature, _signature(token, begin, use)) and fresh


def page_use(port: int) -> str:
    """Return the use of a ticket that opens the page. A program on another port that gets it cannot pass it on."""
    return f"page {port}"


def request_use(method: str, path: str, port: int) -> str:
    """Return the use of a ticket that is good for one kind of request."""
    return f"{method} {path} {port}"


def _signature(token: str, begin: str, use: str) -> str:
    return hmac.digest(token.encode(), f"ticket {begin} {use}".encode(), "sha256").hex()


def _check_private(path: Path) -> None:
    if not is_private(path.lstat()):
        raise BadToken(path, "is a link, belongs to another user, or can be read by others")


def _write(path: Path, secret: str) -> None:
    """Write a new secret to another file, then link it to its place: so nobody can read half of it."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{secret}\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its secret is the one
    finally:
        draft.unlink()

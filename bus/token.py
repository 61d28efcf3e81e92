"""The web token: the secret that lets a browser in. The process that starts first makes it; all use the same one.

A ticket takes its place where others can read along, for example on the command line that opens the browser. It is
signed with the token, is valid for one minute, and opens the page once.
"""

import hmac
import os
import re
import secrets
import stat
from pathlib import Path

from bus.errors import PianolaError
from bus.settings import Settings

TICKET_SECONDS = 60.0
TICKET_FORM = re.compile(r"[0-9]{1,12}-[0-9a-f]{64}")
TOKEN_BYTES = 32
TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{22,200}")
"""At least 128 bits, and only characters that need no escaping in a URL."""


class BadToken(PianolaError):
    """The token file cannot be read, or cannot be trusted."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"the token file {path} {problem}. Delete it: a new one is made at the next start.")


def load_or_create_token(settings: Settings) -> str:
    """Return the web token; create its file (0600) if there is none. Processes that start together get the same one."""
    path = settings.token_file
    if not path.is_symlink() and not path.exists():
        _make(path)
    _check_private(path)
    token = path.read_text(encoding="ascii", errors="replace").strip()
    if not TOKEN_FORM.fullmatch(token):
        raise BadToken(path, "does not hold a token (22 to 200 letters, digits, - or _)")
    return token


def make_ticket(token: str, now: float) -> str:
    """Return a ticket that is valid from `now` on (Unix seconds)."""
    begin = f"{now:.0f}"
    return f"{begin}-{_signature(token, begin)}"


def is_valid_ticket(token: str, offered: str, now: float) -> bool:
    """Return whether this ticket was made by us and has not expired. The gate remembers which ones were used."""
    if not TICKET_FORM.fullmatch(offered):
        return False
    begin, _, signature = offered.partition("-")
    fresh = abs(now - int(begin)) <= TICKET_SECONDS
    return hmac.compare_digest(signature, _signature(token, begin)) and fresh


def _signature(token: str, begin: str) -> str:
    return hmac.digest(token.encode(), f"ticket {begin}".encode(), "sha256").hex()


def _check_private(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise BadToken(path, "is a link, belongs to another user, or can be read by others")


def _make(path: Path) -> None:
    """Write a new token to another file, then link it to its place: so nobody can read half a token."""
    draft = path.with_name(f"token.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{secrets.token_urlsafe(TOKEN_BYTES)}\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its token is the one
    finally:
        draft.unlink()

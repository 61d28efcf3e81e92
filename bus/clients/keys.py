"""A client's key: its name, what it may do, how long. Only a hash of the key itself is kept."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from bus.errors import PianolaError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
PREFIX = "pianola_"
"""What keys begin with, so that people and scanners know one when they see it."""
KEY_BYTES = 32
DAY_SECONDS = 86_400
DEFAULT_DAYS = 30
MOST_DAYS = 3_650
CALENDAR_DAYS = MOST_DAYS
"""Of a key for the calendar: a calendar program says nothing when its address has expired."""
CALENDAR = "/calendar.ics"
"""The path that a key for the calendar opens."""
MOST_TABLES = 100


class BadKey(PianolaError):
    """A key cannot be made as it is asked for."""


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key as its file holds it. `tables`: the only ones that it opens; () for all. Times in Unix seconds."""

    name: str
    digest: str = field(repr=False)
    read_only: bool
    tables: tuple[str, ...]
    made: float
    expires: float
    calendar: bool = False
    """It opens `/calendar.ics` alone, in whose address it stands; other keys do not open that."""

    def is_valid(self, now: float) -> bool:
        """Return whether it has not expired."""
        return now < self.expires


def new_key(
    name: str, *, read_only: bool, tables: tuple[str, ...], days: int | None = None, now: float, calendar: bool = False
) -> tuple[str, ClientKey]:
    """Return a new key, to be shown once, and what is kept of it. Raises `BadKey`. One for the calendar only reads.

    `days`: how long it is valid; None for the default.
    """
    days = (CALENDAR_DAYS if calendar else DEFAULT_DAYS) if days is None else days
    if not NAME.fullmatch(name):
        raise BadKey(f"{name!r:.60} cannot be the name of a key. Use a-z, 0-9 and hyphens, at most 40 characters.")
    if not 1 <= days <= MOST_DAYS:
        raise BadKey(f"a key cannot be valid for {days} days. Give 1 to {MOST_DAYS:,}.")
    if len(tables) > MOST_TABLES:
        raise BadKey(f"a key names {len(tables)} tables. Give at most {MOST_TABLES}, or none for all.")
    for table in tables:
        if not TABLE.fullmatch(table):
            raise BadKey(f"{table!r:.60} is not the name of a table. Write for example --tables todo,profile.")
    key = f"{PREFIX}{secrets.token_urlsafe(KEY_BYTES)}"
    expires = now + days * DAY_SECONDS
    return key, ClientKey(name, digest_of(key), read_only or calendar, tables, now, expires, calendar)


def calendar_address(key: str, port: int) -> str:
    """Return the address that a calendar program gets."""
    return f"http://127.0.0.1:{port}{CALENDAR}?key={key}"


def digest_of(key: str) -> str:
    """Return the hash of a key. A fast one will do: a key has 256 random bits, so nobody can try them all."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()

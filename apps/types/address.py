"""The types `web` and `mail`: an address of a page, and one of a person."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from apps.types.kinds import FieldType, Misfit, Rules
from apps.types.text import check_text
from bus.text.normal import sort_key

SCHEMES = ("http", "https")
"""No other can be followed from the page."""
WEB = "an address like https://example.org/page"
MAIL = "an address like anna@example.org"
MAIL_SHAPE = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\W_](?:[\w-]*\w)?(?:\.[^\W_](?:[\w-]*\w)?)*")
USER = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]*[^/\\?#]*@", re.IGNORECASE)
"""The beginning of an address that names a user, and perhaps a password: `https://ada:secret@example.org`."""


def check_web(value: Any, rules: Rules) -> str | None:
    """Take the address of a page, with its scheme."""
    address = check_text(value, rules).strip()
    if address and not is_web(address):
        raise Misfit("bad_value", f"is {address!r:.80}. Expected: {WEB}.")
    return address or None


def is_web(address: str) -> bool:
    """Return whether this is the address of a page."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.hostname) and not re.search(r"[\s\x00-\x1f\x7f]", address)


def names_user(address: str) -> bool:
    """Return whether the address of a page names a user or a password."""
    return USER.match(address) is not None


def parse_web(text: str, _now: datetime, _locale: str) -> str | None:
    """Read an address; one without a scheme ("example.org") gets https."""
    address = text.strip()
    bare = address and "://" not in address and not address.casefold().startswith(("mailto:", "javascript:", "data:"))
    return f"https://{address}" if bare else address or None


def check_mail(value: Any, rules: Rules) -> str | None:
    """Take the address of a person."""
    address = check_text(value, rules).strip()
    if address and not is_mail(address):
        raise Misfit("bad_value", f"is {address!r:.80}. Expected: {MAIL}.")
    return address or None


def is_mail(address: str) -> bool:
    """Return whether this is the address of a person."""
    return MAIL_SHAPE.fullmatch(address) is not None


def parse_mail(text: str, _now: datetime, _locale: str) -> str | None:
    """Read an address."""
    return text.strip().removeprefix("mailto:") or None


WEB_ADDRESS = FieldType(None, check_web, WEB, parse=parse_web, sort_key=sort_key, is_searched=True)
MAIL_ADDRESS = FieldType(None, check_mail, MAIL, parse=parse_mail, sort_key=sort_key, is_searched=True)

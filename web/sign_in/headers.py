"""The headers of every answer: nothing is loaded from, sent to, or framed by another site."""

from starlette.datastructures import MutableHeaders

from bus.clients.keys import CALENDAR

POLICY = "Content-Security-Policy"
REACHABLE = "/reachable"
"""Path at the page's own name that answers every page: by it a page at 127.0.0.1 finds out whether the browser knows
the name."""


def policy(connect: str) -> str:
    """Return the value of the header Content-Security-Policy. `connect`: where scripts may connect to, besides us."""
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' {connect}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def protect(headers: MutableHeaders, host: str, path: str) -> None:
    """Add the headers. A page that signs in has brought its own policy: it asks whether the own name is reachable."""
    headers.setdefault(POLICY, policy(f"ws://{host}"))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-cache")  # a file under its hash brings its own
    elif path == CALENDAR:
        headers["Cache-Control"] = "private, no-cache"  # a calendar program asks whether it has changed
    else:
        headers["Cache-Control"] = "no-store"

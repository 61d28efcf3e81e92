"""For whom a page is drawn: the locale that the browser asks for, and the zone that its script has said in a cookie."""

from urllib.parse import unquote

from starlette.requests import HTTPConnection

from apps.types.reader import Reader, zone_here, zone_named

COOKIE = "zone"
"""Name of the cookie with the browser's zone ("Europe/Berlin"). Set by `web/static/zone.js`."""
LONGEST_LOCALE = 35


def reader_of(connection: HTTPConnection) -> Reader:
    """Return who reads the page; the zone of this machine for a browser that has not said its own yet."""
    locale = connection.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
    zone = zone_named(unquote(connection.cookies.get(COOKIE, ""))[:60])
    return Reader(locale[:LONGEST_LOCALE], zone or zone_here())

"""The doors: the paths that programs use, and how they are answered there. Only a key or the token opens them."""

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from bus.clients.keys import CALENDAR, ClientKey

DOORS = ("/rows", "/orders", "/ask", "/mcp", "/api", CALENDAR)
"""Cookies open none of these, nor what lies below them."""
EVENTS = "/events"
"""A key opens it as well, and so does a browser's session."""
CODES = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many",
}
EXPIRED_KEY = "The key {name} has expired. Revoke it, and make another one with `pianola key add {name}`."
NO_KEY_HERE = "A key opens /rows, /orders, /ask, /mcp, /events and /api. Everything else is for the page."
NO_CALENDAR = "The calendar has keys of its own: `pianola key add NAME --calendar` makes one, and prints its address."
CALENDAR_KEY_HERE = f"This key shows a calendar program what is due, at {CALENDAR}. It opens nothing else."
WRONG_ADDRESS = (
    "This address shows nothing: its key is not whole, or was revoked. `pianola key add NAME --calendar` makes another "
    "one, and so does the page (Actions, In your calendar program)."
)
UNUSABLE_KEYS = "No key opens anything now: `pianola key list` says what is wrong with their file."


def is_door(path: str) -> bool:
    """Return whether a path is a door."""
    return any(path == door or path.startswith(f"{door}/") for door in DOORS)


def why_shut(key: ClientKey, path: str) -> str:
    """Return why a client's key does not open a path, a sentence; "" if it does."""
    if key.calendar:
        return "" if path == CALENDAR else CALENDAR_KEY_HERE
    if path == CALENDAR:
        return NO_CALENDAR
    return "" if path == EVENTS or is_door(path) else NO_KEY_HERE


def problem(status: HTTPStatus, code: str, message: str, **more: Any) -> JSONResponse:
    """Return the answer to a request that is refused; `code` is for programs, `message` a sentence for people."""
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse({"error": {"code": code, "message": message, **more}}, status, headers)

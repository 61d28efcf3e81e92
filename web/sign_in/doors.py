"""The doors: the paths that programs use, and how they are answered there. Only a key or the token opens them."""

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

DOORS = ("/rows", "/orders", "/ask", "/mcp", "/api")
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
UNUSABLE_KEYS = "No key opens anything now: `pianola key list` says what is wrong with their file."


def is_door(path: str) -> bool:
    """Return whether a path is a door."""
    return any(path == door or path.startswith(f"{door}/") for door in DOORS)


def opens_with_key(path: str) -> bool:
    """Return whether a client's key opens a path."""
    return path == EVENTS or is_door(path)


def problem(status: HTTPStatus, code: str, message: str, **more: Any) -> JSONResponse:
    """Return the answer to a request that is refused; `code` is for programs, `message` a sentence for people."""
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse({"error": {"code": code, "message": message, **more}}, status, headers)

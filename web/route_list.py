"""The routes of the app in words, for `/healthz` and so for what `pianola up` prints."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.routing import BaseRoute, Mount, WebSocketRoute

FIRST_SENTENCE = re.compile(r".*?(?=[.;] |[.;]?$)")


def route_list(routes: Iterable[BaseRoute], handlers: Mapping[str, Callable[..., Any]]) -> list[dict[str, str]]:
    """Return `path`, `method` and `about` of each route, in the order of the paths.

    `about`: the first sentence of the docstring of its handler. `handlers`: those that FastHTML has wrapped, by path.
    """
    found: list[Any] = [route for route in routes if not isinstance(route, Mount)]
    return [
        {"path": route.path, "method": _method(route), "about": _about(handlers.get(route.path, route.endpoint))}
        for route in sorted(found, key=lambda route: route.path)
    ]


def _method(route: Any) -> str:
    """Return the method; HEAD, which comes with GET, is left out."""
    if isinstance(route, WebSocketRoute):
        return "WebSocket"
    return " ".join(sorted(set(route.methods or ()) - {"HEAD"}))


def _about(handler: Callable[..., Any]) -> str:
    found = FIRST_SENTENCE.match(inspect.getdoc(handler) or "")
    return found[0] if found else ""

"""The tiers of tests: which test belongs to which is found from what it reaches, not from what somebody wrote above it.

A test *reaches* what its code, its fixtures and the helpers that they call name. From that come three markers:

- `browser`: it reaches `Chromium` (or another browser);
- `supervisor`: it starts `pianola up`, or another command, as a user does;
- `system`: it starts processes of ours.

`long` is written by hand: a soak, chaos, other versions and other browsers. `FAST` is what `make test-fast` runs.
"""

from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from tests.support.browser import Browser
from tests.support.launched import Launched
from tests.support.system import System

FAST = "not browser and not supervisor and not system and not long"
NORMAL = "not long"

REACHED = {Browser: ("browser",), Launched: ("supervisor", "system"), System: ("system",)}
"""What a test may reach, and the markers that this gives it."""


def names_in(code: CodeType) -> Iterator[str]:
    """Return the global names and attributes that a function uses, with those of the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def reached_from(function: Any, seen: set[object]) -> set[object]:
    """Return the functions and classes of the tests that a function names, and those that they name."""
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, FunctionType) or function in seen:
        return seen
    seen.add(function)
    for name in names_in(function.__code__):
        used = function.__globals__.get(name)
        if isinstance(used, type):
            seen.add(used)
        elif getattr(used, "__module__", "").startswith("tests."):
            reached_from(used, seen)
    return seen

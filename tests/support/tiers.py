"""The tiers of tests: a test belongs to one by what it reaches, not by what somebody wrote above it.

A test reaches what its own code, its fixtures and the helpers that these call name. From that come its markers:
`browser` (it reaches a browser), `supervisor` (it runs `pianola up`), `system` (it starts processes of ours).
`long` is what lies in tests/long, and what is marked by hand. Which markers a tier leaves out stands in the Makefile.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.support.browser import WebBrowser
from tests.support.launched import Launched
from tests.support.system import System
from tests.support.wheel import Installed

MARKERS = {
    WebBrowser: ("browser",),
    Launched: ("supervisor", "system"),
    Installed: ("supervisor", "system"),
    System: ("system",),
}
"""The markers that reaching a class, or one made from it, gives to a test."""

SECONDS = {"browser": 3.0, "supervisor": 4.0, "system": 1.0}
"""About how long a test of a marker takes, if it does not share the processes of its module."""
SHARED_SECONDS = 0.3
OTHER_SECONDS = 0.05

FOLDER = Path(__file__).parent.parent
MEASURED_SECONDS = {
    "agent/test_corpus.py": 20,
    "agent/test_faults.py": 60,
    "agent/test_undo.py": 25,
    "apps/links/test_botify.py": 10,
    "apps/links/test_crawler.py": 15,
    "apps/test_notebooks.py": 10,
    "apps/test_own_files.py": 30,
    "apps/test_tutorial.py": 15,
    "bench/test_real_play.py": 10,
    "llm_worker/embedded/test_engine.py": 40,
    "project/test_imports.py": 10,
    "project/test_rooms.py": 10,
    "services/test_jobs.py": 50,
    "services/test_lab.py": 25,
    "services/test_reload.py": 25,
    "services/test_stays.py": 30,
    "store/test_file.py": 30,
    "store/test_own_apps.py": 20,
    "store/test_scale.py": 50,
    "training/test_orders.py": 25,
    "web/test_connections.py": 20,
    "web/test_markdown.py": 20,
    "web/test_stored.py": 20,
    "web/test_writing.py": 20,
    "whole/test_crashes.py": 60,
    "whole/test_crawl_killed.py": 15,
    "whole/test_suspended.py": 35,
}
"""Files that take much longer than their markers tell: many rows, many kills, or waits for a process. They would begin
last, and all workers but one would wait for them."""


def markers_of(item: pytest.Function) -> frozenset[str]:
    """Return the markers that a test gets from what it reaches."""
    fixtures = [many[-1] for many in item._fixtureinfo.name2fixturedefs.values()]
    return _markers(item.function, *(fixture.func for fixture in fixtures)) | (
        {"long"} if item.path.parent.name == "long" else set()
    )


def seconds_of(item: pytest.Function) -> float:
    """Return about how long a test takes."""
    fixtures = [many[-1] for many in item._fixtureinfo.name2fixturedefs.values()]
    own = _markers(item.function, *(fixture.func for fixture in fixtures if fixture.scope == "function"))
    marks = {mark.name for mark in item.iter_markers()}
    if "browser" in marks or own or "supervisor" in marks:
        return max(SECONDS[name] for name in (own | marks) & SECONDS.keys())
    return SHARED_SECONDS if "system" in marks else OTHER_SECONDS


def longest_files_first(items: Iterable[pytest.Function]) -> list[pytest.Function]:
    """Return the tests in the order to run them in: whole files, so that none of the long ones begins last."""
    seconds: dict[Path, float] = {}
    for item in items:
        seconds[item.path] = seconds.get(item.path, 0) + seconds_of(item)
    for file, measured in MEASURED_SECONDS.items():
        seconds[FOLDER / file] = max(measured, seconds.get(FOLDER / file, 0))
    return sorted(items, key=lambda item: (-seconds[item.path], item.path))


@cache
def _markers(*functions: Any) -> frozenset[str]:
    """Return the markers that functions give to what calls them. Parametrized tests share theirs."""
    seen: set[Any] = set()
    for function in functions:
        _reach(function, seen)
    classes = [one for one in seen if isinstance(one, type)]
    reached = (names for base, names in MARKERS.items() if any(issubclass(one, base) for one in classes))
    return frozenset(name for names in reached for name in names)


def _reach(function: Any, seen: set[Any]) -> None:
    """Add to `seen` the classes and functions that a function names, and those that they name."""
    function = getattr(function, "hypothesis", function)
    function = getattr(function, "inner_test", function)
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.add(function)
    for name in _names(function.__code__):
        used = function.__globals__.get(name)
        if isinstance(used, type):
            seen.add(used)
        elif getattr(used, "__module__", "").startswith("tests."):
            _reach(used, seen)


def _names(code: CodeType) -> Iterator[str]:
    """Return the names that a function uses, with those of the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)

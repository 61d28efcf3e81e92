"""Shapes of values that JSON can express: what a list or map holds, where code relies on it.

A shape is a type (`float`: any number; `object`: anything), a tuple of shapes (one of them), a list with one shape (of
each item), or a `Map`.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any


class Map:
    """A map. What stands under the names that are given has these shapes; other names are free."""

    def __init__(self, required: Mapping[str, Any] | None = None, **optional: Any) -> None:
        """`required`: must be there. `optional`: may be missing, or None."""
        self.required = dict(required or {})
        self.optional = optional


class MapOf:
    """A map with any names. What stands under each of them has the same shape."""

    def __init__(self, shape: Any) -> None:
        """`shape`: of every value."""
        self.shape = shape


def misfit(value: Any, shape: Any, place: str = "") -> str:
    """Return where a value does not have a shape, and what was expected; "" if it has. `place`: in front of it."""
    if isinstance(shape, Map):
        return _map_misfit(value, shape, place) if type(value) is dict else _wrong(value, "a map", place)
    if isinstance(shape, MapOf):
        return misfit(value, Map(dict.fromkeys(value, shape.shape) if type(value) is dict else {}), place)
    if isinstance(shape, list):
        if type(value) is not list:
            return _wrong(value, "a list", place)
        found = (misfit(one, shape[0], f"{place}[{index}]") for index, one in enumerate(value))
        return next(filter(None, found), "")
    if isinstance(shape, tuple):
        return "" if any(not misfit(value, one) for one in shape) else _wrong(value, "another type", place)
    return "" if _is(value, shape) else _wrong(value, shape.__name__, place)


def _map_misfit(value: dict[str, Any], shape: Map, place: str) -> str:
    for name, inner in shape.required.items():
        if name not in value:
            return f"{place or 'it'} lacks `{name}`"
        if problem := misfit(value[name], inner, f"{place}.{name}"):
            return problem
    for name, inner in shape.optional.items():
        if value.get(name) is not None and (problem := misfit(value[name], inner, f"{place}.{name}")):
            return problem
    return ""


def _is(value: Any, wanted: type) -> bool:
    if wanted is object:
        return True
    if wanted is float:
        return type(value) in (int, float) and isfinite(value)
    return type(value) is wanted


def _wrong(value: Any, expected: str, place: str) -> str:
    return f"{place or 'it'} is {value!r:.40} ({type(value).__name__}), expected {expected}"

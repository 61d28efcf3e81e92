"""Check the values of a body against the types that its class declares: types, ranges, what lists and maps hold."""

from dataclasses import MISSING, Field
from math import isfinite
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from bus.checks.shapes import misfit
from bus.errors import BadMessage

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""Integers of a message have 64 bits with a sign, so that each language and SQLite can hold them."""

PLAIN = (str, int, float, bool, type(None))
"""What a map or a list may hold, beside maps and lists."""


class Problem(NamedTuple):
    """What is wrong with a value: the reason of a `BadMessage`, and its detail behind "is"."""

    reason: str
    detail: str


class FieldCheck(NamedTuple):
    """What a field may hold."""

    name: str
    types: tuple[type, ...]
    choices: tuple[str, ...] = ()
    """Allowed texts; empty: any."""
    required: bool = True
    least: int = SMALLEST
    items: tuple[type, ...] = ()
    """For a list: the types of its items."""
    shape: Any = None
    """What a list or map must hold beyond that, see `shapes`; None: anything."""

    def problem(self, value: Any) -> Problem | None:
        """Return what is wrong with a value; None if nothing is."""
        kind = type(value)
        if kind not in self.types:
            expected = " or ".join(one.__name__ for one in self.types)
            return Problem("wrong type", f"{kind.__name__}, expected {expected}")
        if kind is str:
            if self.choices and value not in self.choices:
                return Problem("unknown value", f"{value!r:.80}, expected one of {self.choices}")
            return None
        if kind is int or kind is float:  # an id may be any number or text: whoever looks for it finds none
            return None if str in self.types else _number_problem(value, self.least)
        return None if kind is bool else self._container_problem(value)

    def _container_problem(self, value: dict[str, Any] | list[Any]) -> Problem | None:
        for item in value if type(value) is list else ():
            if type(item) not in self.items:
                return Problem("wrong type", f"a list with {type(item).__name__}")
            if type(item) is int and (problem := _number_problem(item, self.least)):
                return problem
        if self.shape and (found := misfit(value, self.shape)):
            return Problem("wrong type", f"of another shape: {found}")
        return _plain_problem(value)


def _number_problem(value: float, least: int = SMALLEST) -> Problem | None:
    if type(value) is float:
        return None if isfinite(value) else Problem("out of range", f"{value}, expected a finite number")
    if least <= value <= LARGEST:
        return None
    return Problem("out of range", f"{value}, expected {least} to {LARGEST}")


def _plain_problem(container: dict[str, Any] | list[Any]) -> Problem | None:
    """Return a problem if something inside is no text, number, boolean, list or map, or a key is no text."""
    waiting: list[Any] = [container]
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            if not all(type(name) is str for name in one):
                return Problem("wrong type", "a map with a key that is no text")
            one = one.values()
        for item in one:
            if type(item) is dict or type(item) is list:
                waiting.append(item)
            elif type(item) not in PLAIN:
                return Problem("wrong type", f"a value with {type(item).__name__}, expected what JSON can express")
    return None


def checked(kind: str, checks: tuple[FieldCheck, ...], body: dict[str, Any]) -> dict[str, Any]:
    """Return the declared fields that a body of this kind has, or raise `BadMessage`."""
    values = {}
    for check in checks:
        name = check.name
        if name in body:
            value = values[name] = body[name]
            if problem := check.problem(value):
                raise BadMessage(problem.reason, f"{kind}.{name} is {problem.detail}")
        elif check.required:
            raise BadMessage("missing field", f"{kind} needs `{name}`")
    return values


def check_of(one: "Field[Any]", hint: Any) -> FieldCheck:
    """Return the check of a declared field. `hint`: its type, with what `Annotated` adds (least value, or shape)."""
    required = one.default is MISSING and one.default_factory is MISSING
    least, shape = SMALLEST, None
    if get_origin(hint) is Annotated:
        hint, more = get_args(hint)
        least, shape = (more, None) if type(more) is int else (SMALLEST, more)
    if get_origin(hint) is Literal:
        return FieldCheck(one.name, (str,), get_args(hint), required)
    if get_origin(hint) is list:
        (item,) = get_args(hint)
        if get_origin(item) is Annotated:
            item, least = get_args(item)
        return FieldCheck(one.name, (list,), (), required, least, (get_origin(item) or item,), shape)
    if get_origin(hint) is dict:
        return FieldCheck(one.name, (dict,), (), required)
    types = get_args(hint) or (hint,)
    return FieldCheck(one.name, (*types, int) if float in types else types, (), required, least)

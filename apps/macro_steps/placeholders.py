"""Placeholders in the texts of a macro: the day on which it runs, and a word that is asked for. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from apps.tables import Row

TODAY, WORD = "{today}", "{word}"


def filled(value: Any, today: date, word: str) -> Any:
    """Return a value in which placeholders are replaced; what is no text stays as it is."""
    if isinstance(value, dict):
        return {name: filled(one, today, word) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, today, word) for one in value]
    return value.replace(TODAY, today.isoformat()).replace(WORD, word) if isinstance(value, str) else value


def has_placeholder(text: str) -> bool:
    """Return whether a text has a placeholder."""
    return TODAY in text or WORD in text


def wants_word(steps: Iterable[Row]) -> bool:
    """Return whether a run of these steps has to ask for a word."""
    return any(WORD in text for step in steps for text in _texts([step["values"], (step.get("row") or {})]))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)

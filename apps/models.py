"""What a model is like, read from its entry in `llm.listed`. Pure."""

import re
from collections.abc import Mapping
from typing import Any

MIN_BILLIONS_FOR_TOOLS = 7.0
"""Billions of parameters. Smaller models do better when they write instructions in their text."""

BILLIONS_IN_NAME = re.compile(r"(?:^|[^a-z0-9.])(\d{1,4}(?:\.\d{1,2})?)b(?![a-z0-9])")


def billions_of(model: Mapping[str, Any]) -> float:
    """Return how many billions of parameters a model has: as its server says, else as its name does; 0.0: unknown."""
    told = model.get("parameters")
    if isinstance(told, int | float) and told > 0:
        return float(told)
    found = BILLIONS_IN_NAME.search(str(model.get("name", "")).lower())
    return float(found[1]) if found else 0.0


def is_local(model: Mapping[str, Any]) -> bool:
    """Return whether a model runs on this machine, so that nothing leaves it."""
    return bool(model.get("local", True)) and not model.get("cloud")


def calls_tools(model: Mapping[str, Any], paths: object) -> bool:
    """Return whether a model acts by calling tools, and not by writing instructions in its text.

    Large models and those on other machines do, when they list the ability. `paths`: the setting, in which the user
    chooses, and in which the agent notes what failed: a map of names to "tools" or "text".
    """
    chosen = paths.get(model.get("name")) if isinstance(paths, Mapping) else None
    if chosen in ("tools", "text"):
        return bool(chosen == "tools")
    able = "tools" in (model.get("capabilities") or ())
    return able and (not is_local(model) or billions_of(model) >= MIN_BILLIONS_FOR_TOOLS)

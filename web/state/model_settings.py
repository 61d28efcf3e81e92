"""How each model is asked: window, temperature, keep-alive, most tokens, thinking, persona. Checked here, pure.

They stand in the setting `models`: a map of the model's name to a map of the names below. What is absent is as the
agent or the model's server chooses.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from apps.tables import Row

MODELS = "models"
"""Key of the setting."""
LARGEST_WINDOW = 1_000_000
"""Tokens; the most for a model that does not say how large its window is."""
WHOLE = re.compile(r"\d{1,3}(?:[., _\u00a0\u202f]\d{3})+|\d{1,12}", re.ASCII)
"""A whole number, with or without marks between thousands."""
THOUSANDS = re.compile(r"\D")

THINK = {"": "As the model wants", "off": "Off", "on": "On"}
"""Choices for thinking, by the value of the form."""
KEEP_ALIVE = {
    "": "As its server does",
    "0": "Not at all: unload it after each answer",
    "300": "5 minutes",
    "1800": "30 minutes",
    "3600": "1 hour",
    "14400": "4 hours",
    "-1": "Until it is unloaded",
}
"""Choices for how long a model stays in memory after an answer, by seconds."""


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number that can be set. `example`: in the sentence about a bad value."""

    label: str
    what: str
    least: float
    most: float
    example: str
    whole: bool = True


NUMBERS: Mapping[str, NumberField] = {
    "window": NumberField("Window, in tokens", "a window", 512, LARGEST_WINDOW, "8192"),
    "temperature": NumberField("Temperature", "a temperature", 0, 2, "0.7", whole=False),
    "most_tokens": NumberField("Most tokens of an answer", "a limit of tokens", 16, 100_000, "2048"),
}
"""By the name in the setting."""


def settings_of(settings: Mapping[str, Any], model: str) -> Row:
    """Return how a model is asked, as the store has it; {} if nothing was chosen."""
    models = settings.get(MODELS)
    chosen = models.get(model) if isinstance(models, dict) else None
    return chosen if isinstance(chosen, dict) else {}


def with_settings(settings: Mapping[str, Any], model: str, chosen: Row) -> Row:
    """Return the value of the setting after a model's choices were changed."""
    models = settings.get(MODELS)
    others = {name: one for name, one in models.items() if name != model} if isinstance(models, dict) else {}
    return others | ({model: chosen} if chosen else {})


def typed(chosen: Row) -> dict[str, str]:
    """Return choices as the form shows them."""
    numbers = {name: f"{chosen[name]:g}" for name in NUMBERS if is_number(chosen.get(name))}
    think, keep_alive = chosen.get("think"), chosen.get("keep_alive")
    return {
        **{name: numbers.get(name, "") for name in NUMBERS},
        "keep_alive": str(keep_alive) if type(keep_alive) is int else "",
        "think": {True: "on", False: "off"}[think] if isinstance(think, bool) else "",
        "persona": persona if isinstance(persona := chosen.get("persona"), str) else "",
    }


def is_number(value: object) -> bool:
    """Return whether a value is a number, and not true or false."""
    return type(value) in (int, float)


def checked(sent: Mapping[str, str], context: int = 0, personas: Collection[str] = ()) -> tuple[Row, dict[str, str]]:
    """Return the choices in a form, and a sentence for each field that has a bad value.

    `context`: the most tokens that the model's window can have; 0: unknown. `personas`: the names of those there are.
    """
    chosen: Row = {}
    problems: dict[str, str] = {}
    for name, field in NUMBERS.items():
        text = sent.get(name, "").strip()
        most = context if name == "window" and context >= field.least else field.most
        value = number_in(text, whole=field.whole)
        if not text:
            continue
        if value is None or not field.least <= value <= most:
            problems[name] = _sentence(text, field, most)
        else:
            chosen[name] = value
    if persona := sent.get("persona", ""):
        if persona in personas:
            chosen["persona"] = persona
        else:
            problems["persona"] = f"There is no persona “{persona[:40]}” (any more). Choose another one."
    return chosen | _choices(sent, problems), problems


def _sentence(text: str, field: NumberField, most: float) -> str:
    kind = "a whole number" if field.whole else "a number"
    return (
        f"“{text[:40]}” is not possible as {field.what}. Write {kind} from {field.least:,g} to {most:,.10g}, such as "
        f"{field.example}, or leave it empty for the default."
    )


def number_in(text: str, *, whole: bool) -> float | None:
    """Return the number that a text is, as people write it; None if it is none."""
    if whole:
        return int(THOUSANDS.sub("", text)) if WHOLE.fullmatch(text) else None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _choices(sent: Mapping[str, str], problems: dict[str, str]) -> Row:
    """Return what was chosen from lists. Only a page of another version sends anything else."""
    chosen: Row = {}
    for name, choices in (("keep_alive", KEEP_ALIVE), ("think", THINK)):
        text = sent.get(name, "")
        if text and text not in choices and not (name == "keep_alive" and WHOLE.fullmatch(text)):
            problems[name] = f"“{text[:40]}” is not one of the choices. Choose another one."
        elif text:
            chosen[name] = int(text) if name == "keep_alive" else text == "on"
    return chosen

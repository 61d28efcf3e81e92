"""How much of a prompt Ollama had in its cache: an estimate, since Ollama does not tell.

Ollama keeps the last prompt of a model that stays in memory, and reads the next one only from where it differs. It
counts the whole prompt, but times only what it read. So the estimate takes the common beginning of our last two
prompts, and is given only when the time supports it. In all other cases the numbers stay 0, which means unknown.
"""

import json
from dataclasses import dataclass, replace

from bus.messages import LlmGenerate
from llm_worker.stream.pieces import Counts

RELOADED_SECONDS = 1.0
"""A model that took longer to load was not in memory, and its cache was empty."""
ENOUGH_TOKENS = 50
"""Shorter readings say nothing about the speed."""
TOLERANCE, SLACK_SECONDS = 1.5, 0.2
"""How much longer than expected a reading may take that still supports the estimate."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that was sent."""

    model: str
    text: str
    same: float
    """Which part of it (0 to 1) is the beginning of the last prompt of this model."""
    loaded: bool


class KnownTokens:
    """The last prompt of each model, and how fast it is read."""

    def __init__(self) -> None:
        """Start without any prompt."""
        self._last: dict[str, str] = {}
        self._tokens_per_second: dict[str, float] = {}

    def prompt(self, model: str, order: LlmGenerate, *, loaded: bool) -> Prompt:
        """Note a prompt that is being sent. `loaded`: whether the model is in memory."""
        text = json.dumps([order.tools, order.messages], ensure_ascii=False)
        last = self._last.get(model, "")
        self._last[model] = text
        return Prompt(model, text, common_beginning(last, text) / len(text), loaded)

    def counted(self, prompt: Prompt, counts: Counts) -> Counts:
        """Return the counts with what was known and what was read, where that can be said."""
        total = counts.prompt_tokens
        if not prompt.loaded or counts.load_seconds > RELOADED_SECONDS:
            self._measure(prompt.model, counts)
            return replace(counts, read_tokens=total)
        speed, known = self._tokens_per_second.get(prompt.model, 0.0), int(total * prompt.same)
        if not speed or not known:
            return counts
        expected = (total - known) / speed
        if counts.read_seconds <= expected * TOLERANCE + SLACK_SECONDS:
            return replace(counts, read_tokens=total - known, known_tokens=known)
        return counts

    def _measure(self, model: str, counts: Counts) -> None:
        if counts.read_seconds and counts.prompt_tokens >= ENOUGH_TOKENS:
            self._tokens_per_second[model] = counts.prompt_tokens / counts.read_seconds


def common_beginning(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    both = zip(one, other, strict=False)
    return next((index for index, (left, right) in enumerate(both) if left != right), min(len(one), len(other)))

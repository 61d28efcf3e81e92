"""What can go wrong between us and Ollama: each class builds its sentence for the user.

`retryable`: trying again may help. `cut`: the answer broke off, rather than was refused.
"""

from collections.abc import Iterable

from bus.errors import PianolaError

SHOWN_CHARACTERS = 500
"""How much of another program's text goes into a sentence."""


TELLING = {"tools": ("tool",), "format": ("format", "grammar", "schema")}
"""Words in Ollama's errors that tell which ability a model lacks: "m does not support tools"."""


class OllamaProblem(PianolaError):
    """Any failure of a conversation with Ollama that we expect."""

    retryable = True
    cut = False
    said = ""
    """What Ollama itself gave as the reason."""

    def unable(self, asked_for: Iterable[str]) -> str:
        """Return which of the abilities that were asked for the model lacks, as far as Ollama tells; else ""."""
        return next((one for one in asked_for if any(word in self.said for word in TELLING[one])), "")


class OllamaAbsent(OllamaProblem):
    """Nobody takes the connection."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"Ollama does not answer at {host} ({reason}). Start it with `ollama serve`, "
            f"or set OLLAMA_HOST to where it listens; then try again."
        )


class NoSensibleModel(OllamaProblem):
    """Ollama is there, but has no local model that can chat."""

    def __init__(self, host: str, suggestion: str) -> None:
        super().__init__(
            f"Ollama at {host} has no local model that can chat yet. Get one with `ollama pull {suggestion}`."
        )


class ModelMissing(OllamaProblem):
    """Ollama does not have the model that was asked for."""

    def __init__(self, host: str, model: str) -> None:
        super().__init__(
            f"Ollama at {host} has no model {shown(model)!r}. "
            f"Get it with `ollama pull {shown(model)}`, or choose another model."
        )


class OllamaRefused(OllamaProblem):
    """Ollama answered with an HTTP status other than 200. Busy and broken servers (429, 5xx) are worth another try."""

    def __init__(self, host: str, model: str, status: int, text: str) -> None:
        self.retryable = status == 429 or status >= 500
        self.said = text.replace(model, "").lower()
        way_out = "Try again in a moment." if self.retryable else "Choose another model, or change the request."
        super().__init__(f"Ollama at {host} refused {shown(model)!r} with HTTP {status}: {shown(text)}. {way_out}")


class LedElsewhere(OllamaProblem):
    """A redirection. It is not followed: what the user wrote goes to the address that is set, and to no other."""

    retryable = False

    def __init__(self, host: str, status: int, address: str) -> None:
        super().__init__(
            f"What answers at {host} leads to another address with HTTP {status}: {shown(address)!r}. "
            f"Nothing was sent there. If your Ollama is there, set OLLAMA_HOST to it."
        )


class OllamaFailed(OllamaProblem):
    """Ollama reported an error in the middle of its answer."""

    cut = True

    def __init__(self, model: str, text: str) -> None:
        self.said = text.replace(model, "").lower()
        super().__init__(
            f"Ollama stopped {shown(model)!r} with an error: {shown(text)}. Try again, or choose another model."
        )


class StreamCut(OllamaProblem):
    """The connection ended before Ollama said that the answer is complete."""

    cut = True

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"The answer broke off: Ollama at {host} ended the connection before the answer was complete ({reason}). "
            f"Try again; if it happens often, look at what `ollama serve` prints."
        )


class TooSilent(OllamaProblem):
    """No token came for too long: none at all, or none after those that had come."""

    def __init__(self, model: str, seconds: float, begun: bool) -> None:
        self.cut = begun
        variable = "PIANOLA_IDLE_SECONDS" if begun else "PIANOLA_FIRST_TOKEN_SECONDS"
        super().__init__(
            f"Ollama sent nothing for {seconds:g} s while {shown(model)!r} was {'answering' if begun else 'loading'}. "
            f"Try again, or choose a smaller model; {variable} sets how long to wait."
        )


class NotOllama(OllamaProblem):
    """What came is not what Ollama's protocol says."""

    def __init__(self, host: str, came: str, expected: str) -> None:
        super().__init__(
            f"What answers at {host} does not speak Ollama's language: {shown(came)!r} came "
            f"where {expected} was expected. Is OLLAMA_HOST right?"
        )


class LineTooLong(OllamaProblem):
    """A line without end would fill the memory."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            f"Ollama sent a line of more than {min(length, limit):,} bytes, which is the most that is taken. "
            f"Is OLLAMA_HOST right?"
        )


def shown(text: str) -> str:
    """Return a foreign text as it may stand in a sentence: one line, not long, without what cannot be printed."""
    kept = "".join(character if character.isprintable() else " " for character in text[:SHOWN_CHARACTERS])
    return " ".join(kept.split()).rstrip(".")

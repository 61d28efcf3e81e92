"""What can go wrong between us and Ollama: one class each, which builds the sentence for the user.

`retryable`: trying again may help. `cut`: the answer broke off in the middle; it was not refused.
"""

from collections.abc import Iterable

from bus.errors import PianolaError

SHOWN_CHARACTERS = 500
"""Longest text of another program in a sentence."""

ERROR_WORDS = {"tools": ("tool",), "format": ("format", "grammar", "schema")}
"""Words in Ollama's errors that say what a model does not support: "m does not support tools"."""


class OllamaProblem(PianolaError):
    """Any failure with Ollama that we expect."""

    retryable = True
    cut = False
    said = ""
    """The reason that Ollama itself gave."""

    def unable(self, asked_for: Iterable[str]) -> str:
        """Return which of the needed abilities the model does not have, according to Ollama's error; else ""."""
        return next((one for one in asked_for if any(word in self.said for word in ERROR_WORDS[one])), "")


class OllamaAbsent(OllamaProblem):
    """There is no connection to Ollama."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"Ollama does not answer at {host} ({reason}). Start it with `ollama serve`, "
            f"or set OLLAMA_HOST to its address. Then try again."
        )


class NoSensibleModel(OllamaProblem):
    """Ollama is running, but has no local model that can chat."""

    def __init__(self, host: str, suggestion: str) -> None:
        super().__init__(
            f"Ollama at {host} has no local model that can chat yet. Get one with `ollama pull {suggestion}`."
        )


class ModelMissing(OllamaProblem):
    """Ollama does not have the requested model."""

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


class Redirected(OllamaProblem):
    """A redirection. It is not followed: the user's text goes only to the address in the settings."""

    retryable = False

    def __init__(self, host: str, status: int, address: str) -> None:
        super().__init__(
            f"The server at {host} redirects to another address with HTTP {status}: {shown(address)!r}. "
            f"Nothing was sent there. If your Ollama is there, set OLLAMA_HOST to that address."
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
            f"Try again. If it happens often, read what `ollama serve` prints."
        )


class OllamaTimeout(OllamaProblem):
    """No token came for too long: no first token, or no next one."""

    def __init__(self, model: str, seconds: float, begun: bool) -> None:
        self.cut = begun
        variable = "PIANOLA_IDLE_SECONDS" if begun else "PIANOLA_FIRST_TOKEN_SECONDS"
        super().__init__(
            f"Ollama sent nothing for {seconds:g} s while {shown(model)!r} was {'answering' if begun else 'loading'}. "
            f"Try again, or choose a smaller model; {variable} sets how long to wait."
        )


class NotOllama(OllamaProblem):
    """The answer does not follow Ollama's protocol."""

    def __init__(self, host: str, came: str, expected: str) -> None:
        super().__init__(
            f"The server at {host} does not speak Ollama's protocol: {shown(came)!r} came "
            f"where {expected} was expected. Is OLLAMA_HOST right?"
        )


class LineTooLong(OllamaProblem):
    """A line is too long: it could fill the memory."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            f"Ollama sent a line of more than {min(length, limit):,} bytes, which is the limit. Is OLLAMA_HOST right?"
        )


def shown(text: str) -> str:
    """Return a text of another program, safe for a sentence: one line, shortened, only printable characters."""
    kept = "".join(character if character.isprintable() else " " for character in text[:SHOWN_CHARACTERS])
    return " ".join(kept.split()).rstrip(".")

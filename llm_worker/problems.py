"""What can go wrong between us and a server: one class each, which builds the sentence for the user.

`retryable`: trying again may help. `cut`: the answer broke off in the middle; it was not refused.
"""

from collections.abc import Iterable

from bus.code.folder import how_to_install
from bus.errors import PianolaError
from bus.servers.titles import called
from llm_worker.contract import OLLAMA, About

SHOWN_CHARACTERS = 500
"""Longest text of another program in a sentence."""

HIDDEN = "…"
"""Stands in the place of a key in a text of a server."""

MISSING_ABILITY = {
    "tools": (("tool",), ("support", "require", "enable", "not allowed", "unknown", "unrecognized")),
    "format": (("format", "grammar", "schema"), ("",)),
}
"""For each ability: words of which one stands in an error that says that the ability is missing, twice."""

NO_MEMORY = ("more system memory", "out of memory", "outofmemory", "not enough memory", "cudamalloc failed", "vram")
NO_CREDIT = ("usage limit", "quota", "billing", "credit", "insufficient funds", "payment", "upgrade for higher limits")
NO_ROOM = ("context size", "context length", "maximum context", "context window", "too many tokens")

LESS_MEMORY = "Choose a smaller model or a smaller window, or close other programs."
OTHER_LIMIT = "Wait until the limit is over, raise it there, or choose another model, for example one on this machine."
LESS_TEXT = "Begin a new conversation, or give the model a larger window."


class ServerProblem(PianolaError):
    """Any failure with a server that we expect."""

    retryable = True
    cut = False
    status = 0
    """The HTTP status of a refusal, 0 for all other problems."""

    def hide(self, key: str) -> None:
        """Take a key out of the sentence, if there is one: servers quote what they were sent."""
        self.args = tuple(str(part).replace(key, HIDDEN) if key else part for part in self.args)

    def unable(self, _asked_for: Iterable[str]) -> str:
        """Return which of the needed abilities (tools, format) the model lacks, as its server says; else ""."""
        return ""


class ServerAbsent(ServerProblem):
    """There is no connection to the server."""

    def __init__(self, about: About, reason: str) -> None:
        start = "Start it with `ollama serve`" if about.name == OLLAMA else "Start it"
        change = f"set {about.setting} to its address" if about.name == OLLAMA else f"correct {about.setting}"
        super().__init__(
            f"{about.title} does not answer at {about.address} ({reason}). {start}, or {change}. Then try again."
        )


class NoSensibleModel(ServerProblem):
    """Ollama is running, but has no local model that can chat."""

    def __init__(self, about: About, suggestion: str) -> None:
        super().__init__(
            f"Ollama at {about.address} has no local model that can chat yet. Get one with `ollama pull {suggestion}`."
        )


class ModelMissing(ServerProblem):
    """The server does not have the requested model."""

    def __init__(self, about: About, model: str) -> None:
        name = shown(called(model))
        way_out = f"Get it with `ollama pull {name}`, or choose" if about.kind == "ollama" else "Choose"
        super().__init__(f"{about.title} at {about.address} has no model {name!r}. {way_out} another model.")


class Refused(ServerProblem):
    """The server answered with an HTTP status other than 200. Busy and broken ones (429, 5xx) are worth another try."""

    def __init__(self, about: About, model: str, status: int, text: str) -> None:
        self.status = status
        self.retryable = status == 429 or status >= 500
        self.said = text.replace(model, "").lower() if model else text.lower()
        """The server's own words."""
        self._missing = 400 <= status < 500 and status not in (401, 402, 403, 408, 429)
        usual = "Try again in a moment." if self.retryable else otherwise(about, model, status)
        what = f"refused {shown(called(model))!r} with" if model else "answers"
        super().__init__(
            f"{about.title} at {about.address} {what} HTTP {status}: {shown(text)}. {way_out(text) or usual}"
        )

    def unable(self, asked_for: Iterable[str]) -> str:
        """Return the missing ability. A failure that may pass (5xx, a limit) says nothing about abilities."""
        return next((one for one in asked_for if self._missing and lacks(one, self.said)), "")


class KeyRefused(ServerProblem):
    """The server wants a key, or another one. The key itself is never shown."""

    retryable = False

    def __init__(self, about: About, status: int, text: str, *, given: bool) -> None:
        problem = "does not accept the key in keys.toml" if given else "wants a key"
        there = "in the page (menu of models, “Servers”)"
        way_out = (
            f"Correct it {there}, or in the line `{about.name} = …` of that file"
            if given
            else f'Give it one {there}, or write the line {about.name} = "the key" into keys.toml in the data folder'
        )
        super().__init__(
            f"{about.title} at {about.address} {problem} (HTTP {status}: {shown(text)}). {way_out}, or choose another "
            f"model."
        )


class SignInWanted(ServerProblem):
    """Ollama passes a model on to its hosted service, and nobody is signed in there."""

    retryable = False

    def __init__(self, about: About, model: str, address: str) -> None:
        super().__init__(
            f"{about.title} at {about.address} wants you to sign in before it plays {shown(called(model))!r}. "
            f"Open {shown(address)} in a browser, or choose another model."
        )


class BadKey(ServerProblem):
    """The key of a server cannot be used. The sentence does not show it."""

    retryable = False


class CannotDo(ServerProblem):
    """The protocol of this kind of server has no such request."""

    retryable = False

    def __init__(self, about: About, what: str) -> None:
        super().__init__(f"{about.title} cannot {what} at our request. Do it with the server's own tools.")


class PullFailed(ServerProblem):
    """Ollama could not get a model. What has come is kept there."""

    def __init__(self, about: About, model: str, text: str) -> None:
        usual = "Try again: it goes on where it ended."
        super().__init__(
            f"{about.title} could not get {shown(called(model))!r}: {shown(text)}. {pull_way_out(text) or usual}"
        )


class DownloadFailed(ServerProblem):
    """A file of a model could not be got. What has come is kept, if the sentence does not say otherwise."""

    def __init__(self, model: str, text: str, way_out: str = "") -> None:
        usual = "Is this machine connected? Try again: it goes on where it ended."
        super().__init__(f"{shown(called(model))} could not be got: {shown(text)}. {way_out or usual}")


class NotInCatalogue(ServerProblem):
    """Only files of the catalogue are got."""

    retryable = False

    def __init__(self, model: str, known: Iterable[str]) -> None:
        super().__init__(
            f"{shown(model)!r} is none of the models that can be got for the embedded engine: {', '.join(known)}. "
            f"Choose one of these, or put a GGUF file of your own into `models` of the data folder."
        )


class EngineProblem(ServerProblem):
    """The embedded engine cannot serve a model; it says itself why, in a whole sentence."""


class EngineEnded(ServerProblem):
    """The embedded engine ended in the middle of an answer."""

    cut = True

    def __init__(self, model: str, reason: str, log: object) -> None:
        name = shown(called(model))
        super().__init__(
            f"The embedded engine ended while {name!r} answered ({reason}). It starts again by itself: try again. If "
            f"it happens often, read {log}."
        )


class EngineMissing(ServerProblem):
    """The embedded engine does not run."""

    def __init__(self, log: object) -> None:
        super().__init__(
            f"The embedded engine does not run. `pianola status` shows it; {log} may say why. Restart Pianola "
            f"(`pianola restart`), or choose another model."
        )


class ExtraMissing(ServerProblem):
    """The package of the embedded engine is not installed."""

    retryable = False

    def __init__(self) -> None:
        super().__init__(
            f"The embedded engine is not installed. Run `{how_to_install('embedded')}`, and restart Pianola."
        )


class MergeMissing(ServerProblem):
    """The package that joins a player's weights and adapter is not installed."""

    retryable = False

    def __init__(self, title: str) -> None:
        super().__init__(
            f"To put {title} into Ollama, a package is missing that joins its two files. Run `make players` (or `pip "
            f"install 'pianola[players]'`), and restart Pianola."
        )


class Redirected(ServerProblem):
    """A redirection. It is not followed: the user's text goes only to the address in the settings."""

    retryable = False

    def __init__(self, about: About, status: int, address: str) -> None:
        change = "set OLLAMA_HOST" if about.name == OLLAMA else f"set {about.setting}"
        its = "your Ollama" if about.name == OLLAMA else "it"
        super().__init__(
            f"The server at {about.address} redirects to another address with HTTP {status}: {shown(address)!r}. "
            f"Nothing was sent there. If {its} is there, {change} to that address."
        )


class ServerFailed(ServerProblem):
    """The server reported an error in the middle of its answer."""

    cut = True

    def __init__(self, about: About, model: str, text: str) -> None:
        usual = "Try again, or choose another model."
        super().__init__(
            f"{about.title} stopped {shown(called(model))!r} with an error: {shown(text)}. {way_out(text) or usual}"
        )


class StreamCut(ServerProblem):
    """The connection ended before the server said that the answer is complete."""

    cut = True

    def __init__(self, about: About, reason: str) -> None:
        self.reason = reason
        log = "what `ollama serve` prints" if about.kind == "ollama" else "what the server prints"
        title = about.title[0].lower() + about.title[1:] if about.name != OLLAMA else about.title
        super().__init__(
            f"The answer broke off: {title} at {about.address} ended the connection before the answer was complete "
            f"({reason}). Try again. If it happens often, read {log}."
        )


class AnswerTimeout(ServerProblem):
    """No token came for too long: no first token, or no next one."""

    def __init__(self, about: About, model: str, seconds: float, begun: bool) -> None:
        self.cut = begun
        variable = "PIANOLA_IDLE_SECONDS" if begun else "PIANOLA_FIRST_TOKEN_SECONDS"
        what = f"{shown(called(model))!r} was {'answering' if begun else 'loading'}"
        super().__init__(
            f"{about.title} sent nothing for {seconds:g} s while {what}. "
            f"Try again, or choose a smaller model; {variable} sets how long to wait."
        )


class WrongProtocol(ServerProblem):
    """The answer does not follow the protocol of this kind of server."""

    def __init__(self, about: About, came: str, expected: str) -> None:
        protocol = "Ollama's protocol" if about.kind == "ollama" else "OpenAI's protocol"
        super().__init__(
            f"The server at {about.address} does not speak {protocol}: {shown(came)!r} came "
            f"where {expected} was expected. Is {about.setting} right?"
        )


class LineTooLong(ServerProblem):
    """A line is too long: it could fill the memory."""

    def __init__(self, about: About, length: int, limit: int) -> None:
        super().__init__(
            f"{about.title} sent a line of more than {min(length, limit):,} bytes, which is the limit. "
            f"Is {about.setting} right?"
        )


def otherwise(about: About, model: str, status: int) -> str:
    """Return what to do about a refusal that nothing else explains. What is not there may stand at another address."""
    if model and status not in (404, 405):
        return "Choose another model, or change the request."
    lacks_version = about.kind == "openai" and not about.address.rstrip("/").endswith("/v1")
    return f"Is {about.setting} right?" + (" Most such addresses end in /v1." if lacks_version else "")


def lacks(ability: str, said: str) -> bool:
    """Return whether an error says that an ability is missing: "m does not support tools"."""
    return all(any(word in said for word in words) for words in MISSING_ABILITY[ability])


def way_out(text: str) -> str:
    """Return what to do about an error that the server explains, "" when there is nothing special to do."""
    said = text.lower()
    ways = ((NO_MEMORY, LESS_MEMORY), (NO_CREDIT, OTHER_LIMIT), (NO_ROOM, LESS_TEXT))
    return next((way for words, way in ways if any(word in said for word in words)), "")


def pull_way_out(text: str) -> str:
    """Return what to do about a pull that failed for one of the usual reasons, else ""."""
    said = text.lower()
    if any(words in said for words in ("no space left", "disk quota", "not enough space")):
        return "Make room on the disk, then pull again: it goes on where it ended."
    if any(words in said for words in ("does not exist", "not found", "invalid model name")):
        return "Is the name right? It is one of Ollama's library, for example qwen3:4b-instruct."
    if any(words in said for words in ("no such host", "timeout", "timed out", "network", "dial tcp")):
        return "Is this machine connected? Then pull again: it goes on where it ended."
    return ""


def shown(text: str) -> str:
    """Return a text of another program, safe for a sentence: one line, shortened, only printable characters."""
    kept = "".join(character if character.isprintable() else " " for character in text[:SHOWN_CHARACTERS])
    return " ".join(kept.split()).rstrip(".")

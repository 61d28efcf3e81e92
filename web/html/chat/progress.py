"""How far an answer is, and what it has cost, in words and as HTML. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from fastcore.xml import FT

from apps.sentences import shortened
from apps.tables import Row
from bus.servers.titles import called
from web.html.parts.elements import Button, Dd, Details, Dl, Dt, P, Span, Summary, commands
from web.state.turns import Progress

REHEARSAL = "rehearsal"
"""Name of the built-in player, in the place of a model's name."""
LONGEST_QUESTION = 60
"""Characters of the question that an answer waits for."""
SHORTEST_SECONDS = 0.05
"""Less is not shown."""
COSTLY = ("chat", "step")
"""Purposes of messages whose cost is shown."""


# --- while it is being given ---


def waiting(row: Row, progress: Progress) -> FT:
    """Return what is shown until the first token of an answer; CSS hides it then."""
    return P(
        Span(cls="keys", aria_hidden="true"),
        Span(progress_words(progress), cls="state"),
        Button(
            "Stop",
            type="button",
            cls="small",
            title="Do not answer this question. The older one is answered all the same.",
            hidden=progress.state != "queued",
            **commands("stop", message=row["id"]),
        ),
        id=f"waiting-{row['id']}",
        cls="waiting",
    )


def progress_words(progress: Progress) -> str:
    """Return in a few words what an answer is waiting for."""
    name = "the rehearsal player" if progress.model == REHEARSAL else called(progress.model) or "the model"
    match progress.state:
        case "queued":
            return f"Waits for the answer to “{shortened(progress.behind, LONGEST_QUESTION)}”"
        case "loading":
            return f"Loading {name} into memory …"
        case "reading":
            return f"Reading{_reading(progress)} …"
        case "writing":
            return "Writing …"
    return f"Waiting for {name} …"


def _reading(progress: Progress) -> str:
    if not progress.prompt_tokens:
        return ""
    known = f", {progress.known_tokens:,} of them known" if progress.known_tokens else ""
    read = f", {progress.read_tokens:,} read" if progress.read_tokens else ""
    return f" {progress.prompt_tokens:,} tokens{known}{read}"


# --- afterwards ---


def thought_words(row: Row) -> str:
    """Return how long a model has thought before its answer, as far as somebody counted."""
    tokens = (row["detail"] or {}).get("tokens")
    seconds = tokens.get("think_seconds") if isinstance(tokens, dict) else None
    if not isinstance(seconds, int | float) or row["state"] == "streaming":
        return "Thoughts"
    return f"Thought for {max(1, round(seconds)):,} s"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an answer has cost, as its row has it (docs/agent.md, `detail.tokens`); 0: not counted."""

    prompt: int = 0
    read: int = 0
    known: int = 0
    answer: int = 0
    load_seconds: float = 0.0
    read_seconds: float = 0.0
    write_seconds: float = 0.0

    @classmethod
    def of(cls, row: Row) -> "Cost":
        """Return the cost of an answer; what is missing in its row, or is no number, was not counted."""
        tokens = (row["detail"] or {}).get("tokens")
        values = tokens if isinstance(tokens, dict) else {}
        known = {one.name: values[one.name] for one in fields(cls) if type(values.get(one.name)) in (int, float)}
        return cls(**known)

    @property
    def seconds(self) -> float:
        """All seconds together."""
        return self.load_seconds + self.read_seconds + self.write_seconds

    def in_short(self) -> str:
        """Return "340 tokens read, 85 written · 4.0 s"."""
        read, written = self.read or self.prompt, f"{self.answer:,} written" if self.answer else ""
        tokens = ", ".join(part for part in (f"{read:,} tokens read" if read else "", written) if part)
        return " · ".join(part for part in (tokens, in_seconds(self.seconds)) if part)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield what was done, and its tokens and seconds in words."""
        read = f"{self.read:,} tokens" if self.read else ""
        known = f"{self.known:,} from the cache" if self.known else ""
        whole = f"{self.prompt:,} tokens" if self.prompt and not self.read else ""
        written = f"{self.answer:,} tokens" if self.answer else ""
        parts = {
            "Loading the model": (in_seconds(self.load_seconds),),
            "Reading": (read, whole, known, in_seconds(self.read_seconds)),
            "Writing": (written, in_seconds(self.write_seconds)),
        }
        for name, words in parts.items():
            if told := ", ".join(word for word in words if word):
                yield name, told


def in_seconds(seconds: float) -> str:
    """Return seconds as people write them; "" for none."""
    return f"{seconds:,.1f} s" if seconds >= SHORTEST_SECONDS else ""


def cost(row: Row) -> FT | None:
    """Return the tokens and seconds of an answer, folded; None when nobody counted."""
    spent = Cost.of(row)
    if row["purpose"] not in COSTLY or not spent.in_short():
        return None
    lines = (part for name, words in spent.lines() for part in (Dt(name), Dd(words)))
    return Details(Summary(spent.in_short()), Dl(*lines), id=f"cost-{row['id']}", cls="thinking cost")

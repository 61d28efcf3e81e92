"""How much of the model's window a conversation uses, as HTML. Told by the newest answer: see docs/agent.md."""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.tables import Row
from web.html.parts.elements import Span

NEARLY_FULL_PERCENT = 60
"""From here on the agent sums up older talk."""


def tokens_of(row: Row) -> Row:
    """Return what an answer tells of the window: `prompt`, `answer`, `guess` and `window`; {} when it tells nothing."""
    tokens = (row["detail"] or {}).get("tokens") if row["purpose"] != "note" and row["state"] != "streaming" else None
    return tokens if isinstance(tokens, dict) and tokens.get("window") else {}


def meter(messages: Sequence[Row]) -> FT:
    """Return the meter; hidden while nothing is known. `messages`: the newest last."""
    tokens = next((found for row in reversed(messages) if (found := tokens_of(row))), {})
    window = tokens.get("window", 0)
    counted, guess = (
        tokens.get("prompt", 0),
        tokens.get("guess", 0),
    )  # Ollama may count only what it had not read before
    used = min(max(counted, guess) + tokens.get("answer", 0), window)
    percent = -(-100 * used // window) if window else 0
    about = "" if counted >= guess else "about "
    words = f"The conversation uses {about}{used:,} of {window:,} tokens of the model’s window ({percent} %)."
    manual = f"{words} When it is {NEARLY_FULL_PERCENT} % full, older talk is summed up in a note."
    return Span(
        Span(Span(cls="filled"), cls=f"gauge gauge-{(percent + 5) // 10}", aria_hidden="true"),
        Span(f"{percent} %", cls="percent"),
        id="meter",
        cls="meter",
        role="meter",
        aria_label="How full the model’s window is",
        aria_valuemin="0",
        aria_valuemax="100",
        aria_valuenow=str(percent),
        aria_valuetext=words,
        title=manual,
        data_full=True if percent >= NEARLY_FULL_PERCENT else None,
        hidden=not tokens,
    )

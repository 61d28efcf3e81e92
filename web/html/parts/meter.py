"""The meter as HTML: how much of the model's context window a conversation uses. See docs/agent.md."""

from collections.abc import Sequence

from fastcore.xml import FT

from apps.tables import Row
from web.html.parts.elements import Span

NEARLY_FULL_PERCENT = 60
"""From here on the agent replaces older messages by a summary."""


def tokens_of(row: Row) -> Row:
    """Return the token counts of an answer: `prompt`, `answer`, `guess` and `window`; {} when it has none."""
    tokens = (row["detail"] or {}).get("tokens") if row["purpose"] != "note" and row["state"] != "streaming" else None
    return tokens if isinstance(tokens, dict) and tokens.get("window") else {}


def meter(messages: Sequence[Row]) -> FT:
    """Return the meter, from the newest answer with counts; hidden without one. `messages`: newest last."""
    tokens = next((found for row in reversed(messages) if (found := tokens_of(row))), {})
    window = tokens.get("window", 0)
    counted, guess = tokens.get("prompt", 0), tokens.get("guess", 0)
    # The larger one, because Ollama may count only the part of the prompt that it had not read before.
    used = min(max(counted, guess) + tokens.get("answer", 0), window)
    percent = -(-100 * used // window) if window else 0
    about = "" if counted >= guess else "about "
    words = f"The conversation uses {about}{used:,} of {window:,} tokens of the context window ({percent} %)."
    manual = f"{words} When it is {NEARLY_FULL_PERCENT} % full, a summary replaces older messages."
    return Span(
        Span(Span(cls="filled"), cls=f"gauge gauge-{(percent + 5) // 10}", aria_hidden="true"),
        Span(f"{percent} %", cls="percent"),
        id="meter",
        cls="meter",
        role="meter",
        aria_label="How full the context window is",
        aria_valuemin="0",
        aria_valuemax="100",
        aria_valuenow=str(percent),
        aria_valuetext=words,
        title=manual,
        data_full=True if percent >= NEARLY_FULL_PERCENT else None,
        hidden=not tokens,
    )

"""How much of a model's window is used, and about how many tokens a text has. Pure.

A model's tokenizer is not known here. A text of any language has about one token for so many bytes of UTF-8; what the
server counted for an earlier prompt corrects the number.
"""

from services.agent.limits import (
    BYTES_PER_TOKEN,
    MAX_BYTES_PER_TOKEN,
    MIN_BYTES_PER_TOKEN,
    PROMPT_SHARE,
)


def prompt_bytes(window: int, bytes_per_token: float = BYTES_PER_TOKEN) -> int:
    """Return how many bytes a prompt may have. `window`: tokens of the model's context that are used."""
    return int(window * bytes_per_token * PROMPT_SHARE)


def measured_bytes_per_token(length: int, tokens: int) -> float:
    """Return the bytes for each token of a prompt that the server has counted; the usual number if it has not."""
    if length <= 0 or tokens <= 0:
        return BYTES_PER_TOKEN
    return min(max(length / tokens, MIN_BYTES_PER_TOKEN), MAX_BYTES_PER_TOKEN)


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode())


def estimated_tokens(length: int, bytes_per_token: float = BYTES_PER_TOKEN) -> int:
    """Return about how many tokens a text of so many bytes has."""
    return int(-(-length // bytes_per_token))

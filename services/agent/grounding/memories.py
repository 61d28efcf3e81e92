"""Whether the user's own words carry what the assistant proposes to remember. Pure."""

from collections.abc import Iterable

from services.agent.grounding.sentences import sentences_of
from services.agent.grounding.vocabulary import COURTESY, TOLD_AS
from services.agent.grounding.words import content_words, said, words_of


def is_carried(text: str, words: str) -> bool:
    """Return whether each word of a memory that says something was said by the user, in no question."""
    told = [word for word in content_words(text) if word not in TOLD_AS and word not in COURTESY]
    statements = [one for one in sentences_of(words) if not one.rstrip(" \"”“»'’)").endswith(("?", "？"))]
    spoken = words_of(" ".join(statements))
    return bool(told) and all(said(word, spoken) for word in told)


def is_known(text: str, others: Iterable[str]) -> bool:
    """Return whether the same is remembered already."""
    return any(words_of(text) == words_of(one) for one in others)

"""Whether the user's own words carry what the assistant proposes to remember. Pure."""

from collections.abc import Iterable

from services.agent.grounding.sentences import sentences_of
from services.agent.grounding.vocabulary import COURTESY
from services.agent.grounding.words import content_words, said, words_of

TOLD_AS = frozenset(
    "user users user's name named called likes like liked prefers prefer wants want dislikes hates loves has have is "
    "lives works needs uses remember that his her their nutzer benutzer name heisst mag moechte will hat ist wohnt "
    "arbeitet braucht utilisateur aime prefere veut a est habite travaille usuario gusta prefiere quiere tiene es vive "
    "trabaja".split()
)
"""Words with which a memory is told about the user, who speaks of "I" and "my"."""


def is_carried(text: str, words: str) -> bool:
    """Return whether each word of a memory that says something was said by the user, in no question."""
    told = [word for word in content_words(text) if word not in TOLD_AS and word not in COURTESY]
    statements = [one for one in sentences_of(words) if not one.rstrip(" \"”“»'’)").endswith(("?", "？"))]
    spoken = words_of(" ".join(statements))
    return bool(told) and all(said(word, spoken) for word in told)


def is_known(text: str, others: Iterable[str]) -> bool:
    """Return whether the same is remembered already."""
    return any(words_of(text) == words_of(one) for one in others)

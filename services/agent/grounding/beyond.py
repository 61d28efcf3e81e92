"""Whether a message asks for what only a general model knows: the world, or a text of some length. Pure.

A player of our own knows the rows of the open app and how to change them. A question is beyond it when no word of it
has to do with these: neither a row's title, nor a name of the app, nor one of the words that people use for rows.
"""

from collections.abc import Iterable, Sequence

from apps.tables import Row, Table
from services.agent.grounding.rows import title_of
from services.agent.grounding.sentences import without_quotations
from services.agent.grounding.vocabulary import (
    ASKING,
    CAN_YOU,
    HAVING,
    KNOWING,
    LISTS,
    NEW,
    OF_ROWS,
    OF_THE_ASSISTANT,
    QUESTION,
    QUESTION_WORDS,
    SMALL_WORDS,
    TELLING,
    TEXTS,
    WHO,
    WHY,
    WRITING,
)
from services.agent.grounding.words import content_words, said, words_of

MIN_WORDS = 4
"""Words of a question without its mark."""
MAX_TITLES = 200
"""Rows whose titles are compared."""


def is_beyond(text: str, tables: Sequence[Table], rows: Sequence[Sequence[Row]]) -> bool:
    """Return whether a message asks for nothing that has to do with these rows. `rows`: those of each table."""
    text = without_quotations(text)
    whole = without_phrases(words_of(text), KNOWING)
    words = without_phrases(whole, CAN_YOU)
    if not words or about_rows(words):
        return False
    if not (tells(words) or (words == whole and asks(text, words) and not orders_new(words))):
        return False
    subject = [word for word in content_words(" ".join(words)) if word not in QUESTION | TELLING | WRITING]
    names = named_in(tables, rows)
    return (bool(subject) or not WHY.isdisjoint(words)) and not any(said(word, names) for word in subject)


def asks(text: str, words: Sequence[str]) -> bool:
    """Return whether words are a question."""
    if text.rstrip().endswith(("?", "？")):
        return True
    return words[0] in QUESTION_WORDS and len(words) >= MIN_WORDS


def tells(words: Sequence[str]) -> bool:
    """Return whether words begin with a wish to be told or written something: “explain …”, “write a poem …”."""
    return words[0] in TELLING or (words[0] in WRITING and not TEXTS.isdisjoint(words))


def orders_new(words: Sequence[str]) -> bool:
    """Return whether a question may order a new row: “¿me apuntas …?”."""
    return words[0] not in WHO and any(word not in SMALL_WORDS and said(word, NEW) for word in words)


def about_rows(words: Sequence[str]) -> bool:
    """Return whether words speak of rows or of the assistant itself."""
    text = f" {' '.join(words)} "
    return (
        not (OF_ROWS | OF_THE_ASSISTANT).isdisjoint(words)
        or any(word.endswith(LISTS) for word in words)
        or any(text.startswith(f" {phrase} ") for phrase in ASKING)
        or any(f" {phrase} " in text for phrase in HAVING)
    )


def named_in(tables: Sequence[Table], rows: Sequence[Sequence[Row]]) -> frozenset[str]:
    """Return the words that name something of the app: tables, fields, choices, and titles of rows."""
    names: list[str] = []
    for table in tables:
        names += [table.name, table.label or "", *(choice for one in table.fields for choice in one.choices)]
        names += [part for one in table.fields for part in (one.name, one.label or "")]
    titles = (title_of(row, table) for table, some in zip(tables, rows, strict=False) for row in some[:MAX_TITLES])
    return frozenset(words_of(" ".join([*(name.replace("_", " ") for name in names), *titles])))


def without_phrases(words: Sequence[str], phrases: Iterable[str]) -> list[str]:
    """Return words without these phrases."""
    text = f" {' '.join(words)} "
    for phrase in phrases:
        text = text.replace(f" {phrase} ", " ")
    return text.split()

"""Whether the user's own words support starting a job, or an operation on one, and if not, why. Pure.

A job may take long, use the network, and write rows, so more is asked of the words than for a new row: they must order
it (a remark about a crawl starts none), and every value that is not the default was said.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apps.core import JOB
from apps.tables import Field, Row
from apps.work.declared import Job
from services.agent.grounding.rows import named_rows
from services.agent.grounding.sentences import Wish, sentences_of, without_quotations
from services.agent.grounding.support import NEW_ROW, NO_ORDER
from services.agent.grounding.values import is_said
from services.agent.grounding.vocabulary import (
    CONTINUE,
    JOB_WORDS,
    PAUSE,
    PREPARING,
    PRONOUNS,
    SMALL_WORDS,
    START,
    STOP,
    TAKEN_AS_NOUN,
    TRY_AGAIN,
)
from services.agent.grounding.words import content_words, folded, is_same, said, words_of

UNSAID = "You did not say {fields}."
WHICH = "You did not say which job."
OTHER = "You named another job."

ORDERING = {"cancel": STOP, "pause": PAUSE, "resume": CONTINUE | TRY_AGAIN, "retry": TRY_AGAIN | CONTINUE}
"""By operation on a job: the words that order it."""
ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?", re.IGNORECASE)
IN_ADDRESS = r"[\w.%~-]"
"""A character with which an address goes on."""
WITH_POINT = re.compile(r"\S*[./]\S+")
"""An address: its parts say nothing about a switch."""
DENYING = frozenset({"no", "not", "without", "never", "kein", "keine", "keinen", "ohne", "nicht", "sans", "pas", "sin"})
NOT_ORDERED = ("ing", "ed")
"""Endings of forms that order nothing: “crawling is slow”."""


def against_start(job: Job, arguments: Mapping[str, Any], wish: Wish) -> str:
    """Return why the user's words do not support a start, one sentence; "" if they do."""
    if not wish.orders:
        return NO_ORDER
    names = names_of(job)
    words = words_of(without_quotations(wish.orders))
    if not speaks_of(job, words):
        return NEW_ROW
    if not any(_orders_start(sentence, names) for sentence in sentences_of(wish.orders)):
        return NO_ORDER
    given = [one for one in job.fields if arguments.get(one.name) != one.empty]
    unsaid = [
        one.called
        for one in given
        if not _is_value_said(arguments[one.name], one, wish) or _is_said_of_another(one, given, arguments, words)
    ]
    return UNSAID.format(fields=", ".join(unsaid)) if unsaid else ""


def against_order(operation: str, row: Row, among: Sequence[Row], wish: Wish) -> str:
    """Return why the words do not support an operation on a job. `among`: the jobs that it may be about."""
    words = words_of(without_quotations(wish.orders)) if wish.orders else []
    if ORDERING[operation].isdisjoint(words):
        return NO_ORDER
    rows = list(among) if any(one["id"] == row["id"] for one in among) else [*among, row]
    named = named_rows(wish.orders, rows, JOB)
    if named.clearly or row["id"] in named.place:
        return "" if row["id"] in named.every else OTHER
    if len(rows) == 1:
        small = ORDERING[operation] | SMALL_WORDS | PREPARING | PRONOUNS | JOB_WORDS
        names = words_of(f"{row['app']} {row['job'].replace('_', ' ')}")
        return "" if all(said(word, names) for word in words if word not in small) else WHICH
    return WHICH


def names_of(job: Job) -> list[str]:
    """Return the words that name a job."""
    return content_words(f"{job.name.replace('_', ' ')} {job.label}")


def speaks_of(job: Job, words: Sequence[str]) -> bool:
    """Return whether words name a job."""
    return any(said(name, words) for name in names_of(job))


def _orders_start(sentence: str, names: Sequence[str]) -> bool:
    """Return whether a sentence has a word that starts something, or the name of the job as its verb."""
    words = words_of(without_quotations(sentence))
    nouns = {place for place in range(1, len(words)) if words[place - 1] in TAKEN_AS_NOUN}
    if any(word in START and place not in nouns for place, word in enumerate(words)):
        return True
    for place, word in enumerate(words):
        if any(is_same(word, name) for name in names):
            return place not in nouns and (word in names or not word.endswith(NOT_ORDERED))
        if word not in SMALL_WORDS | PREPARING:
            return False
    return False


def _is_value_said(value: Any, field: Field, wish: Wish) -> bool:
    """Return whether a value of a job was said; an address letter by letter, a switch by its whole name."""
    if isinstance(value, bool):
        return is_switch_said(field, words_of(WITH_POINT.sub(" ", without_quotations(wish.orders))))
    if isinstance(value, str) and is_address(value, field):
        return is_address_said(value, wish.orders)
    return is_said(value, field, wish.orders, reader=wish.reader)


def _is_said_of_another(one: Field, given: Sequence[Field], arguments: Mapping[str, Any], words: Sequence[str]) -> bool:
    """Return whether a number was said with the name of another field: “to depth 2” says nothing of the pages."""
    value = arguments[one.name]
    if isinstance(value, bool) or not isinstance(value, int | float) or _is_named(one, words):
        return False
    others = [other for other in given if other is not one and arguments[other.name] == value]
    return any(_is_named(other, words) for other in others)


def _is_named(field: Field, words: Sequence[str]) -> bool:
    """Return whether words name a field."""
    return any(said(word, words) for word in content_words(f"{field.name.replace('_', ' ')} {field.label}"))


def is_switch_said(field: Field, words: Sequence[str]) -> bool:
    """Return whether words name a switch by its whole name, and do not deny it: “no private addresses”."""
    names = content_words(field.name.replace("_", " "))
    denied = any(
        is_same(names[0], word) and not DENYING.isdisjoint(words[max(place - 2, 0) : place])
        for place, word in enumerate(words)
    )
    return not denied and all(said(name, words) for name in names)


def is_address(value: str, field: Field) -> bool:
    """Return whether a text is an address in a network."""
    return "://" in value or "url" in field.name.lower().split("_")


def is_address_said(value: str, text: str) -> bool:
    """Return whether a text has an address as it is; its scheme, `www.` and a slash at its end may be missing."""
    wanted = re.escape(ADDRESS.sub("", folded(value)).rstrip("/"))
    return bool(wanted and re.search(rf"(?<!{IN_ADDRESS})(?:www\.)?{wanted}/?(?![\w%~/-])(?!\.\w)", folded(text)))

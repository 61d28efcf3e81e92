"""Which sentences of the user order something, and which only ask, tell or quote. Pure."""

import re
from dataclasses import dataclass, replace

from apps.types.reader import HERE, Reader
from services.agent.grounding.vocabulary import (
    ASKING,
    CAN_YOU,
    CORRECTING,
    DONE,
    HEDGED,
    IDLE,
    IMPERATIVES,
    LENGTH,
    MEANT,
    NEGATED,
    NEW,
    PROPOSE,
    QUESTION,
    QUESTION_WORDS,
    REMINDED,
    SAID,
    TAGS,
    WANTED_BY_OTHERS,
    WHICH_ONE,
    YES,
)
from services.agent.grounding.words import content_words, folded, said, words_of

QUOTED = re.compile(
    r"^>[^\n]*|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«|\"[^\"]*\"|`[^`]*`|(?<!\w)'[^']*'(?!\w)|(?<!\w)‘[^’]*’(?!\w)",
    re.MULTILINE,
)
"""What stands in quotation marks, and lines that begin with `>`: the page quotes rows and files so."""
SENTENCE = re.compile(
    r"(?:[^.!?…\n。！？]|(?<=\w)\.(?=[a-z0-9]))+(?:[.!?…。！？]+(?=\s|$|[\"”“»'’])|[。！？]|\n|[.!?…]+|$)"
)
"""A sentence with its end. A point inside a number or a name (9.99, example.org) ends none."""
FORBIDDING = tuple(f"{one} " for one in NEGATED)
MAX_ANSWER_WORDS = 6
"""Words of an answer to "which one?"; a longer message says something of its own."""
MAX_TAG_WORDS = 2
"""Words of a small question behind an order."""
MAX_YES_WORDS = 5
"""Words; a longer message says more than yes."""
QUESTION_BEHIND = re.compile(
    rf"[,;]?\s+(?:and|but|und|aber|et|mais|y|pero|e|ma)?\s*(?=(?:{'|'.join(sorted(QUESTION_WORDS))})\b[^?]*\?)",
    re.IGNORECASE,
)
"""Where a question begins behind an order: "add milk, and | what is left?"."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user's words order. `orders`: the sentences that order something, joined; "" for none."""

    orders: str
    talk: str = ""
    """All words that may name a row to which an order only points ("it")."""
    before: str = ""
    """The words of the assistant before; if they name one row, an order may point to it."""
    reader: Reader = HERE
    """Who said them: which day "tomorrow" is."""


def wish_in(text: str, asked_before: str = "") -> Wish:
    """Return what a message orders. `asked_before`: the words of the assistant to which it answers.

    A plain yes to a question orders what the question named.
    """
    if is_yes(text) and "?" in asked_before:
        return Wish(asked_before, asked_before)
    return Wish(" \n".join(one for one in sentences_of(text) if orders(one)), text, asked_before)


def asks_which(text: str) -> bool:
    """Return whether words of the assistant ask which one is meant."""
    return any("?" in one and not WHICH_ONE.isdisjoint(words_of(one)) for one in sentences_of(text))


def completed(wish: Wish, earlier: str) -> Wish:
    """Return what a short answer to "which one?" orders: what the user's earlier words did, of what it names."""
    before = wish_in(earlier).orders if earlier else ""
    if not before or not wish.orders or len(words_of(wish.talk)) > MAX_ANSWER_WORDS:
        return wish
    return replace(wish, orders=f"{before}\n{wish.orders}")


def is_yes(text: str) -> bool:
    """Return whether a message says yes and no more."""
    words = words_of(text)
    return 0 < len(words) <= MAX_YES_WORDS and words[0] in YES and all(word in YES or len(word) < 3 for word in words)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text; quotations are never split."""
    quotations: list[str] = []

    def kept(found: re.Match[str]) -> str:
        quotations.append(found[0])
        return f"\ue000{len(quotations) - 1}\ue001"

    found = (part for one in SENTENCE.findall(QUOTED.sub(kept, text)) for part in QUESTION_BEHIND.split(one))
    parts = [one.strip() for one in found if one.strip()]
    return [re.sub(r"\ue000(\d+)\ue001", lambda found: quotations[int(found[1])], part) for part in parts]


def orders(sentence: str) -> bool:
    """Return whether a sentence may order something: it is no question, no quotation, and forbids nothing."""
    outside = QUOTED.sub(" ", sentence)
    words = words_of(outside)
    if not words:
        return False
    plain = f" {' '.join(words)} "
    if tells_of_others(words, plain):
        return False
    is_reminder = any(plain.startswith(f" {one} ") for one in REMINDED)
    if not is_reminder and any(plain.startswith(f" {one} ") for one in (*NEGATED, *IDLE)):
        return False
    asks_for_change = any(f" {one} " in plain for one in CAN_YOU)
    sentence = without_tag(sentence)
    asks = sentence.rstrip(" \"”“»'’)").endswith(("?", "？")) or words[0] in QUESTION
    asks = asks or any(plain.startswith(f" {one} ") for one in ASKING)
    return asks_for_change or not (asks or is_only_considered(plain))


def corrects(text: str) -> bool:
    """Return whether the user corrects himself: "no sorry, I meant eggplants"."""
    plain = f" {' '.join(words_of(text))} "
    return any(f" {one} " in plain for one in CORRECTING)


def tells_of_others(words: list[str], plain: str) -> bool:
    """Return whether a sentence tells what somebody else says or wants. `plain`: the same words, in spaces."""
    for phrase in MEANT:
        plain = plain.replace(f" {phrase} ", " ")
    left = plain.split()
    if left and left[0] == words[0] and words[0] in IMPERATIVES:
        left = left[1:]
    return any(word in SAID or word in WANTED_BY_OTHERS for word in left)


def without_tag(sentence: str) -> str:
    """Return a sentence without the small question at its end: “put it on the list, ok?”."""
    before, comma, tag = sentence.rpartition(",")
    words = words_of(tag)
    is_tag = bool(comma) and 0 < len(words) <= MAX_TAG_WORDS and TAGS.issuperset(words)
    return before if is_tag else sentence


def is_only_considered(plain: str) -> bool:
    """Return whether a sentence tells what may be done one day; "maybe add milk" is an order. `plain`: in spaces."""
    hedges = [one for one in HEDGED if f" {one} " in plain]
    if not hedges:
        return False
    for one in hedges:
        plain = plain.replace(f" {one} ", " ")
    return not plain.split() or plain.split()[0] not in NEW


def without_quotations(text: str) -> str:
    """Return a text without what stands in quotation marks."""
    return QUOTED.sub(" ", folded(text))


def asks_for_length(text: str) -> bool:
    """Return whether a message asks for an answer of some length, so that a persona's limit of words does not hold."""
    return not LENGTH.isdisjoint(words_of(text))


def asks_for_proposal(text: str) -> bool:
    """Return whether a message asks for words of the assistant's own, as in “what would you write here?”."""
    wanted = (one for one in sentences_of(text) if not f"{' '.join(words_of(one))} ".startswith(FORBIDDING))
    return any(not PROPOSE.isdisjoint(words_of(without_quotations(one))) for one in wanted)


def claims_a_change(text: str, wish: Wish) -> bool:
    """Return whether an answer says that it has done what was ordered: “I've added the milk.”; no question does."""
    words, ordered = words_of(text), content_words(wish.orders) if wish.orders else []
    about = [word for word in ordered if len(word) > 2 and said(word, words)]
    return bool(about) and "?" not in text and not DONE.isdisjoint(words)

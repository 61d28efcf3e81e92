"""Find dates, repeats and tags in a line of quick entry: "call the bank tomorrow 9:00 #home"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from apps.words.moments import When, written
from apps.words.reader import Reader
from apps.words.repeats import first_time
from apps.words.tokens import Token

LONGEST_LINE = 10_000
"""Characters. Behind them nothing is looked for."""
TAG = re.compile(r"(?<!\S)#([^\s#.,;:!?()\[\]{}\"'<>]+)")
OPENING = "([{\"'“„«¿¡"
CLOSING = ")]}\"'”“»,;:.!?…"

EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}")
"""What is left of “pay rent (tomorrow)”."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that was understood in a line."""

    value: str
    """As in an order: a date, a moment, a rule or a tag."""
    spans: tuple[Span, ...]
    """Where it stands: begin and end, in characters of the line. A moment may stand in two places."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was understood in a line of quick entry."""

    title: str
    """The line without the parts."""
    date: Part | None = None
    moment: Part | None = None
    """At most one of `date` and `moment` is there: the first of the line."""
    repeat: Part | None = None
    """Its value is an RRULE text without the prefix: "FREQ=WEEKLY;BYDAY=MO"."""
    tags: tuple[Part, ...] = ()
    """Values without the "#"."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A date, time or repeat that may be meant, from one token of the line to another."""

    start: int
    end: int
    span: Span
    when: When | None = None
    rule: str = ""
    sure: bool = True


def found_in(text: str, now: datetime, locale: str) -> Found:
    """Find the first date or moment, the first repeat, and the tags of a line."""
    tags = tuple(Part(one[1], (one.span(),)) for one in TAG.finditer(text) if any(map(str.isalpha, one[1])))
    reader = Reader(now, locale)
    pieces = _meant(text, reader, [tag.spans[0] for tag in tags])
    repeat = next((one for one in pieces if one.rule), None)
    whens = _belonging_together([one for one in pieces if one.when])
    date, moment = _value(reader, [one.when for one in whens if one.when], repeat.rule if repeat else "")
    spans = tuple(one.span for one in whens)
    found = Found(
        "",
        Part(date, spans) if date else None,
        Part(moment, spans) if moment else None,
        Part(repeat.rule, (repeat.span,)) if repeat else None,
        tags,
    )
    return replace(found, title=without(text, found))


def all_in(text: str, now: datetime, locale: str) -> tuple[set[str], set[str]]:
    """Return the dates and moments, and the rules of the repeats, that a text names anywhere."""
    reader = Reader(now, locale)
    pieces = list(_pieces(text, reader, reader.tokens(text[:LONGEST_LINE])))
    whens = [one.when for one in pieces if one.when]
    days = {value for when in whens for value in _value(reader, [when], "") if value}
    return days, {one.rule for one in pieces if one.rule}


def _meant(text: str, reader: Reader, tags: Sequence[Span]) -> list[Piece]:
    """Return the pieces of a line that are dates, times and repeats for certain, in their order."""
    tokens = reader.tokens(text[:LONGEST_LINE])
    pieces = list(_pieces(text, reader, tokens))
    covered = {at for one in pieces for at in range(one.start, one.end)}
    in_tags = {at for start, end in tags for at in range(start, end)}
    tagged = {at for at, token in enumerate(tokens) if token.start in in_tags}
    others = [at for at in range(len(tokens)) if at not in covered and at not in tagged and tokens[at].kind != "other"]
    last = max(others, default=-1)
    beside = {edge for one in pieces if one.rule and one.sure for edge in (one.start, one.end)}
    return [
        one
        for one in pieces
        if one.start not in tagged and (one.sure or one.end > last or {one.start, one.end} & beside)
    ]


def _pieces(text: str, reader: Reader, tokens: Sequence[Token]) -> Iterator[Piece]:
    at = 0
    while at < len(tokens):
        piece = _piece(reader, tokens, at)
        if piece and _stands_alone(text, piece.span):
            yield piece
            at = piece.end
        else:
            at += 1


def _piece(reader: Reader, tokens: Sequence[Token], at: int) -> Piece | None:
    """Return the longest date, time or repeat from this token on."""
    when = reader.when(tokens, at)
    repeat = reader.repeat(tokens, at)
    if repeat and (not when or repeat.end >= when.end):
        return Piece(at, repeat.end, _span(tokens, at, repeat.end), rule=repeat.rule, sure=repeat.sure)
    if when and when.alone:
        return Piece(at, when.end, _span(tokens, at, when.end), when=when, sure=when.sure)
    return None


def _belonging_together(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the first date or time, and a time or date that completes it: "tomorrow call the bank at 9:00"."""
    first, rest = pieces[:1], pieces[1:]
    for one in first:
        for other in rest:
            if one.when and other.when and one.when.completes(other.when):
                return [one, other]
    return list(first)


def _value(reader: Reader, whens: Sequence[When], rule: str) -> tuple[str, str]:
    """Return the date and the moment that were found; one of them is "", or both."""
    if not whens:
        return "", ""
    when = whens[0].joined(whens[1]) if len(whens) > 1 else whens[0]
    if when.day and when.minutes is None:
        return when.day.isoformat(), ""
    if rule and not when.day and when.minutes is not None:
        moment = first_time(rule, when.minutes, reader.now)
    else:
        moment = reader.moment(when)
    return "", written(moment) if moment else ""


def without(text: str, found: Found) -> str:
    """Return the line without what was found."""
    parts = [one for one in (found.date or found.moment, found.repeat, *found.tags) if one]
    kept, end = [], 0
    for start, behind in sorted(span for part in parts for span in part.spans):
        kept.append(text[end:start])
        end = behind
    rest = EMPTY_BRACKETS.sub("", " ".join((*kept, text[end:])))
    title = " ".join(rest.split())
    return re.sub(r" +([,;.:!?])", r"\1", title).strip(" ,;") if parts else text.strip()


def _span(tokens: Sequence[Token], at: int, end: int) -> Span:
    return tokens[at].start, tokens[end - 1].end


def _stands_alone(text: str, span: Span) -> bool:
    """Return whether a piece is no part of a longer word, a number, an address or the name of a file."""
    start, end = span
    before, behind, beyond = text[start - 1 : start], text[end : end + 1], text[end + 1 : end + 2]
    opened = not before or before.isspace() or before in OPENING
    return opened and (not behind or behind.isspace() or (behind in CLOSING and not beyond.isalnum()))

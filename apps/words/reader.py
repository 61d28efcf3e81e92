"""Put days and times together: "tomorrow at 9", "um halb neun am Freitag", "dans deux heures"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from apps.words.dates import date_meant, in_digits
from apps.words.languages.table import LANGUAGES
from apps.words.moments import When, at_time
from apps.words.repeats import rule_meant
from apps.words.slots import Grammar, Line, duration, grammar_of
from apps.words.times import Clock, read_time, read_time_in
from apps.words.tokens import Token, tokens_of

JOINTS = frozenset((",", "t"))
"""What may stand between a date and a time."""
MONTH_FIRST = re.compile(r"en[-_](us|ph|fm|as|gu|mp|pr|vi|um)\b", re.IGNORECASE)
"""Locales in which 03/04 is 4 March."""
LONGEST_TEXT = 200
"""Characters. A longer text is neither a date nor a moment."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repeat that stands in a line. `sure`: as in `When`."""

    end: int
    rule: str
    sure: bool = True


@dataclass(frozen=True)
class Reader:
    """Reads a line for somebody: their moment, zone and locale."""

    now: datetime
    locale: str

    @property
    def own_language(self) -> str:
        """The language of the locale, "" if there is no locale."""
        return self.locale[:2].casefold()

    @cached_property
    def grammars(self) -> list[Grammar]:
        """The languages to try, the reader's first."""
        return [grammar_of(code) for code in sorted(LANGUAGES, key=lambda code: code != self.own_language)]

    def tokens(self, text: str) -> list[Token]:
        """Return the tokens of a line."""
        return tokens_of(text, {word: cut for grammar in self.grammars for word, cut in grammar.compounds.items()})

    def when(self, tokens: Sequence[Token], at: int) -> When | None:
        """Return the longest date or time from this token on, in any language."""
        lines = (Line(tokens, grammar) for grammar in self.grammars if grammar.may_begin(tokens, at))
        return _longest(self._when(line, at) for line in lines)

    def readings(self, text: str) -> Iterator[When]:
        """Yield each way to read a text as a date or time, from its first character to its last."""
        tokens = self.tokens(text) if len(text) <= LONGEST_TEXT else []
        for grammar in self.grammars if tokens else ():
            found = self._readings(Line(tokens, grammar), 0)
            yield from (one for one in found if one and one.end == len(tokens))

    def repeat(self, tokens: Sequence[Token], at: int) -> Repeat | None:
        """Return the longest repeat from this token on, in any language."""
        lines = (Line(tokens, grammar) for grammar in self.grammars if grammar.may_begin(tokens, at))
        found = [
            (match, rule_meant(match.meaning, match.values)) for line in lines if (match := line.longest("repeats", at))
        ]
        made = (
            Repeat(match.end, rule, sure=match.end > at + 1 or "plurals" in match.values)
            for match, rule in found
            if rule
        )
        return max(made, key=lambda one: one.end, default=None)

    def moment(self, when: When) -> datetime | None:
        """Return the moment that is meant; None for a day without a time. A time without a day is the next such one."""
        if when.exact or when.minutes is None:
            return when.exact
        try:
            if when.day:
                return at_time(when.day, when.minutes, self.now)
            today = at_time(self.now.date(), when.minutes, self.now)
            return today if today > self.now else at_time(self.now.date() + timedelta(days=1), when.minutes, self.now)
        except OverflowError:
            return None

    def _when(self, line: Line, at: int) -> When | None:
        return _longest(self._readings(line, at))

    def _readings(self, line: Line, at: int) -> Sequence[When | None]:
        """Return what can stand here. Of equally long ones, the first one counts."""
        lead = line.longest("leads", at)
        behind = self._day_and_time(line, lead.end) if lead else None
        return (
            replace(behind, alone=True, sure=True) if behind else None,
            self._day_and_time(line, at),
            self._time_and_day(line, at),
            self._exact(line, at),
        )

    def _day_and_time(self, line: Line, at: int) -> When | None:
        if part := line.longest("todays_parts", at):
            clock = read_time_in(line, part.meaning, part.end)
            return When(clock.end, self.now.date(), clock.minutes) if clock else None
        day = self._day(line, at)
        clock = read_time(line, _behind_joint(line, day.end)) if day else None
        return _together(day, clock, clock.end) if day and clock else day

    def _time_and_day(self, line: Line, at: int) -> When | None:
        clock = read_time(line, at)
        if not clock:
            return None
        lead = line.longest("leads", clock.end)
        day = self._day(line, lead.end if lead else _behind_joint(line, clock.end))
        return (
            _together(day, clock, day.end)
            if day
            else When(clock.end, None, clock.minutes, None, clock.alone, clock.sure)
        )

    def _exact(self, line: Line, at: int) -> When | None:
        found = line.longest("moments", at)
        if not found:
            return None
        seconds = {"now": 0, "ahead": 1, "ago": -1}[found.meaning] * found.values.get("duration", 0)
        try:
            moment = (self.now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.now.tzinfo)
        except OverflowError:
            return None
        is_now = found.meaning == "now"
        return When(found.end, exact=moment.replace(microsecond=0), alone=not is_now)

    def _day(self, line: Line, at: int) -> When | None:
        """Read a day, with the weekday that may stand before it: "Friday, 3 April"."""
        weekday = line.word("weekday", at)
        found = self._date(line, at)
        if weekday is None:
            return found
        full = self._date(line, _behind_joint(line, at + 1))
        if not full or (found and found.end >= full.end) or full.day is None:
            return found
        return replace(full, sure=True) if full.day.weekday() == weekday else None

    def _date(self, line: Line, at: int) -> When | None:
        if at < len(line.tokens) and line.tokens[at].kind == "date":
            text = line.tokens[at].text
            day = in_digits(self.now.date(), text, month_first=bool(MONTH_FIRST.match(self.locale)))
            return When(at + 1, day, sure=len(text) > len("31.12.")) if day else None
        found = line.longest("dates", at)
        day = date_meant(found.meaning, self.now.date(), found.values) if found else None
        if not found or not day:
            return None
        word = line.tokens[at].text if found.end == at + 1 else ""
        is_foreign = word in line.grammar.foreign and line.grammar.language.code != self.own_language
        in_month = found.meaning == "day_of_month"
        is_ordinal = in_month and line.tokens[at].kind == "number"  # which may count anything: "Read chapter 3."
        alone = word not in line.grammar.shy and not is_foreign and not is_ordinal
        return When(found.end, day, alone=alone, sure=not in_month)


def lengths_of(text: str) -> Iterator[int]:
    """Yield each way to read a text as a duration, in seconds."""
    for line in _lines(text):
        found = duration(line, 0)
        if found and found[1] == len(line.tokens):
            yield found[0]


def rules_of(text: str) -> Iterator[str]:
    """Yield each way to read a text as a repeat."""
    for line in _lines(text):
        found = line.longest("repeats", 0)
        rule = rule_meant(found.meaning, found.values) if found and found.end == len(line.tokens) else None
        if rule:
            yield rule


def _lines(text: str) -> Iterator[Line]:
    tokens = tokens_of(text) if len(text) <= LONGEST_TEXT else []
    yield from (Line(tokens, grammar_of(code)) for code in LANGUAGES)


def _longest(found: Iterable[When | None]) -> When | None:
    return max((one for one in found if one), key=lambda one: one.end, default=None)


def _together(day: When, clock: Clock, end: int) -> When:
    return When(end, day.day, clock.minutes)


def _behind_joint(line: Line, at: int) -> int:
    return at + 1 if at < len(line.tokens) and line.tokens[at].text in JOINTS else at

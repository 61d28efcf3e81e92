"""The types `integer`, `real` and `boolean`."""

import math
import re
import unicodedata
from datetime import datetime
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from apps.types.reader import Reader

LARGEST_INTEGER = 2**63 - 1

YES = {
    *("true", "on", "1", "yes", "y", "t", "x", "[x]", "✓", "✔", "☑", "✅", "checked", "ticked", "done"),
    *("wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "vero", "sì", "verdadeiro", "sim", "waar", "sant", "sand"),
    *("sann", "tosi", "kyllä", "prawda", "tak", "pravda", "ano", "igaz", "doğru", "evet", "истина", "да", "так"),
    *("是", "真", "はい", "예", "참", "نعم", "כן", "हाँ"),
}
"""What programs write for yes: their ticks, and the words of their languages. In lower case, width and form folded."""
NO = {
    *("false", "off", "0", "no", "n", "f", "", "[ ]", "[]", "✗", "✘", "☐", "❌", "-", "–", "unchecked", "unticked"),
    *("falsch", "nein", "faux", "non", "falso", "não", "onwaar", "nee", "falskt", "nej", "falsk", "usann", "nei"),
    *(
        "epätosi",
        "ei",
        "fałsz",
        "nie",
        "nepravda",
        "ne",
        "hamis",
        "nem",
        "yanlış",
        "yanliş",
        "hayır",
        "hayir",
        "ложь",
        "нет",
        "ні",
    ),
    *("否", "假", "いいえ", "偽", "아니요", "거짓", "لا", "לא", "नहीं"),
}
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,400}(\.0*)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})")
"""With three digits behind it, the comma could as well divide thousands."""


def check_integer(value: Any, _rules: Rules) -> int:
    """Take a whole number that SQLite can hold."""
    if type(value) is not int or not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
        raise wrong_type(value, "a whole number of at most 64 bits")
    return value


def check_real(value: Any, _rules: Rules) -> float:
    """Take any number but the infinities and NaN."""
    try:
        number = float(value) if type(value) in (int, float) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise wrong_type(value, "a finite number")
    return number


def check_boolean(value: Any, _rules: Rules) -> bool:
    """Take true and false, also as 1 and 0."""
    if value not in (True, False) or type(value) not in (bool, int):
        raise wrong_type(value, "true or false")
    return bool(value)


def show_boolean(value: Any, _reader: Reader) -> str:
    """Return a boolean in words."""
    return yes_or_no(value)


def yes_or_no(value: Any) -> str:
    """Return a boolean in words."""
    return "yes" if value else "no"


def plain(text: str) -> str:
    """Return a text with its width and form folded, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def refused(text: str, expected: str) -> Misfit:
    """Return the refusal of a text that is not of the type."""
    return Misfit("wrong_type", f"is {text!r:.60}. Expected: {expected}.")


def parse_boolean(text: str, _now: datetime, _locale: str) -> bool:
    """Take what a box or a cell says."""
    word = plain(text).casefold().replace("\ufe0f", "")
    if WHOLE_NUMBER.fullmatch(word):
        word = str(int(word.partition(".")[0]))
    if word not in YES and word not in NO:
        raise refused(text, "true or false")
    return word in YES


def parse_integer(text: str, _now: datetime, _locale: str) -> int | None:
    """Take a whole number, also with zeros behind its point."""
    if not (number := plain(text)):
        return None
    if not WHOLE_NUMBER.fullmatch(number):
        raise refused(text, "a whole number")
    return int(number.partition(".")[0])


def parse_real(text: str, _now: datetime, _locale: str) -> float | None:
    """Take a number, also with a decimal comma."""
    if not (number := plain(text)):
        return None
    if DECIMAL_COMMA.fullmatch(number):
        number = number.replace(",", ".")
    try:
        return float("_" if "_" in number else number)  # Python takes it between digits
    except ValueError:
        raise refused(text, "a number") from None


INTEGER = FieldType(
    0, check_integer, "a whole number", parse=parse_integer, sum_up=sum, is_whole=True, is_ordered=True, has_unit=True
)
REAL = FieldType(0.0, check_real, "a number", parse=parse_real, sum_up=math.fsum, is_ordered=True, has_unit=True)
BOOLEAN = FieldType(False, check_boolean, "true or false", show_boolean, parse_boolean, is_switch=True)

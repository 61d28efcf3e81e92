"""The normal form of a text, for searching; its words, for the index; and its key, for sorting. All are pure.

The text itself stays as it was typed. Equal in the normal form are: upper and lower case, letters with and without
accents, composed and decomposed letters, full and half width, hiragana and katakana, digits of all scripts. (Unicode's
forms NFC and NFKD: https://unicode.org/reports/tr15/)
"""

import re
import unicodedata

VERSION = f"1, Unicode {unicodedata.unidata_version}"
"""Changes whenever the normal form of some text changes: then an index must be made again."""

ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"  # of Latin, Greek, Cyrillic
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # of Hebrew
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"  # of Arabic
)
UNSEEN = re.compile(
    "[\u00ad\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
"""Joiners, marks of direction, variants of a letter or emoji (also the colour of its skin), the Arabic stretcher."""

ALONE = re.compile(
    "[\u0e00-\u0eff\u0f40-\u0fbc\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Tibetan, Burmese, Khmer
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"  # Korean, whose words grow at their ends
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Letters of scripts that write no spaces between words: each is a word of the index, and a word is a row of them."""
SYMBOLS = re.compile("[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
"""Emoji and the like. SQLite's index takes no such characters: they are written as `SYMBOL` and their number."""
SYMBOL = "\ue000"

STRUCK = {
    "ø": "o\u0338",
    "ł": "l\u0335",
    "đ": "d\u0335",
    "ħ": "h\u0335",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "ð": "d\u0335",
}
"""Letters that Unicode does not decompose."""
FIRST_DIGITS = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0),
    *(0x0F20, 0x1040, 0x17E0, 0x1810),
)
"""The zero of each script; the other digits follow it."""
KATAKANA, TO_HIRAGANA = range(0x30A1, 0x30F7), 0x60
EQUAL = str.maketrans(
    STRUCK
    | {chr(first + digit): str(digit) for first in FIRST_DIGITS for digit in range(10)}
    | {chr(one): chr(one - TO_HIRAGANA) for one in KATAKANA}
)
NUMBER = re.compile("[0-9]+")
LONGEST_NUMBER = 1_000
"""Digits of a number that is sorted by its value."""


def normal(text: str) -> str:
    """Return the normal form of a text."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", ACCENTS.sub("", _decomposed(text)))


def _decomposed(text: str) -> str:
    """Return the text in lower case, each letter without its accents, which follow it."""
    lower = unicodedata.normalize("NFKD", text).casefold()
    return UNSEEN.sub("", unicodedata.normalize("NFKD", lower).translate(EQUAL))


def words(text: str) -> str:
    """Return what the index of words gets for a text, and for what is searched in it."""
    found = normal(text)
    if found.isascii():
        return found
    return SYMBOLS.sub(_symbol, ALONE.sub(_spaced, found))


def _spaced(found: re.Match[str]) -> str:
    return f" {' '.join(found[0])} "


def _symbol(found: re.Match[str]) -> str:
    return f" {SYMBOL}{ord(found[0]):x} "


def sort_key(text: str) -> str:
    """Return a text by which texts sort as people sort: without case, accents beside their letter, numbers by value."""
    key = text.lower() if text.isascii() else _decomposed(text)
    return NUMBER.sub(_by_value, key.strip()) if NUMBER.search(key) else key.strip()


def _by_value(found: re.Match[str]) -> str:
    """Return a number with its length before it: a longer number is greater."""
    digits = found[0].lstrip("0")
    return f"0{chr(0x30 + min(len(digits), LONGEST_NUMBER))}{digits}"

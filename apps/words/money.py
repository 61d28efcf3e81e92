"""Read amounts of money: "12,50 €", "$1,234.50", "1.234,50 EUR", "5 euros"."""

import re

from apps.words.currencies import CODES, SIGNS, THREE_DECIMALS, WORDS
from apps.words.tokens import fold

LONGEST = 80
"""Characters. A longer text is no amount."""
MOST_DIGITS = 30
GROUP_SPACES = "[ \u00a0\u2009\u202f'’]"
DIGITS = rf"[0-9]+(?:{GROUP_SPACES}[0-9]{{3}})*(?:[.,][0-9]+)*(?:[.,][-–—])?|[.,][0-9]+"
CURRENCY = r"[^\W\d_]+\.?|[^\W\d_]{0,3}[$€£¥₹₽₩₺₴₫₪₱฿]"
AMOUNT = re.compile(
    rf"(?P<minus>[-−])?(?P<before>{CURRENCY})?\s?(?P<inner>[-−])?(?P<digits>{DIGITS})\s?(?P<behind>{CURRENCY})?"
)
GROUPS = re.compile(r"[0-9]*|[0-9]{1,3}(?:(?P<sign>[., ])[0-9]{2,3})?(?:(?P=sign)[0-9]{2,3})*(?<=[., ][0-9]{3})")
"""Digits in groups of three; in India those before the last have two."""
SPLIT = re.compile(rf"(?P<whole>[0-9]+)\s?(?P<sign>{CURRENCY})\s?(?P<cents>[0-9]{{2}})")
"""An amount with its currency in the place of the comma: "12€50"."""
COMMA_LANGUAGES = frozenset(("de", "fr", "es"))


def money_of(text: str, locale: str) -> str | None:
    """Return "12.50" or "12.50 EUR"; None if the text is no amount, or the currency is none."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if split := SPLIT.fullmatch(text):
        return _written("", f"{int(split['whole'])}.{split['cents']}", _currency(split["sign"]))
    found = AMOUNT.fullmatch(text)
    if not found or (found["before"] and found["behind"]) or (found["minus"] and found["inner"]):
        return None
    said = found["before"] or found["behind"]
    currency = _currency(said) if said else ""
    number = None if currency is None else _plain(found["digits"], currency, locale)
    return number and _written("-" if found["minus"] or found["inner"] else "", number, currency)


def _written(sign: str, number: str, currency: str | None) -> str | None:
    if currency is None or len(number) > MOST_DIGITS:
        return None
    sign = sign if number.strip("0.") else ""  # there is no -0
    return f"{sign}{number} {currency}".rstrip()


def _currency(said: str) -> str | None:
    """Return the code of a currency, None if there is none of this name."""
    code = said.upper()
    return code if code in CODES else SIGNS.get(code) or WORDS.get(fold(said.rstrip(".")))


def _plain(digits: str, currency: str, locale: str) -> str | None:
    """Return the digits with a dot before the decimals and nothing between groups; None if the groups are wrong."""
    digits = re.sub(r"[.,][-–—]$", "", re.sub(GROUP_SPACES, " ", digits))
    decimal = _decimal_sign(digits, currency, locale)
    if decimal is None:
        return None
    whole, _, decimals = digits.rpartition(decimal) if decimal else (digits, "", "")
    if not GROUPS.fullmatch(whole):
        return None
    whole = re.sub("[^0-9]", "", whole).lstrip("0") or "0"
    return f"{whole}.{decimals}" if decimals else whole


def _decimal_sign(digits: str, currency: str, locale: str) -> str | None:
    """Return which sign stands before the decimals, "" if there are none; None if that makes no sense: "1,2.3,4"."""
    signs = re.findall("[.,]", digits)
    if not signs:
        return ""
    last: str = signs[-1]
    if len(set(signs)) > 1 or " " in digits:  # "1,234.50": the last one is another than the others
        return last if signs.count(last) == 1 else None
    if len(signs) > 1:  # "1.234.567"
        return ""
    whole, _, behind = digits.partition(last)
    if len(behind) != 3 or not 1 <= len(whole) <= 3 or whole[0] == "0":
        return last
    return last if _is_decimal(last, currency, locale) else ""


def _is_decimal(sign: str, currency: str, locale: str) -> bool:
    """Return whether the only sign, with three digits behind it, stands before decimals: "1,234"."""
    language = locale[:2].casefold()
    if language:
        return sign == ("," if language in COMMA_LANGUAGES else ".")
    return currency in THREE_DECIMALS

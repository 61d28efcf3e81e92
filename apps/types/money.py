"""The type `money`: an exact amount, with a currency or without: `12.50 EUR`, `12.50`. Never a float."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from apps.types.reader import Reader, language_of
from apps.words import read_money
from apps.words.currencies import CODES, SIGNS

MOST_WHOLE_DIGITS, MOST_DECIMALS = 18, 8
"""Digits before and behind the point: all the money of the world in the smallest parts of any currency."""
AMOUNT = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?(?: ([A-Z]{3}))?", re.ASCII)
EXPECTED = "an amount like 12.50 or 12.50 EUR"

CONVENTIONS = ((",", "."), (" ", "."), (".", ","), (" ", ","))
"""What divides thousands, and what the whole part from the rest: tried after those of the reader's language."""
PLAIN = {"−": "-", "\u00a0": " ", "\u202f": " "}
"""What is written in place of a minus and of a space."""


def check_money(value: Any, rules: Rules) -> str:
    """Take an exact amount as a text. One without a currency gets the field's."""
    if type(value) is not str:
        raise wrong_type(value, f"{EXPECTED}, as a text, which is exact")
    found = AMOUNT.fullmatch(value)
    if not found:
        raise Misfit("wrong_type", f"is {value!r:.60}. Expected: {EXPECTED}.")
    sign, whole, decimals, currency = found.groups()
    whole = whole.lstrip("0") or "0"
    if len(whole) > MOST_WHOLE_DIGITS or len(decimals or "") > MOST_DECIMALS:
        digits = f"at most {MOST_WHOLE_DIGITS} before and {MOST_DECIMALS} behind the point fit"
        raise Misfit("too_long", f"has {len(whole) + len(decimals or ''):,} digits, {digits}. Shorten it.")
    refuse_unknown(currency or rules.unit)
    amount = whole + (f".{decimals}" if decimals else "")
    minus = "-" if sign == "-" and Decimal(amount) else ""
    return " ".join(filter(None, (minus + amount, currency or rules.unit)))


def refuse_unknown(currency: str) -> None:
    """Raise `Misfit` for a currency that there is not; "" is none."""
    if currency and currency not in CODES:
        raise Misfit("bad_value", f"is in {currency!r:.40}, which is no currency. Expected a code like EUR or USD.")


def parse_money(text: str, _now: datetime, locale: str) -> str | None:
    """Read an amount with its currency, as a code or a sign, on either side: "12,50 €", "$12.50"."""
    given = text.strip()
    for sign, plain in PLAIN.items():
        given = given.replace(sign, plain)
    if not given:
        return None
    return as_written(given, locale) or in_words(given, locale)


def in_words(text: str, locale: str) -> str:
    """Return the amount that is said in words, or raise `Misfit`."""
    understood = read_money(text, locale)
    if understood is None:
        raise Misfit("wrong_type", f"is {text!r:.60}. Expected: {EXPECTED}.")
    return understood


WRITTEN = re.compile(r"(-?)([^\d\s,+-]*) ?(-?)(\d[\d., ]*) ?([^\d\s,+-]*)")


def as_written(text: str, locale: str) -> str | None:
    """Return the amount of a text that is digits and a currency; None for another text."""
    found = WRITTEN.fullmatch(text)
    if not found or (found[2] and found[5]):
        return None
    currency = currency_of(found[2] or found[5], locale)
    digits = plain_number(found[4].strip(), locale)
    if currency is None or digits is None:
        return None
    minus = "-" if found[1] or found[3] else ""
    return f"{minus}{digits} {currency}".rstrip()


def currency_of(sign: str, locale: str) -> str | None:
    """Return the code of a sign or code; "" for none, None for what is neither."""
    if not sign:
        return ""
    if sign in SIGNS:
        return SIGNS[sign]
    code = sign.upper()
    if len(code) == 3 and code.isascii() and code.isalpha():
        if code not in CODES and read_money(f"1 {sign}", locale):
            return None  # a word for a currency, not a code
        refuse_unknown(code)
        return code
    return None


def plain_number(digits: str, locale: str) -> str | None:
    """Return a number of the locale without groups and with a point; None for what is no number.

    Where both could be meant ("1.234"), the locale decides.
    """
    language = language_of(locale)
    for group, point in ((language.group.replace("\u202f", " "), language.point), *CONVENTIONS):
        pattern = rf"(\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|\d+)(?:{re.escape(point)}(\d+))?"
        if found := re.fullmatch(pattern, digits, re.ASCII):
            return found[1].replace(group, "") + (f".{found[2]}" if found[2] else "")
    return None


def parts_of(value: str) -> tuple[Decimal, str]:
    """Return the amount and the currency ("" for none) of a stored value."""
    amount, _, currency = value.partition(" ")
    return Decimal(amount), currency


def show_money(value: str, reader: Reader) -> str:
    """Return an amount as the reader's language writes it: "12,50 €", "€12.50"; a rare currency by its code."""
    amount, _, currency = value.partition(" ")
    digits, _, decimals = amount.lstrip("-").partition(".")
    language, minus = reader.language, "-" if amount.startswith("-") else ""
    shown = f"{int(digits):,}".replace(",", language.group) + (f"{language.point}{decimals}" if decimals else "")
    symbol = next((one for one, code in SIGNS.items() if code == currency and len(one) == 1), "")
    if language.symbol_first and symbol:
        return f"{minus}{symbol}{shown}"
    return f"{minus}{shown}\u00a0{symbol or currency}".rstrip()


def money_key(value: str) -> str:
    """Return a text that sorts by currency, then by amount."""
    amount, currency = parts_of(value)
    width, smallest = MOST_WHOLE_DIGITS + MOST_DECIMALS, in_smallest(amount)
    # a negative amount is written as its distance from the least one, so that texts sort as the numbers do
    return f"{currency:3} 1{smallest:0{width}}" if smallest >= 0 else f"{currency:3} 0{10**width + smallest:0{width}}"


def of_same_currency(value: str) -> tuple[str, str]:
    """Return the keys before and behind all amounts of a value's currency."""
    _, currency = parts_of(value)
    return f"{currency:3} 0", f"{currency:3} 2"


def in_smallest(amount: Decimal) -> int:
    """Return an amount as a whole number of the smallest part that fits: exact, whatever is added to it."""
    return int(amount.scaleb(MOST_DECIMALS))


def total(values: Iterable[str]) -> list[str]:
    """Return the exact sums of stored values, one for each currency, sorted by it."""
    sums: dict[str, int] = {}
    decimals: dict[str, int] = {}
    for value in values:
        amount, _, currency = value.partition(" ")
        sums[currency] = sums.get(currency, 0) + in_smallest(Decimal(amount))
        decimals[currency] = max(decimals.get(currency, 0), len(amount.partition(".")[2]))
    return [_amount(sums[one], decimals[one], one) for one in sorted(sums)]


def amounts(sums: list[str] | None) -> dict[str, float]:
    """Return the amounts of a sum by their currency, to draw them."""
    return {currency: float(amount) for amount, currency in map(parts_of, sums or ())}


def _amount(smallest: int, decimals: int, currency: str) -> str:
    whole, rest = divmod(abs(smallest), 10**MOST_DECIMALS)
    behind = f".{rest:0{MOST_DECIMALS}}"[: decimals + 1] if decimals else ""
    return f"{'-' if smallest < 0 else ''}{whole}{behind} {currency}".rstrip()


MONEY = FieldType(
    None,
    check_money,
    EXPECTED,
    show_money,
    parse_money,
    money_key,
    unit_keys=of_same_currency,
    sum_up=total,
    amounts=amounts,
    is_ordered=True,
    has_unit=True,
)

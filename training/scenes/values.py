"""A value as the assistant writes it in an instruction, and as a person says it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from training.speech.language import FieldKind, Language

WORDS_SHARE = 0.25
"""Of small numbers that are said in words."""
GROUPED_SHARE = 0.5
"""Of thousands that are said with a sign between them; some others as "9k"."""
CODES = ("EUR", "USD", "GBP")
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
OTHER_WORDS_SHARE = 0.7
"""Of choices that are said in other words than the declaration has."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value. `written`: as it stands in an instruction; `words`: as it is said."""

    written: Any
    words: str


def some_value(field: FieldKind, language: Language, rng: Random) -> Said:
    """Return a value for a field."""
    if field.choices:
        return some_choice(field, rng)
    return MAKERS[field.type](field, language, rng)


def some_choice(field: FieldKind, rng: Random) -> Said:
    """Return one of the choices."""
    choice = rng.choice(tuple(field.choices))
    return Said(choice, choice_words(field, choice, rng))


def choice_words(field: FieldKind, choice: str, rng: Random) -> str:
    """Return a choice as people say it."""
    ways = field.choices[choice]
    return rng.choice(ways) if ways and rng.random() < OTHER_WORDS_SHARE else choice


def some_number(field: FieldKind, language: Language, rng: Random) -> Said:
    """Return a whole number."""
    least, most = field.values or (1, 200)
    number = rng.randint(least, most)
    if most > 1_000 and not field.plain and rng.random() < 0.5:
        number = max(number // 100 * 100, least)  # people speak of round thousands
    return Said(number, number_words(number, field, language, rng))


def number_words(number: int, field: FieldKind, language: Language, rng: Random) -> str:
    """Return a whole number as people say it: "three", "1,200", "9k"."""
    if field.plain:
        return str(number)
    if number < len(language.numbers) and rng.random() < WORDS_SHARE:
        return language.numbers[number]
    if number >= 1_000 and number % 100 == 0 and rng.random() < 1 - GROUPED_SHARE:
        return f"{number / 1_000:g}k".replace(".", language.point)
    if number >= 1_000 and rng.random() < GROUPED_SHARE:
        return f"{number:,}".replace(",", language.group)
    return str(number)


def some_real(field: FieldKind, language: Language, rng: Random) -> Said:
    """Return a number with decimals, or a whole one."""
    if rng.random() < 0.4:
        return some_number(field, language, rng)
    least, most = field.values or (1, 200)
    number = round(rng.uniform(least, min(most, 900)), rng.choice((1, 2)))
    return Said(number, f"{number:g}".replace(".", language.point))


def some_money(field: FieldKind, language: Language, rng: Random) -> Said:
    """Return an amount, with a currency or without."""
    least, most = field.values or (1, 200)
    amount = f"{rng.randint(least, most)}" if rng.random() < 0.5 else f"{rng.uniform(least, min(most, 900)):.2f}"
    said = amount.replace(".", language.point)
    if "." not in amount and len(amount) > 3:
        said = number_words(int(amount), field, language, rng)
    if rng.random() < 0.4:
        return Said(amount, said)
    code = field.unit or rng.choice(CODES)
    word = rng.choice(language.lists["money_word"]) if code == "EUR" else code
    forms = (f"{said} {word}", f"{said} {SIGNS[code]}", f"{SIGNS[code]}{said}") if language.point == "." else (
        f"{said} {word}", f"{said} {SIGNS[code]}", f"{said}{SIGNS[code]}"
    )  # fmt: skip
    return Said(f"{amount} {code}", rng.choice(forms))


def some_words(name: str) -> Callable[[FieldKind, Language, Random], Said]:
    """Return a maker of values that are written as they are said, from a list of words."""

    def make(_field: FieldKind, language: Language, rng: Random) -> Said:
        words = language.word(name, rng)
        return Said(words, words)

    return make


def some_text(field: FieldKind, language: Language, rng: Random) -> Said:
    """Return a text of the field, else one of the language."""
    texts = field.values or language.lists["text"]
    words = language.filled(str(rng.choice(texts)), rng)
    return Said(words, words)


def some_tags(_field: FieldKind, language: Language, rng: Random) -> Said:
    """Return one or two tags."""
    tags = rng.sample(language.lists["tag"], rng.choice((1, 2)))
    return Said(", ".join(tags), language.phrases["and"][0].join(tags))


def some_link(field: FieldKind, _language: Language, rng: Random) -> Said:
    """Return the id of one of the rows to which a field leads, said by its title; none where there are no rows."""
    key, title = rng.choice(field.values) if field.values else (None, "")
    return Said(key, title)


def some_truth(_field: FieldKind, _language: Language, rng: Random) -> Said:
    """Return yes or no, which are said by phrases of their own."""
    return Said(rng.random() < 0.5, "")


MAKERS: dict[str, Callable[[FieldKind, Language, Random], Said]] = {
    "text": some_text,
    "markdown": some_text,
    "integer": some_number,
    "real": some_real,
    "boolean": some_truth,
    "money": some_money,
    "tags": some_tags,
    "link": some_link,
    **{name: some_words(name) for name in ("date", "moment", "duration", "web", "mail")},
}
"""By the type of a field. Types that people do not set by words, such as links, are not among them."""

"""Numbers in a text: in digits, and in words of five languages; and ordinals, which tell a place. Pure."""

import re
from itertools import pairwise

from services.agent.grounding.words import words_of

CARDINALS = (
    "zero null zero cero zero",
    "one ein eine einen un une uno una",
    "two zwei deux dos due pair couple",
    "three drei trois tres tre",
    "four vier quatre cuatro quattro",
    "five funf cinq cinco cinque",
    "six sechs seis sei",
    "seven sieben sept siete sette",
    "eight acht huit ocho otto",
    "nine neun neuf nueve nove",
    "ten zehn dix diez dieci",
    "eleven elf onze once undici",
    "twelve zwolf douze doce dodici dozen dutzend douzaine docena dozzina",
    "thirteen dreizehn treize trece tredici",
    "fourteen vierzehn quatorze catorce quattordici fortnight",
    "fifteen funfzehn quinze quince quindici",
    "sixteen sechzehn seize dieciseis sedici",
    "seventeen siebzehn diecisiete diciassette",
    "eighteen achtzehn dieciocho diciotto",
    "nineteen neunzehn diecinueve diciannove",
    "twenty zwanzig vingt veinte venti",
)
ORDINALS = (
    "first erste ersten erster erstes premier premiere primero primera primo prima",
    "second zweite zweiten zweiter zweites deuxieme segundo segunda secondo seconda",
    "third dritte dritten dritter drittes troisieme tercero tercera terzo terza",
    "fourth vierte vierten vierter quatrieme cuarto cuarta quarto quarta",
    "fifth funfte funften funfter cinquieme quinto quinta",
    "sixth sechste sechsten sixieme sexto sexta sesto sesta",
    "seventh siebte siebten septieme septimo settimo",
    "eighth achte achten huitieme octavo ottavo",
    "ninth neunte neunten neuvieme noveno nono",
    "tenth zehnte zehnten dixieme decimo",
)
TENS = {
    "thirty": 30, "dreissig": 30, "trente": 30, "treinta": 30, "trenta": 30,
    "forty": 40, "vierzig": 40, "quarante": 40, "cuarenta": 40, "quaranta": 40,
    "fifty": 50, "funfzig": 50, "cinquante": 50, "cincuenta": 50, "cinquanta": 50,
    "sixty": 60, "sechzig": 60, "soixante": 60, "sesenta": 60, "sessanta": 60,
    "seventy": 70, "siebzig": 70, "setenta": 70, "settanta": 70,
    "eighty": 80, "achtzig": 80, "ochenta": 80, "ottanta": 80,
    "ninety": 90, "neunzig": 90, "noventa": 90, "novanta": 90,
    "hundred": 100, "hundert": 100, "cent": 100, "cien": 100, "ciento": 100, "cento": 100,
    "thousand": 1000, "tausend": 1000, "mille": 1000, "mil": 1000,
}  # fmt: skip
NUMBER_WORDS = {word: float(value) for value, line in enumerate(CARDINALS) for word in line.split()} | {
    word: float(value) for word, value in TENS.items()
}
ORDINAL_WORDS = {word: place for place, line in enumerate(ORDINALS, 1) for word in line.split()}
EACH = frozenset(("every", "each", "jeden", "jede", "jedes", "chaque", "cada", "ogni"))
PERIODS = {
    "day": 1, "tag": 1, "jour": 1, "dia": 1, "giorno": 1, "week": 7, "woche": 7, "semaine": 7, "semana": 7,
    "settimana": 7, "month": 30, "monat": 30, "mois": 30, "mes": 30, "mese": 30,
}  # fmt: skip
"""Days of a period: “every week” is every 7 days."""
ADVERBS = {
    "daily": 1, "taglich": 1, "weekly": 7, "wochentlich": 7, "fortnightly": 14, "monthly": 30, "monatlich": 30,
}  # fmt: skip
HALVES = {"half": 0.5, "halb": 0.5, "halbe": 0.5, "halben": 0.5, "demi": 0.5, "demie": 0.5, "medio": 0.5, "mezzo": 0.5}
GERMAN_PAIR = re.compile(r"(\w+)und(\w+)")
CONNECTING = {"and", "a", "und", "et", "y", "e"}
"""Small words inside of a number: "two and a half"."""
MAX_DIGITS = 20
"""Characters; a longer row of digits is no number that a row could hold exactly."""
DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
GROUPS = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)")
"""Digits in groups of three: "1 200"."""
THOUSANDS = re.compile(r"(?<![\w.,])(\d{1,6}(?:[.,]\d{1,3})?) ?[kK](?!\w)")
"""A number of thousands: "9k", "1,5k"."""


def numbers_in(text: str) -> set[float]:
    """Return all numbers that a text says. "1,5" is 1.5; "1,000" is both 1 and 1000; "twenty five" is 25 too.

    "1 200" is 1200, "9k" is 9000.
    """
    found: set[float] = set()
    for digits in DIGITS.findall(text):
        found |= _readings(digits)
    found |= {float("".join(re.findall(r"\d", group))) for group in GROUPS.findall(text)}
    found |= {round(float(one.replace(",", ".")) * 1_000, 6) for one in THOUSANDS.findall(text)}
    values = [_value(word) for word in words_of(text) if word not in CONNECTING]
    found |= {value for value in values if value is not None}
    found |= _periods(words_of(text))
    for left, right in pairwise(values):
        if left is not None and right is not None:
            found.add(left * right if right >= 100 else left + right)
    return found


def _periods(words: list[str]) -> set[float]:
    """Return the days between two times that words name: “daily”, “every week”."""
    found = {float(ADVERBS[word]) for word in words if word in ADVERBS}
    return found | {float(PERIODS[second]) for first, second in pairwise(words) if first in EACH and second in PERIODS}


def places_in(text: str) -> set[int]:
    """Return the places that a text names by ordinals: "the second one" is 2, "3rd" is 3."""
    words = words_of(text)
    found = {ORDINAL_WORDS[word] for word in words if word in ORDINAL_WORDS}
    return found | {
        int(one) for one in re.findall(r"\b(\d{1,3})(?:st|nd|rd|th|e|er|eme|\.|º|ª|o|a)(?!\w)", text.lower())
    }


def _readings(digits: str) -> set[float]:
    parts = re.split(r"[.,:]", digits)
    if len(digits) > MAX_DIGITS:
        return set()
    readings = {float("".join(parts))}
    if len(parts) > 1:
        readings.add(float(f"{''.join(parts[:-1])}.{parts[-1]}"))
    return readings


def _value(word: str) -> float | None:
    if word in NUMBER_WORDS or word in HALVES:
        return NUMBER_WORDS.get(word, HALVES.get(word))
    if pair := GERMAN_PAIR.fullmatch(word):  # fünfundzwanzig
        ones, tens = NUMBER_WORDS.get(pair[1]), NUMBER_WORDS.get(pair[2])
        return ones + tens if ones is not None and tens is not None else None
    return None

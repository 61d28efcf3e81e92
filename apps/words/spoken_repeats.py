"""Say a rule of RFC 5545 in words: "every Monday", "alle 2 Wochen". `repeats.py` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from apps.words.repeats import DAYS, FREQUENCIES, month_day

PERIODS = {rule: period for period, rule in FREQUENCIES.items()}
WORKDAYS, WEEKEND = ",".join(DAYS[:5]), ",".join(DAYS[5:])
FURTHER = ("COUNT", "UNTIL", "WKST")
"""Parts of a rule that say when it ends, not how often it comes."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a language says repeats."""

    every: Mapping[str, str]
    """"every day", by period."""
    several: Mapping[str, str]
    """"every {number} days", by period."""
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    conjunction: str
    on_weekdays: str
    workdays: str
    weekend: str
    nth_weekday: str
    """Every second, third … week, on one weekday."""
    month_day: str
    month_end: str
    month_weekday: str
    last_weekday: str
    year_day: str
    ordinals: tuple[str, ...]
    plurals: tuple[str, ...] = ()
    """Weekdays where several weeks lie between."""

    def day(self, code: str) -> str:
        """Return a weekday by its code: "Monday" of MO."""
        return self.weekdays[DAYS.index(code)]

    def ordinal(self, number: int) -> str:
        """Return "second" of 2."""
        return self.ordinals[number - 1]

    def listed(self, codes: list[str]) -> str:
        """Return weekdays with "and" before the last one."""
        *first, last = (self.day(code) for code in codes)
        return f"{', '.join(first)} {self.conjunction} {last}" if first else last


ENGLISH = Spoken(
    every={"day": "every day", "week": "every week", "month": "every month", "year": "every year"},
    several={
        "day": "every {number} days",
        "week": "every {number} weeks",
        "month": "every {number} months",
        "year": "every {number} years",
    },
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
        *("November", "December"),
    ),
    conjunction="and",
    on_weekdays="every {days}",
    workdays="every weekday",
    weekend="every weekend",
    nth_weekday="every {ordinal} {day}",
    month_day="every month on the {number}{ending}",
    month_end="the last day of every month",
    month_weekday="the {ordinal} {day} of every month",
    last_weekday="the last {day} of every month",
    year_day="every {number} {month}",
    ordinals=("first", "second", "third", "fourth", "fifth"),
)
GERMAN = Spoken(
    every={"day": "jeden Tag", "week": "jede Woche", "month": "jeden Monat", "year": "jedes Jahr"},
    several={
        "day": "alle {number} Tage",
        "week": "alle {number} Wochen",
        "month": "alle {number} Monate",
        "year": "alle {number} Jahre",
    },
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober"),
        *("November", "Dezember"),
    ),
    conjunction="und",
    on_weekdays="jeden {days}",
    workdays="jeden Werktag",
    weekend="jedes Wochenende",
    nth_weekday="jeden {ordinal} {day}",
    month_day="jeden Monat am {number}.",
    month_end="am letzten Tag jedes Monats",
    month_weekday="jeden {ordinal} {day} im Monat",
    last_weekday="jeden letzten {day} im Monat",
    year_day="jeden {number}. {month}",
    ordinals=("ersten", "zweiten", "dritten", "vierten", "fünften"),
)
FRENCH = Spoken(
    every={"day": "chaque jour", "week": "chaque semaine", "month": "chaque mois", "year": "chaque année"},
    several={
        "day": "tous les {number} jours",
        "week": "toutes les {number} semaines",
        "month": "tous les {number} mois",
        "year": "tous les {number} ans",
    },
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre"),
        *("novembre", "décembre"),
    ),
    conjunction="et",
    on_weekdays="chaque {days}",
    workdays="chaque jour ouvré",
    weekend="chaque week-end",
    nth_weekday="tous les {number} {plural}",
    month_day="chaque mois le {number}",
    month_end="le dernier jour de chaque mois",
    month_weekday="le {ordinal} {day} de chaque mois",
    last_weekday="le dernier {day} de chaque mois",
    year_day="chaque année le {number} {month}",
    ordinals=("premier", "deuxième", "troisième", "quatrième", "cinquième"),
    plurals=("lundis", "mardis", "mercredis", "jeudis", "vendredis", "samedis", "dimanches"),
)
SPANISH = Spoken(
    every={"day": "cada día", "week": "cada semana", "month": "cada mes", "year": "cada año"},
    several={
        "day": "cada {number} días",
        "week": "cada {number} semanas",
        "month": "cada {number} meses",
        "year": "cada {number} años",
    },
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre"),
        *("noviembre", "diciembre"),
    ),
    conjunction="y",
    on_weekdays="cada {days}",
    workdays="cada día laborable",
    weekend="cada fin de semana",
    nth_weekday="cada {number} {plural}",
    month_day="cada mes el {number}",
    month_end="el último día de cada mes",
    month_weekday="el {ordinal} {day} de cada mes",
    last_weekday="el último {day} de cada mes",
    year_day="todos los años el {number} de {month}",
    ordinals=("primer", "segundo", "tercer", "cuarto", "quinto"),
    plurals=("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos"),
)
SPOKEN = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}
ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
MONTH_DAYS = {month_day(day): day for day in range(1, 32)}


@cache
def in_words(rule: str, locale: str = "") -> str:
    """Return a rule in the language of a locale, English for others; "" for one without words.

    When a repeat ends is not said.
    """
    spoken = SPOKEN.get(locale[:2].casefold(), ENGLISH)
    parts = dict(one.split("=", 1) for one in rule.split(";") if "=" in one)
    parts = {name: part for name, part in parts.items() if name not in FURTHER}
    period, number = PERIODS.get(parts.pop("FREQ", ""), ""), int(parts.pop("INTERVAL", "1"))
    if not period:
        return ""
    if not parts:
        return spoken.every[period] if number == 1 else spoken.several[period].format(number=number)
    return _weekly(spoken, parts, number) if period == "week" else _on_day(spoken, period, parts) if number == 1 else ""


def _weekly(spoken: Spoken, parts: Mapping[str, str], number: int) -> str:
    days = parts.get("BYDAY", "")
    codes = days.split(",")
    if parts.keys() != {"BYDAY"} or not set(codes) <= set(DAYS):
        return ""
    if number == 1:
        fixed = {WORKDAYS: spoken.workdays, WEEKEND: spoken.weekend}
        return fixed.get(days) or spoken.on_weekdays.format(days=spoken.listed(codes))
    if len(codes) > 1 or number > len(spoken.ordinals):
        return f"{spoken.several['week'].format(number=number)}: {spoken.listed(codes)}"
    plural = spoken.plurals[DAYS.index(codes[0])] if spoken.plurals else ""
    return spoken.nth_weekday.format(
        ordinal=spoken.ordinal(number), day=spoken.day(codes[0]), number=number, plural=plural
    )


def _on_day(spoken: Spoken, period: str, parts: Mapping[str, str]) -> str:
    rule = ";".join(f"{name}={part}" for name, part in parts.items())
    if period == "month":
        return _monthly(spoken, parts, rule)
    if period == "year" and parts.keys() == {"BYMONTH", "BYMONTHDAY"} and rule.count(",") == 0:
        month, day = int(parts["BYMONTH"]), int(parts["BYMONTHDAY"])
        return spoken.year_day.format(number=day, month=spoken.months[month - 1]) if day > 0 else ""
    return ""


def _monthly(spoken: Spoken, parts: Mapping[str, str], rule: str) -> str:
    if rule == "BYMONTHDAY=-1":
        return spoken.month_end
    if day := MONTH_DAYS.get(f"FREQ=MONTHLY;{rule}"):
        return spoken.month_day.format(number=day, ending=ENDINGS.get(day, "th"))
    which, code = parts.get("BYDAY", "")[:-2], parts.get("BYDAY", "")[-2:]
    if parts.keys() != {"BYDAY"} or code not in DAYS:
        return ""
    if which == "-1":
        return spoken.last_weekday.format(day=spoken.day(code))
    known = which.isdecimal() and int(which) <= len(spoken.ordinals)
    return spoken.month_weekday.format(ordinal=spoken.ordinal(int(which)), day=spoken.day(code)) if known else ""

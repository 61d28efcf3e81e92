"""German."""

from itertools import product

from apps.words.languages.language import Language

DAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "sonnabend")
PARTS = ("fruh", "morgen", "vormittag", "mittag", "nachmittag", "abend", "nacht")

GERMAN = Language(
    code="de",
    weekdays=(
        "montag mo",
        "dienstag di",
        "mittwoch mi",
        "donnerstag do",
        "freitag fr",
        "samstag sonnabend sa",
        "sonntag so",
    ),
    plural_weekdays=(
        *("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags sonnabends", "sonntags"),
    ),
    months=(
        "januar jänner jan",
        "februar feber feb",
        "märz mär",
        "april apr",
        "mai",
        "juni jun",
        "juli jul",
        "august aug",
        "september sep sept",
        "oktober okt",
        "november nov",
        "dezember dez",
    ),
    numbers=(
        *("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
        *("dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn", "zwanzig"),
    ),
    more_numbers={
        **dict.fromkeys(("ein", "eine", "einer", "einem", "einen"), 1),
        "zwo": 2,
        "dreißig": 30,
        "vierzig": 40,
        "fünfzig": 50,
        "sechzig": 60,
        "neunzig": 90,
    },
    ordinals=(
        *("ersten erste erster", "zweiten zweite zweiter", "dritten dritte dritter", "vierten vierte vierter"),
        *("fünften fünfte fünfter", "sechsten sechste", "siebten siebte", "achten achte", "neunten neunte"),
        *("zehnten zehnte", "elften elfte", "zwölften zwölfte"),
    ),
    ordinal_endings=".",
    units={
        "second": "sekunde sekunden sek s",
        "minute": "minute minuten min m",
        "hour": "stunde stunden std h",
        "day": "tag tage tagen tages t",
        "week": "woche wochen",
        "month": "monat monate monaten monats",
        "year": "jahr jahre jahren jahres",
    },
    dates={
        "today": "heute",
        "tomorrow": "morgen",
        "day_after_tomorrow": "übermorgen",
        "yesterday": "gestern",
        "day_before_yesterday": "vorgestern",
        "ahead": "[heute] in {number} {period}",
        "ago": "vor {number} {period}",
        "weekday": "{weekday} | (kommenden | kommender) {weekday}",
        "this_weekday": "(diesen | dieser | diesem) {weekday}",
        "next_weekday": (
            "(nächsten | nächster | nächstem | nächste) {weekday} | {weekday} (nächste | nächster) woche"
            " | nächste woche {weekday}"
        ),
        "last_weekday": "(letzten | letzter | vergangenen) {weekday}",
        "weekday_ahead": "{weekday} in {number} (woche | wochen)",
        "next_period": (
            "(nächste | nächsten | nächster | nächstes | kommende | kommenden | kommendes) {period}"
            " | anfang (nächster | nächsten) {period}"
        ),
        "weekend": "(dieses | diesem | am | an diesem) wochenende",
        "next_weekend": "[am] (nächstes | nächsten) wochenende",
        "end_of": "[am | zum | bis] ende (des | der | dieses | dieser | diesen) {period} | ende {period}",
        "end_of month": "[am | zum] monatsende",
        "end_of year": "[am | zum] jahresende",
        "end_of_next": "[am] ende (nächster | nächsten | des nächsten | der nächsten) {period}",
        "end_of_month": "ende {month}",
        "day_of_month": "[der | den | dem] {ordinal} [(des | dieses) monats]",
        "day_of_next_month": "[der | den | dem] {ordinal} (nächsten | des nächsten | kommenden) monats",
        "day_and_month": "[der | den | dem] {day} {month} [{year}]",
    },
    times={
        "clock": "[um] {clock} [uhr]",
        "hour": "[um] {hour} uhr",
        "hour_and_minute": "[um] {hour} uhr {minute}",
        "dotted": "[um] {dotted} uhr",
        "bare_hour": "um {hour}",
        "only_with_part": "{hour}",
        "half_to": "[um] halb {hour}",
        "quarter_past": "[um] viertel nach {hour}",
        "quarter_to": "[um] (viertel vor | dreiviertel | drei viertel) {hour}",
        "minutes_past": "[um] {minute} [minuten] nach {hour}",
        "minutes_to": "[um] {minute} [minuten] vor {hour}",
        "noon": "[am | zu] mittag | mittags",
        "midnight": "[um] mitternacht",
    },
    parts={
        "morning": "[in der] früh | [am] (morgen | vormittag) | morgens | vormittags | morgen früh",
        "afternoon": "[am] nachmittag | nachmittags",
        "evening": "[am] abend | abends",
        "night": "[in der] nacht | nachts",
    },
    todays_parts={"evening": "heut abend"},
    durations={
        "plain": "{amount} {unit}",
        "half": "[eine | einer | einen | einem | ein] (halbe | halben | halber | halbes) {unit}",
        "times 1.5": "(anderthalb | eineinhalb) {unit}",
        "times 2.5": "zweieinhalb {unit}",
        "times 3.5": "dreieinhalb {unit}",
        "quarter hour": "[eine | einer] viertelstunde",
        "three_quarters hour": "[eine | einer] dreiviertelstunde",
        "three_quarters": "(dreiviertel | drei viertel) {unit}",
    },
    moments={
        "now": "jetzt | sofort",
        "ahead": "in {duration}",
        "ago": "vor {duration}",
    },
    repeats={
        "every": "(jeden | jede | jedes) {period}",
        "every day": "täglich",
        "every week": "wöchentlich",
        "every month": "monatlich",
        "every year": "jährlich",
        "every_number": "alle {number} {period} | (jeden | jede | jedes) {ordinal} {period}",
        "weekdays": "(jeden | immer) {weekdays} | [immer] {plurals}",
        "nth_weeks": "jeden {ordinal} {weekday}",
        "workdays": (
            "(jeden | an jedem) (werktag | wochentag | arbeitstag) | werktags | wochentags"
            " | [von] (montag | mo) bis (freitag | fr)"
        ),
        "weekends": "jedes wochenende | (am | an) wochenenden",
        "month_day": (
            "[am | an] (jeden | jedem) {ordinal} [(des monats | im monat)]"
            " | [immer] [am] {ordinal} (jedes | jeden) monats | jeden monat am {ordinal}"
        ),
        "month_weekday": (
            "jeden {ordinal} {weekday} (im monat | des monats)"
            " | [am] {ordinal} {weekday} ((jedes | jeden) monats | im monat)"
        ),
        "month_weekday -1": (
            "jeden letzten {weekday} [im monat | des monats] | [am] letzten {weekday} (jedes | jeden) monats"
        ),
        "month_end": (
            "[am] letzten tag (jedes | jeden) monats | [am] ende (jedes | jeden) monats | jeden letzten tag im monat"
        ),
        "year_day": "(jeden | jedes jahr am) {day} {month}",
    },
    leads="am | bis [zum] | zum",
    conjunctions="und &",
    shy="mo di mi do fr sa so",
    compounds=tuple(product(DAYS, (*PARTS, *(f"{part}s" for part in PARTS)))),
)

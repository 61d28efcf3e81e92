"""French."""

from apps.words.languages.language import Language

FRENCH = Language(
    code="fr",
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    plural_weekdays=("lundis", "mardis", "mercredis", "jeudis", "vendredis", "samedis", "dimanches"),
    months=(
        "janvier janv",
        "février févr fév",
        "mars",
        "avril avr",
        "mai",
        "juin",
        "juillet juil",
        "août",
        "septembre sept",
        "octobre oct",
        "novembre nov",
        "décembre déc",
    ),
    numbers=(
        *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
        *("treize", "quatorze", "quinze", "seize"),
    ),
    more_numbers={"une": 1, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60},
    ordinals=(
        *("premier première", "deuxième second seconde", "troisième", "quatrième", "cinquième", "sixième"),
        *("septième", "huitième", "neuvième", "dixième", "onzième", "douzième"),
    ),
    ordinal_endings="er re e ème eme nd nde",
    units={
        "second": "seconde secondes sec s",
        "minute": "minute minutes min mn m",
        "hour": "heure heures h",
        "day": "jour jours j",
        "week": "semaine semaines",
        "month": "mois",
        "year": "an ans année années",
    },
    dates={
        "today": "aujourd'hui",
        "tomorrow": "demain",
        "day_after_tomorrow": "après-demain",
        "yesterday": "hier",
        "day_before_yesterday": "avant-hier",
        "ahead": "(dans | d'ici) {number} {period}",
        "ago": "il y a {number} {period}",
        "weekday": "{weekday}",
        "this_weekday": "ce {weekday}",
        "next_weekday": "[le] {weekday} prochain | {weekday} de la semaine prochaine | la semaine prochaine {weekday}",
        "last_weekday": "{weekday} (dernier | passé)",
        "weekday_ahead": "{weekday} dans {number} (semaine | semaines)",
        "next_period": (
            "[la | le | l'] {period} (prochain | prochaine) | début {period} (prochain | prochaine)"
            " | [au] début (du | de la | de l') {period} (prochain | prochaine)"
        ),
        "weekend": "(ce | le) (week-end | weekend)",
        "next_weekend": "[le] (week-end | weekend) prochain",
        "end_of": "[à] [la] fin (de | du | de la | de l' | de ce | de cette | d') {period} | fin {period}",
        "end_of_next": (
            "[à] [la] fin (du | de la | de l') {period} (prochain | prochaine) | fin {period} (prochain | prochaine)"
        ),
        "end_of_month": "[à la] fin [de | d'] {month}",
        "day_of_month": "[le] {ordinal} [(du | de ce) mois] | le {day}",
        "day_of_next_month": "[le] ({ordinal} | {day}) du mois prochain",
        "day_and_month": "[le] {day} {month} [{year}]",
    },
    times={
        "clock": "[à] {clock}",
        "hour": "à {hour} (h | heure | heures)",
        "only_beside": "{hour} (h | heure | heures)",
        "hour_and_minute": "à {hour} (h | heure | heures) {minute}",
        "only_beside_with_minute": "{hour} (h | heure | heures) {minute}",
        "half_past": "[à] {hour} (h | heure | heures) et (demie | demi)",
        "quarter_past": "[à] {hour} (h | heure | heures) et quart",
        "quarter_to": "[à] {hour} (h | heure | heures) moins [le] quart",
        "minutes_to": "[à] {hour} (h | heure | heures) moins {minute}",
        "noon": "[à] midi",
        "midnight": "[à] minuit",
    },
    parts={
        "morning": "[le | du | au] matin | dans la matinée",
        "afternoon": "[de l' | dans l' | l' | en] après-midi",
        "evening": "[le | du | au] soir | dans la soirée",
        "night": "[la | de la | dans la] nuit",
    },
    todays_parts={"morning": "ce matin", "afternoon": "cet après-midi", "evening": "ce soir", "night": "cette nuit"},
    durations={
        "plain": "{amount} {unit}",
        "half": "[une | un] (demi | demie) {unit}",
        "and_half": "{amount} {unit} et (demie | demi)",
        "quarter": "[un] quart (d' | de) {unit}",
        "three_quarters": "trois quarts (d' | de) {unit}",
        "and_quarter": "{amount} {unit} et quart",
    },
    moments={
        "now": "maintenant",
        "ahead": "(dans | d'ici) {duration}",
        "ago": "il y a {duration}",
    },
    repeats={
        "every": "chaque {period} | (tous | toutes) les {period}",
        "every day": "quotidiennement",
        "every week": "hebdomadairement",
        "every month": "mensuellement",
        "every year": "annuellement",
        "every_number": "(tous | toutes) les {number} {period}",
        "every_number 2": "(un | une) {period} sur deux",
        "weekdays": "chaque {weekdays} | tous les {plurals} | les {plurals}",
        "nth_weeks": "tous les {number} {plurals}",
        "nth_weeks 2": "un {weekday} sur deux",
        "workdays": (
            "(chaque | tous les) (jour | jours) (ouvré | ouvrés | ouvrable | ouvrables | de semaine | de la semaine)"
            " | du lundi au vendredi | en semaine"
        ),
        "weekends": "(chaque | tous les) (week-end | week-ends | weekend | weekends)",
        "month_day": (
            "[le] ({ordinal} | {day}) (de chaque | du) mois | chaque {ordinal} du mois"
            " | (chaque | tous les) mois le ({ordinal} | {day})"
        ),
        "month_weekday": "[le] {ordinal} {weekday} (de chaque mois | du mois) | chaque {ordinal} {weekday} du mois",
        "month_weekday -1": "[le | chaque] dernier {weekday} (de chaque mois | du mois)",
        "month_end": "[le] dernier jour (de chaque mois) | [à la] fin de chaque mois",
        "year_day": "(chaque année | tous les ans) le {day} {month} | chaque {day} {month}",
    },
    leads="pour [le] | jusqu'au | jusqu'à",
    conjunctions="et &",
    foreign="hier",
)

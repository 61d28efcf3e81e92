"""Spanish."""

from apps.words.languages.language import Language

SPANISH = Language(
    code="es",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    plural_weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos"),
    months=(
        "enero ene",
        "febrero feb",
        "marzo",
        "abril abr",
        "mayo",
        "junio jun",
        "julio jul",
        "agosto ago",
        "septiembre setiembre sept",
        "octubre oct",
        "noviembre nov",
        "diciembre dic",
    ),
    numbers=(
        *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"),
        *("trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte"),
    ),
    more_numbers={"un": 1, "una": 1, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "noventa": 90},
    ordinals=(
        *("primero primer primera", "segundo segunda", "tercero tercer tercera", "cuarto cuarta", "quinto quinta"),
        *("sexto sexta", "séptimo séptima", "octavo octava", "noveno novena", "décimo décima"),
    ),
    ordinal_endings="º ª o a",
    units={
        "second": "segundo segundos seg s",
        "minute": "minuto minutos min m",
        "hour": "hora horas h",
        "day": "día días d",
        "week": "semana semanas",
        "month": "mes meses",
        "year": "año años",
    },
    dates={
        "today": "hoy",
        "tomorrow": "mañana",
        "day_after_tomorrow": "pasado mañana",
        "yesterday": "ayer",
        "day_before_yesterday": "anteayer | antes de ayer",
        "ahead": "(dentro de | en) {number} {period}",
        "ago": "hace {number} {period}",
        "weekday": "[el] {weekday}",
        "this_weekday": "este {weekday}",
        "next_weekday": (
            "[el] próximo {weekday} | [el] {weekday} (próximo | que viene)"
            " | [el] {weekday} de la (próxima semana | semana que viene)"
        ),
        "last_weekday": "[el] {weekday} pasado | [el] pasado {weekday}",
        "weekday_ahead": "[el] {weekday} (dentro de | en) {number} (semana | semanas)",
        "next_period": (
            "[el | la] (próximo | próxima) {period} | [el | la] {period} (próximo | próxima | que viene)"
            " | [a] (principios | comienzos) (del próximo | de la próxima) {period}"
        ),
        "weekend": "[el | este] fin de semana",
        "next_weekend": "[el] próximo fin de semana | [el] fin de semana (próximo | que viene)",
        "end_of": ("[a | al] (fin | fines | final | finales) (de | del | de la | de este | de esta) {period}"),
        "end_of_next": (
            "[a | al] (fin | fines | final | finales) (del próximo | de la próxima) {period}"
            " | [a | al] (fin | fines | final | finales) (del | de la) {period} que viene"
        ),
        "end_of_month": "[a | al] (fin | fines | final | finales) de {month}",
        "day_of_month": "[el] {ordinal} [(del | de este) mes] | el [día] {day} [de este mes]",
        "day_of_next_month": "[el] [día] ({ordinal} | {day}) del (próximo mes | mes que viene)",
        "day_and_month": "[el] [día] {day} [de] {month} [[de | del] {year}]",
    },
    times={
        "clock": "[a (las | la)] {clock} [h | horas]",
        "hour": "[a (las | la)] {hour} horas | a (las | la) {hour} h",
        "bare_hour": "a (las | la) {hour}",
        "only_with_part": "{hour}",
        "half_past": "[a] (las | la) {hour} y media",
        "quarter_past": "[a] (las | la) {hour} y cuarto",
        "quarter_to": "[a] (las | la) {hour} menos cuarto",
        "minutes_past": "[a] (las | la) {hour} y {minute}",
        "minutes_to": "[a] (las | la) {hour} menos {minute}",
        "noon": "[al | a] mediodía",
        "midnight": "[a | a la] medianoche",
    },
    parts={
        "am": "am | a.m. | a.m | de la madrugada",
        "pm": "pm | p.m. | p.m",
        "morning": "(de | por | en) la mañana",
        "afternoon": "(de | por | en) la tarde",
        "night": "(de | por | en) la noche",
    },
    todays_parts={"morning": "esta mañana", "afternoon": "esta tarde", "night": "esta noche"},
    durations={
        "plain": "{amount} {unit}",
        "half": "(media | medio) {unit}",
        "and_half": "{amount} {unit} y (media | medio)",
        "times 1.5": "{unit} y (media | medio)",
        "quarter": "[un] cuarto de {unit}",
        "three_quarters": "tres cuartos de {unit}",
        "and_quarter": "{amount} {unit} y cuarto",
    },
    moments={
        "now": "ahora | ahora mismo",
        "ahead": "(dentro de | en) {duration}",
        "ago": "hace {duration}",
    },
    repeats={
        "every": "cada {period} | (todos los | todas las) {period}",
        "every day": "a diario | diariamente",
        "every week": "semanalmente",
        "every month": "mensualmente",
        "every year": "anualmente",
        "every_number": "cada {number} {period}",
        "every_number 2": "(un | una) {period} sí y (otro | otra) no",
        "weekdays": "cada {weekdays} | (todos los | los) {plurals}",
        "nth_weeks": "cada {number} {plurals}",
        "workdays": (
            "(cada día | todos los días | los días) (laborable | laborables | hábil | hábiles)"
            " | cada día de la semana | [de] lunes a viernes | entre semana"
        ),
        "weekends": "(cada fin de semana | todos los fines de semana | los fines de semana)",
        "month_day": (
            "[el] [día] ({ordinal} | {day}) de (cada | todos los) (mes | meses)"
            " | cada mes el [día] ({ordinal} | {day}) | cada día {day}"
        ),
        "month_weekday": (
            "[el] {ordinal} {weekday} de (cada | todos los) (mes | meses) | cada {ordinal} {weekday} del mes"
        ),
        "month_weekday -1": "[el | cada] último {weekday} (de cada mes | del mes)",
        "month_end": "[el] último día de cada mes | [a] (fin | fines | final | finales) de cada mes",
        "year_day": "cada [año el] {day} de {month} | todos los años el {day} de {month}",
    },
    leads="para [el] | hasta [el]",
    conjunctions="y e &",
)

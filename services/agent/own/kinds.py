"""The type that words mean: words for a type ("number of days", "Ja/Nein"), or the label of a field ("Preis"). Pure.

Small models write types in many ways, and often none. Four languages are understood: English, German, French, Spanish.
All words are folded: lower case, without accents.
"""

import re
from dataclasses import dataclass

from apps.types import FIELD_TYPES, TypeName
from services.agent.grounding.words import folded

CHOICE_WORDS = "choice choices choose select selection enum dropdown auswahl choix eleccion opcion opciones seleccion"
TYPE_WORDS: tuple[tuple[TypeName, str], ...] = (
    (
        "boolean",
        "boolean|bool|yes ?/ ?no|yes ?or ?no|yes no|true ?/ ?false|true or false|checkbox|check box|tick"
        "|toggle|flag|ja ?/ ?nein|ja oder nein|wahr ?/ ?falsch|kontrollkastchen|haken|oui ?/ ?non|oui ou non"
        "|vrai ?/ ?faux|case a cocher|si ?/ ?no|si o no|booleano?|booleen|logique|verdadero",
    ),
    (
        "moment",
        "date ?time|date and time|day and time|date with time|timestamp|moment|zeitpunkt|datum und uhrzeit"
        "|termin|date et heure|fecha y hora|datetime local",
    ),
    ("date", "date|day|datum|tag|jour|fecha|dia|kalendertag|calendar"),
    (
        "duration",
        "duration|time ?span|length of time|dauer|zeitdauer|duree|duracion|interval|minutes|hours|stunden|minuten",
    ),
    (
        "money",
        "money|price|currency|cost|amount of money|geld|preis|betrag|kosten|euros?|eur|dollars?|usd|pounds?"
        "|gbp|chf|franken|argent|prix|montant|dinero|precio|importe|moneda|coste|wahrung|monnaie|devise",
    ),
    (
        "markdown",
        "markdown|long ?text|text ?area|multi ?line|paragraph|memo|notes?|langer text|notiz|texte long|texto largo",
    ),
    (
        "integer",
        "integer|int|whole number|number of|count|counter|ganzzahl|ganze zahl|anzahl|entier|nombre de"
        "|nombre entier|entero|numero de|numero entero|year|jahr|annee|ano|rating|stars",
    ),
    (
        "real",
        "real|float|decimal|double|number|numeric|numerical|percent|percentage|zahl|kommazahl|dezimalzahl|nummer"
        "|nombre|numero|decimale?|quantity|measurement",
    ),
    ("mail", "e ?mail|mail|mail address|correo|courriel|mailadresse|adresse mail"),
    (
        "web",
        "url|uri|web|website|web ?site|web ?address|webadresse|webseite|site web|pagina web|direccion web"
        "|hyperlink|link",
    ),
    (
        "tags",
        "tags?|labels|keywords|list of texts?|schlagworte?|etiquettes?|etiquetas?|stichworte?|mots cles|array|list",
    ),
    ("json", "json"),
    (
        "text",
        "text|string|str|varchar|char|word|words|name|title|texte|texto|cadena|zeichenkette|chaine|mot|phone|telefon",
    ),
)
"""By type: a pattern of the words for it. The first one that is found counts."""

CURRENCIES = (
    ("EUR", "euros?|eur|€"),
    ("USD", r"dollars?|usd|\$"),
    ("GBP", "pounds?|gbp|£"),
    ("CHF", "chf|franken|francs? suisses?"),
)
UNITS = (
    "days|day|weeks|months|hours|minutes|tage|tagen|wochen|monate|stunden|minuten|jours|semaines|mois|heures"
    "|dias|semanas|meses|horas|minutos|kg|g|km|m|cm|mm|l|ml|kcal|bpm|mmhg|%|°c"
)
LABEL_WORDS: tuple[tuple[TypeName, str], ...] = (
    ("date", "on$|am$|le$|el$"),
    (
        "text",
        "phone|phone number|mobile|telefon\\w*|handy|handynummer|tel|telephone|portable|telefono|movil|zip|plz|postcode"
        "|postal code|code postal|codigo postal|iban|isbn",
    ),
    ("tags", "tags|keywords|schlagworte?|stichworte?|etiquettes?|etiquetas?|mots cles|palabras clave"),
    ("mail", "e ?mails?|mail|mail ?address|correo|courriel|mailadresse|correo electronico"),
    ("web", "url|website|web ?site|webseite|webadresse|site web|pagina web|sitio web|homepage|link"),
    (
        "boolean",
        "done|paid|finished|completed|bought|read|lent|returned|erledigt|bezahlt|gelesen|fertig|gekauft"
        "|gegossen|ausgeliehen|paye|payee|lu|lue|fini|achete|termine|pagado|pagada|leido|leida|hecho|terminado"
        "|comprado|yes or no|ja oder nein",
    ),
    (
        "money",
        "price|cost|costs|budget|salary|rent|fee|preis|kosten|betrag|miete|gehalt|gebuhr|prix|cout|montant"
        "|loyer|salaire|precio|coste|costo|importe|alquiler|salario|euro|euros",
    ),
    (
        "duration",
        "duration|time spent|how long|dauer|duree|duracion|cuanto dura|cuanto tiempo|wie lange|combien de temps",
    ),
    (
        "integer",
        "pages|year|age|count|quantity|number of|how many|stars|rating|sets|reps|repetitions|seiten|jahr|alter"
        "|anzahl|menge|wie viele|sterne|bewertung|annee|quantite|nombre de|combien|note sur|etoiles|paginas"
        "|ano|edad|cantidad|cuantos|cuantas|estrellas|puntuacion|every|days",
    ),
    (
        "real",
        "weight|height|temperature|distance|kilometres|kilometers|gewicht|grosse|temperatur|entfernung|kilometer|poids"
        "|taille|distance|peso|altura|temperatura|distancia|litres|liter",
    ),
    (
        "date",
        "date|datum|fecha|due|deadline|birthday|expiry|expires|expiration|best before|when|last|next|since"
        "|until|at what day|fallig|geburtstag|ablaufdatum|haltbar bis|wann|zuletzt|letztes? mal|letzte"
        "|letzter|letztes|seit|bis|tag|anniversaire|echeance|quand|dernier|derniere|depuis|jour|vence"
        "|vencimiento|cumpleanos|caducidad|cuando|ultima|ultimo|ultima vez|desde|dia|day",
    ),
    (
        "markdown",
        "notes|notizen|description|recipe text|beschreibung|remarques|descripcion|notas|commentaires?|comentarios?",
    ),
)
"""By type: a pattern of words in a label that say so. The first one that is found counts."""
NO_DATE = re.compile(r"\b(?:last|first|family) name\b|\bnachname\b")
BEHIND = re.compile(rf"[\s(\[]+(?:in )?({UNITS})[)\]]?\s*$")
EVERY = re.compile(
    rf"^(.*\b(?:every|alle|tous les|toutes les|cada)\b)\s*(?:so many|so viele|how many|wie viele|x|n|…|\.\.\."
    rf"|cuantos|tantos"
    rf"|combien de|tant de|_+)?\s*({UNITS})$"
)


@dataclass(frozen=True, slots=True)
class Meant:
    """What words say of a field: its type, and a unit, if they name one."""

    type: TypeName
    unit: str = ""
    is_choice: bool = False
    """The words say that one of several is chosen."""

    @property
    def is_money(self) -> bool:
        """Whether it is an amount of money."""
        return FIELD_TYPES[self.type].unit_keys is not None

    @property
    def says_little(self) -> bool:
        """Whether it says no more than that something is written: the label of the field may say more."""
        return self == Meant("text")


def from_words(words: str) -> Meant | None:
    """Return the type that words for a type mean; None for words that mean none."""
    plain = _plain(words)
    if plain in FIELD_TYPES:
        return Meant(_known(plain))
    if any(re.search(rf"\b{word}\b", plain) for word in CHOICE_WORDS.split()):
        return Meant("text", is_choice=True)
    found = next((name for name, pattern in TYPE_WORDS if re.search(rf"\b(?:{pattern})(?!\w)", plain)), None)
    return Meant(found, unit_of(found, words)) if found else None


def from_label(label: str) -> Meant | None:
    """Return the type that the label of a field suggests; None where it suggests nothing, so that a text fits."""
    plain = _plain(label)
    if NO_DATE.search(plain):
        return None
    found = next((name for name, pattern in LABEL_WORDS if re.search(rf"\b(?:{pattern})\b", plain)), None)
    return Meant(found, unit_of(found, label)) if found else None


def unit_of(name: TypeName, words: str) -> str:
    """Return the unit that words name, as a field takes it: for money, a currency; "" for none."""
    plain = folded(words)
    if name == "money":
        return next((code for code, pattern in CURRENCIES if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", plain)), "")
    if FIELD_TYPES[name].has_unit:
        found = BEHIND.search(f" {plain}") or re.search(
            rf"\b(?:number of|anzahl|nombre de|numero de) ({UNITS})\b", plain
        )
        return found[1] if found else ""
    return ""


def label_and_unit(label: str) -> tuple[str, str]:
    """Return a label without the unit at its end: ("Water every", "days") for "Water every so many days"."""
    if found := EVERY.match(folded(label)):
        return label[: len(found[1])].strip(), found[2]
    if found := re.search(rf"\s*[(\[](?:in )?({UNITS})[)\]]\s*$", folded(label)):
        return label[: found.start()].strip(), found[1]
    return label, ""


def _known(name: str) -> TypeName:
    return next(one for one in FIELD_TYPES if one == name)


def _plain(words: str) -> str:
    return " ".join(re.sub(r"[_\-:,;]+", " ", folded(words)).split())

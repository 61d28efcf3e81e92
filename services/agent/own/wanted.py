"""Whether the user's words ask for a new app, or for a change of one, in English, German, French or Spanish. Pure."""

import re
from typing import Literal

from services.agent.grounding.sentences import QUOTED, orders, sentences_of
from services.agent.grounding.words import folded

Wanted = Literal["", "make", "change"]

LONGEST, LONGEST_TEXT = 300, 5_000
"""Characters of a sentence, and of a message, in which such an order is looked for."""

MAKE = (
    "make|create|build|set up|setup|start|design|prepare|generate|need|want|would like|d like|would love"
    "|give me|let s have|can i have|could i have|can i get|i could use|mach|mache|machst|machen|erstell"
    "|erstelle|erstellen|erstellst|bau|baue|bauen|baust|brauche|brauch|brauchte|mochte|will|hatte gern"
    "|hatte gerne|richte|entwirf|gib mir|leg|lege|anlegen|fais|faire|fait|cree|creer|crees|construis|construire"
    "|prepare|fabrique|j aimerais|aimerais|je voudrais|voudrais|je veux|il me faut|besoin|peux avoir|haz|hazme"
    "|hacer|haces|hagas|crea|creame|crear|construye|construyeme|prepara|preparame|monta|montame|arma|armame"
    "|quiero|quisiera|necesito|me gustaria|pon|fa|fammi|crei|voglio|vorrei"
)
ONE = (
    "a|an|another|new|own|small|little|simple|tiny|me|us|up|ein|eine|einen|ne|neue|neuen|kleine|kleinen|eigene"
    "|mir|uns|une|un|nouvelle|nouveau|petite|moi|nous|una|otra|nueva|nuevo|pequena|me|nos|mi|uno|dir"
)
APP = r"apps?|\w*apps?|mini ?app|application|appli|aplicacion|aplicacioncita|anwendung|applicazione"
LIST = (
    "tracker|table|database|log ?book|logbook|catalogue|catalog|\\w+tagebuch|\\w+datenbank|tabelle|datenbank"
    "|verzeichnis|carnet|tableau|base de donnees|base de datos|tabla|registro"
)
FOR = "for|of|to|where|with|that|fur|mit|in der|um|zum|wo|die|pour|de|d|avec|ou|qui|para|con|donde|que|per|di"
NO_APP = re.compile(r"\b(?:happ\w*|disapp\w*|whatsapp|snapp\w*|napp?\w*|handyapp)\b")
ASKS_FOR_APP = re.compile(
    rf"\b(?:{MAKE})\b(?: \w+){{0,5}}? (?:(?:{ONE}) (?:\w+ ){{0,3}}?)?(?:{APP})\b"
    rf"|\b(?:{MAKE})\b(?: \w+){{0,4}}? (?:{ONE}) (?:\w+ ){{0,2}}?(?:{LIST}) (?:{FOR})\b"
    rf"|\b(?:eine|ne|neue) (?:\w+ ){{0,2}}?(?:{APP})\b.*\b(?:bauen|machen|erstellen|anlegen|haben|entwerfen)$"
    r"|^(?:(?:a|an|one|new|eine|une|una) )(?:\w+ ){0,2}?app (?:for|fur|pour|para)\b"
)
BEGINS_ELSE = re.compile(
    r"^(?:please )?(?:add|remind|note|put|tick|open|close|delete|remove|rename|change|todo|task"
    r"|erinner\w*|notier\w*|offne|losche|losch|entferne|ajoute|rappelle\w*|note|ouvre|supprime"
    r"|anade|agrega|recuerda\w*|apunta|abre|borra|elimina)\b"
)

FIELD = (
    "fields?|columns?|feld|felder|feldes|spalte|spalten|champs?|colonnes?|campos?|columnas?|propert(?:y|ies)"
    "|eigenschaft|eigenschaften|propriete|proprietes|propiedad"
)
ADD = (
    "add|adds|adding|insert|include|need|want|give|append|fuge|fug|erganze|erganz|hinzu|brauche|brauch|mochte"
    "|ajoute|ajouter|rajoute|rajouter|ajoutes|voudrais|faut|anade|anadir|anades|agrega|agregar|agregas|pon"
    "|quiero|necesito|neues|new"
)
OTHER = (
    "rename|call|name|change|turn|convert|make|remove|delete|drop|get rid|take out|no longer|nenne|benenne"
    "|umbenennen|andere|ander|mach|mache|wandle|entferne|entfern|losche|losch|streiche|weg|renomme|renommer"
    "|change|changer|transforme|supprime|supprimer|enleve|enlever|retire|appelle|renombra|renombrar|cambia"
    "|cambiar|convierte|elimina|eliminar|quita|quitar|borra|borrar|llama"
)
ANY = (
    "a|an|another|new|more|one|two|three|the|this|that|these|my|ein|eine|einen|noch|neues|neue|das|die|den|dem"
    "|der|dieses|un|une|le|la|les|l|du|des|nouveau|nouvelle|autre|ce|cette|una|el|los|las|otro|otra|nuevo|nueva"
    "|este|esta|fields?|columns?"
)
ASKS_FOR_CHANGE = re.compile(
    rf"\b(?:{ADD}|{OTHER})\b(?: \w+)*? (?:{ANY})\b.*?\b(?:{FIELD})\b|\b(?:{OTHER}) (?:\w+ )?(?:{FIELD})\b"
    rf"|\b(?:{FIELD})\b.*\b(?:hinzu|umbenennen|weg)$"
)
TABLE = "tables?|tabellen?|tableaux?|tablas?"
LISTS = rf"{TABLE}|lists?|listen?|listes?|listas?"
ASKS_FOR_TABLE = re.compile(
    rf"\b(?:{ADD}|create|make|leg|cree|crea)\b(?: (?:mir|noch|me|moi))* (?:{ANY})"
    rf"(?: (?:{ANY}|second|further|zweite|weitere|deuxieme|segunda))? (?:{TABLE})\b"
)
"""A further table of an app."""
SEVERAL_TABLES = re.compile(
    r"\b(?:two|three|several|2|3|zwei|drei|mehrere|deux|trois|plusieurs|dos|tres|varias)\b(?: \w+)?"
    rf" (?:{TABLE}|lists|listen|listes|listas)\b"
    rf"|\b(?:{LISTS}) (?:for|of|with|mit|fur|pour|de|para|con)\b.*"
    rf"\b(?:and|und|et|y) (?:a|an|another|one|eine|noch eine|une|una|otra) (?:\w+ )?(?:{LISTS})\b"
)
APP_ITSELF = re.compile(
    r"\b(?:rename|call|name|umbenennen|benenne|nenne|renomme|appelle|renombra|llama)\b(?: \w+){0,2}? "
    r"(?:the|this|my|die|diese|meine|l|cette|mon|la|esta|mi) (?:\w+ )?(?:app|application|appli|aplicacion|anwendung)\b"
    r"|\b(?:icon|symbol|emoji|icone|icono)\b.*\b(?:app|application|appli|aplicacion|anwendung)\b"
)


def wanted_in(text: str) -> Wanted:
    """Return what a message asks for. Quotations and what comes after "add" ask for nothing."""
    found = [_plain(one) for one in sentences_of(text[:LONGEST_TEXT]) if orders(one)]
    found = [re.sub(r"^(?:please|bitte|hey|hi|ok|okay|hallo|bonjour|hola) ", "", one) for one in found]
    if any(
        (ASKS_FOR_CHANGE.search(one) or ASKS_FOR_TABLE.search(one)) and not ASKS_FOR_APP.search(one) for one in found
    ):
        return "change"
    if any(ASKS_FOR_APP.search(NO_APP.sub(" ", one)) and not BEGINS_ELSE.match(one) for one in found):
        return "make"
    return "change" if any(APP_ITSELF.search(one) for one in found) else ""


def wants_tables(text: str) -> bool:
    """Return whether a message asks for several tables, or for a further one."""
    plain = _plain(text[:LONGEST_TEXT])
    return bool(SEVERAL_TABLES.search(plain) or ASKS_FOR_TABLE.search(plain))


def _plain(sentence: str) -> str:
    """Return a sentence as words with single spaces between them, without quotations."""
    return " ".join(re.sub(r"[^\w]+", " ", folded(QUOTED.sub(" ", sentence))).split())[:LONGEST]

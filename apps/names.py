"""Check the names of apps, tables and fields, build the sentence for a bad one, and make names from labels.

A name stands in the database, on the bus, in addresses and in code. A label is what people call the same thing, in any
script. A name is made from a label once (`name_from`) and does not change with it.
"""

import keyword
import re
import unicodedata
from collections.abc import Callable, Container
from dataclasses import dataclass
from itertools import chain, count, islice
from typing import Literal

from bus.text.normal import normal

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
LONGEST = 40
SHAPE = "a name of 1 to 40 letters a-z, digits and _, with a letter first"

GIVEN_FIELDS = ("id", "position", "profile")
"""Fields that a table has without declaring them."""
RESERVED_FIELDS = frozenset((*GIVEN_FIELDS, "table", "where", "do", "nonce", "talk", "rowid", "oid", "rank"))
"""These names have another meaning in SQLite, in a command of the page, or in its address."""
RESERVED_TABLES = frozenset(("answered", "shape", "migration", "change_read"))
"""Names of the store's own tables, and others that no app may use."""
RESERVED_APPS = frozenset(("none", "core", "app", "apps", "bus", "store", "agent", "web", "services", "pianola"))
INDEX_SUFFIX = "_fts"
"""Ending of the names of full-text indexes."""
LONGEST_LABEL = 100
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")

Kind = Literal["field", "table", "app"]
LONGEST_ICON = 20


@dataclass(frozen=True, slots=True)
class About:
    """What people call an app, and where it stands among the others."""

    label: str = ""
    """Its name, in any script; made from the name of its package if empty."""
    icon: str = ""
    """A character or two that stand before its name."""
    place: int = 0
    """Apps with a smaller one stand before it in the menu."""

    def __post_init__(self) -> None:
        if type(self.icon) is not str or len(self.icon) > LONGEST_ICON or CONTROL.search(self.icon):
            raise ValueError(f"its icon is {self.icon!r:.60}. Expected a character or two.")
        if type(self.place) is not int:
            raise ValueError(f"its place is {self.place!r:.60}. Expected a whole number.")
        if problem := problem_of_label(self.label):
            raise ValueError(problem)


UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
GREEK = "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs τt υy φf χch ψps ωo"
CYRILLIC = (
    "аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya єye іi ґg"
)
LETTERS = str.maketrans({pair[0]: pair[1:] for pair in f"{GREEK} {CYRILLIC}".split()})
"""Letters of other alphabets, without accents. What is not here, like Chinese, makes no name: see `name_from`."""


def problem_of_field(name: object) -> str:
    """Return why this name cannot be used for a field, "" if it can."""
    if name in RESERVED_FIELDS:
        return f"{name!r} cannot name a field: it is reserved. Choose another name than {_listed(RESERVED_FIELDS)}."
    return _problem("a field", name)


def problem_of_table(name: object) -> str:
    """Return why this name cannot be used for a table, "" if it can."""
    if name in RESERVED_TABLES:
        return f"{name!r} cannot name a table: it is reserved. Choose another name than {_listed(RESERVED_TABLES)}."
    if INDEX_SUFFIX in str(name):
        return f"{name!r:.60} cannot name a table: {INDEX_SUFFIX} belongs to the names of indexes. Leave it out."
    return _problem("a table", name)


def problem_of_app(name: object) -> str:
    """Return why this name cannot be used for an app, "" if it can."""
    if name in RESERVED_APPS or keyword.iskeyword(str(name)):
        return f"{name!r} cannot name an app: it is reserved. Choose another name, for example my_{name}."
    return _problem("an app", name)


def problem_of_label(label: object) -> str:
    """Return why this text cannot be a label, "" if it can."""
    if type(label) is not str or len(label) > LONGEST_LABEL or CONTROL.search(label):
        return (
            f"{label!r:.60} cannot be a label. Expected one line of at most {LONGEST_LABEL} characters, in any script."
        )
    return ""


ARTICLE = re.compile(r"(?:an?|the|eine?|der|die|das|une?|les?|la|una?|el|los|las)\s+(?=\S)", re.IGNORECASE)
"""At the beginning of what one row is called: “a plant”, “eine Pflanze”, “une plante”, “una planta”."""


def without_article(label: str) -> str:
    """Return the word for one row: “plant” for “a plant”."""
    return ARTICLE.sub("", label, count=1) if ARTICLE.match(label) else label


def name_from(label: str, taken: Container[str] = (), kind: Kind = "field") -> str:
    """Return a name for what has this label, which is none of those `taken`.

    "fällig" becomes "faellig", "Срок оплаты" becomes "srok_oplaty". A label without a letter that can be written with
    a to z becomes "field_1", "table_1" or "app_1".
    """
    lower = unicodedata.normalize("NFC", label).casefold().translate(UMLAUTS)
    words = "_".join(re.findall("[a-z0-9]+", normal(lower).translate(LETTERS)))[:LONGEST].strip("_")
    if not re.search("[a-z]", words):
        words = ""
    elif not words[0].isalpha():
        words = f"{kind}_{words}"[:LONGEST].strip("_")
    numbered = (f"{(words or kind)[: LONGEST - len(f'_{number}')].rstrip('_')}_{number}" for number in count(1))
    found = chain([words] if words else [], islice(numbered, 1 if words else 0, None))
    return next(name for name in found if name not in taken and not PROBLEMS[kind](name))


def compared(text: str) -> str:
    """Return a name or label in the form in which two are compared: without case, accents, hyphens and "_"."""
    return " ".join(normal(text).replace("_", " ").replace("-", " ").split())


def problem_of_name(what: str, name: object) -> str:
    """Return why this name cannot name `what` ("a step"), "" if it can. It needs the usual form, nothing else."""
    return _problem(what, name)


def _problem(what: str, name: object) -> str:
    if type(name) is str and IDENTIFIER.fullmatch(name) and not name.startswith("sqlite_"):
        return ""
    return f"{name!r:.60} cannot name {what}. Expected {SHAPE}; not sqlite_…"


PROBLEMS: dict[Kind, Callable[[object], str]] = {
    "field": problem_of_field,
    "table": problem_of_table,
    "app": problem_of_app,
}


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))

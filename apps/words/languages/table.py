"""The languages that are read, in the order in which they are asked. A new one is one file and one entry here."""

from apps.words.languages.english import ENGLISH
from apps.words.languages.french import FRENCH
from apps.words.languages.german import GERMAN
from apps.words.languages.spanish import SPANISH

LANGUAGES = {one.code: one for one in (ENGLISH, GERMAN, FRENCH, SPANISH)}

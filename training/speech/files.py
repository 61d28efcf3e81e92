"""Read and check the files of a language: `speech.toml` (phrases) and `tables.toml` (kinds of tables)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from apps.types import FIELD_TYPES
from bus.errors import PianolaError
from training.speech.kinds import ANSWERS, LISTS, OPTIONAL, PAIRS, PHRASES
from training.speech.language import Action, FieldKind, Language, Pair, Phrases, TableKind
from training.speech.patterns import gaps_of

FOLDER = Path(__file__).parent.parent / "languages"
LANGUAGES = ("en", "de", "fr", "es", "it")

GAPS_OF_FIELD = {
    "says": {"row", "value"},
    "details": {"value"},
    "on": {"row"},
    "off": {"row"},
    "more": {"row", "value"},
    "less": {"row", "value"},
}
GAPS_OF_TABLE = {"add": {"new"}, "gone": {"row"}}
TABLE_KEYS = {"names", "row", "things", "titles", "actions", "proper", "add", "gone", "title_field", "field"}
FIELD_KEYS = {
    "name", "type", "choices", "values", "plain", "unit", "called", "says", "details", "on", "off", "states", "more",
    "less", "special",
}  # fmt: skip


class BadSpeech(PianolaError):
    """A file of a language is not written as it should be."""

    def __init__(self, file: Path, where: str, problem: str) -> None:
        super().__init__(f"{file.parent.name}/{file.name}: {where}: {problem}")


@cache
def language(code: str, folder: Path = FOLDER) -> Language:
    """Return a language. Raise `BadSpeech`."""
    speech = SpeechFile(folder / code / "speech.toml")
    lists = speech.lists()
    return Language(
        code=code,
        phrases=speech.phrases(),
        pairs=speech.pairs(),
        lists=lists,
        numbers=speech.texts("numbers", "zero_to_twelve"),
        group=speech.text("numbers", "group"),
        point=speech.text("numbers", "point"),
        article_share=speech.share("grammar", "article_share"),
        tables=TablesFile(folder / code / "tables.toml", lists).tables(),
    )


class TomlFile:
    """A file of ours, and the errors about it."""

    def __init__(self, file: Path) -> None:
        """Read the file."""
        self._file = file
        try:
            self._content: dict[str, Any] = tomllib.loads(file.read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise BadSpeech(file, "the file", f"it cannot be read: {error}") from error

    def bad(self, where: str, problem: str) -> BadSpeech:
        """Return an error about this file."""
        return BadSpeech(self._file, where, problem)

    def as_texts(self, value: Any, where: str) -> Phrases:
        """Return a list of different texts that are not empty."""
        if type(value) is not list or not all(type(one) is str and one.strip() for one in value):
            raise self.bad(where, f"it is {value!r:.60}. Expected a list of texts.")
        if twice := next((one for one in value if value.count(one) > 1), None):
            raise self.bad(where, f"{twice!r:.60} stands there twice. Remove one.")
        return tuple(value)

    def with_gaps(self, value: Any, where: str, wanted: frozenset[str], optional: frozenset[str] = OPTIONAL) -> Phrases:
        """Return phrases that have these gaps, and no others. `optional`: gaps that may be left out."""
        phrases = self.as_texts(value, where)
        for one in phrases:
            gaps = gaps_of(one)
            if not wanted - optional <= gaps <= wanted:
                names = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "none"
                raise self.bad(where, f"the gaps of {one!r:.80} are wrong. Expected: {names}.")
        return phrases


class SpeechFile(TomlFile):
    """`speech.toml`: phrases, talk and words."""

    def text(self, section: str, name: str) -> str:
        """Return a text of a section."""
        value = self._section(section).get(name)
        if type(value) is not str:
            raise self.bad(f"{section}.{name}", f"it is {value!r:.40}. Expected a text.")
        return value

    def share(self, section: str, name: str) -> float:
        """Return a number from 0 to 1 of a section."""
        value: Any = self._section(section).get(name)
        if type(value) not in (int, float) or not 0 <= value <= 1:
            raise self.bad(f"{section}.{name}", f"it is {value!r:.40}. Expected a number from 0 to 1.")
        return float(value)

    def texts(self, section: str, name: str) -> Phrases:
        """Return a list of texts of a section."""
        return self.as_texts(self._section(section).get(name), f"{section}.{name}")

    def phrases(self) -> dict[str, Phrases]:
        """Return the phrases of each kind."""
        found = self._section("phrases")
        self._complete("phrases", found, PHRASES)
        return {name: self._phrases(name, found[name], gaps) for name, gaps in PHRASES.items()}

    def _phrases(self, name: str, value: Any, gaps: frozenset[str]) -> Phrases:
        """Return the phrases of a kind. An answer need not fill its gaps."""
        return self.with_gaps(value, f"phrases.{name}", gaps, gaps if name.startswith(ANSWERS) else OPTIONAL)

    def pairs(self) -> dict[str, tuple[Pair, ...]]:
        """Return what is said and answered, by kind."""
        found = self._section("talk")
        self._complete("talk", found, PAIRS)
        return {name: tuple(self._pair(one, f"talk.{name}") for one in found[name]) for name in PAIRS}

    def lists(self) -> dict[str, Phrases]:
        """Return the words of each list."""
        found = self._section("lists")
        if missing := [name for name in LISTS if name not in found]:
            raise self.bad("lists", f"it has no `{missing[0]}`.")
        lists = {name: self.as_texts(value, f"lists.{name}") for name, value in found.items()}
        for name, phrases in lists.items():
            if unknown := next((gap for one in phrases for gap in gaps_of(one) if gap not in lists), None):
                raise self.bad(f"lists.{name}", f"there is no list {unknown!r:.40}.")
        return lists

    def _pair(self, value: Any, where: str) -> Pair:
        said, answer = (*self.as_texts(value, where), "", "")[:2]
        if not answer:
            raise self.bad(where, f"{value!r:.60} has no answer. Expected two texts.")
        return said, answer

    def _section(self, name: str) -> dict[str, Any]:
        section = self._content.get(name)
        if type(section) is not dict:
            raise self.bad(name, "there is no such section.")
        return section

    def _complete(self, section: str, found: Mapping[str, Any], wanted: Any) -> None:
        if missing := next((name for name in wanted if name not in found), None):
            raise self.bad(section, f"it has no `{missing}`.")
        if unknown := next((name for name in found if name not in wanted), None):
            raise self.bad(section, f"it has `{unknown}`, which is no kind. See training/speech/kinds.py.")


class TablesFile(TomlFile):
    """`tables.toml`: kinds of tables."""

    def __init__(self, file: Path, lists: Mapping[str, Phrases]) -> None:
        """`lists`: the words for gaps of titles."""
        super().__init__(file)
        self._lists = lists

    def tables(self) -> tuple[TableKind, ...]:
        """Return all kinds of tables."""
        return tuple(self._table(one) for one in self._content.get("table") or ())

    def _table(self, said: dict[str, Any]) -> TableKind:
        where = f"the table {said.get('names', ['without a name'])[0]}"
        self._known(said, TABLE_KEYS, where)
        texts = {key: self.as_texts(said.get(key, []), f"{where}, {key}") for key in ("names", "things", "titles")}
        for one in texts["titles"]:
            self._fillable(one, where)
        gaps = {key: self.with_gaps(said.get(key, []), where, frozenset(gap)) for key, gap in GAPS_OF_TABLE.items()}
        actions = tuple(self._action(one, where) for one in said.get("actions", ()))
        if not texts["names"] or not texts["things"] or not (texts["titles"] or actions) or not said.get("row"):
            raise self.bad(where, "it needs `names`, `row`, `things`, and `titles` or `actions`.")
        return TableKind(
            **texts,
            **gaps,
            actions=actions,
            row=said["row"],
            proper=said.get("proper", False),
            title_field=said.get("title_field", "title"),
            fields=tuple(self._field(one, where) for one in said.get("field", ())),
        )

    def _action(self, said: Any, where: str) -> Action:
        if type(said) is not list or len(said) != 3:
            raise self.bad(
                where,
                f"the action {said!r:.60} is wrong. Expected what is to be done, the same done, and a list of what.",
            )
        verb, past, what = said
        for one in self.as_texts(what, f"{where}, {verb}"):
            self._fillable(one, where)
        return Action(verb, past, tuple(what))

    def _field(self, said: dict[str, Any], table: str) -> FieldKind:
        where = f"{table}, the field {said.get('name', 'without a name')}"
        self._known(said, FIELD_KEYS, where)
        if said.get("type", "text") not in FIELD_TYPES:
            raise self.bad(where, f"its type is {said['type']!r:.40}. Expected one of: {', '.join(FIELD_TYPES)}.")
        texts = {key: self.as_texts(said.get(key, []), f"{where}, {key}") for key in ("called", "states")}
        gaps = {
            key: self.with_gaps(said.get(key, []), f"{where}, {key}", frozenset(gap))
            for key, gap in GAPS_OF_FIELD.items()
        }
        special = {
            int(number): self.with_gaps(phrases, f"{where}, special", frozenset({"row"}))
            for number, phrases in said.get("special", {}).items()
        }
        rest: dict[str, Any] = {key: said[key] for key in ("name", "type", "plain", "unit") if key in said}
        values = tuple(said.get("values", ()))
        for one in values:
            if type(one) is str:
                self._fillable(one, where)
        rest |= {"choices": self._choices(said, where), "values": values, "special": special}
        return FieldKind(**(rest | texts | gaps))

    def _choices(self, said: dict[str, Any], where: str) -> dict[str, Phrases]:
        found = said.get("choices", {})
        if type(found) is list:
            return dict.fromkeys(self.as_texts(found, where), ())
        return {name: self.as_texts(ways, f"{where}, {name}") for name, ways in found.items()}

    def _fillable(self, phrase: str, where: str) -> None:
        if unknown := next((gap for gap in gaps_of(phrase) if gap not in self._lists), None):
            raise self.bad(where, f"{phrase!r:.60} names the list {unknown!r}, which `speech.toml` does not have.")

    def _known(self, said: Mapping[str, Any], known: set[str], where: str) -> None:
        if unknown := next((key for key in said if key not in known), None):
            raise self.bad(where, f"it has `{unknown}`. Known: {', '.join(sorted(known))}.")

"""Who the assistant is: text files that can be exchanged, added and edited while everything runs.

`$PIANOLA_HOME/personas/NAME.md` begins with lines `title: …`, `words: …` (most words of an answer) and
`remark_words: …` (most words of a comment), then a line `---`, then the text. The shipped personas are copied there at
the first start; a file that is missing there is read from the program's own folder. The setting `persona` names the one
that speaks. The agent writes the list of all into the setting `personas`: maps of `name`, `title`, `words`, `problem`.
The usual numbers of words stand in `services/agent/limits.py`.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from apps.core import DEFAULT_PERSONA
from apps.tables import Row
from bus.errors import PianolaError
from bus.store_client import StoreClient
from services.agent.limits import (
    DEFAULT_ANSWER_WORDS,
    DEFAULT_COMMENT_WORDS,
    MAX_PERSONA_CHARACTERS,
    MAX_PERSONA_TITLE,
    MAX_PERSONAS,
)
from services.agent.state.live_query import LiveQueries
from services.agent.state.published import publish_setting

SHIPPED = Path(__file__).parent / "shipped_personas"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
HEAD_LINE = re.compile(r"^([a-z_]+):[ \t]*(.*)$", re.MULTILINE)
LIMIT = "Answer in at most {words} words unless more is asked for."


class BadPersona(PianolaError):
    """A file cannot be used as a persona; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Text and limits of a persona."""

    name: str
    text: str
    title: str = ""
    words: int = DEFAULT_ANSWER_WORDS
    """Most words of an answer."""
    comment_words: int = DEFAULT_COMMENT_WORDS
    """Most words of a comment."""
    file: str = ""
    """Where it comes from, seen from the folder of all data; "": from the program's own folder."""

    @property
    def layer(self) -> str:
        """What the model is told of it."""
        return f"{self.text}\n{LIMIT.format(words=self.words)}"


def read_persona(file: Path) -> Persona:
    """Return the persona in a file, or raise `BadPersona`."""
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadPersona(f"{file.name} cannot be read ({error}). Write it as plain text in UTF-8.") from error
    if len(text) > (most := MAX_PERSONA_CHARACTERS):
        raise BadPersona(f"{file.name} has {len(text):,} characters, at most {most:,} are used. Shorten it.")
    head, separator, body = text.partition("\n---\n")
    lines: dict[str, str] = dict(HEAD_LINE.findall(head)) if separator else {}
    body = (body if separator else text).strip()
    if not body:
        raise BadPersona(f"{file.name} says nothing. Write, after a line ---, who the assistant is.")
    words, comment_words = (_number(file, lines, name) for name in ("words", "remark_words"))
    title = lines.get("title", "")[:MAX_PERSONA_TITLE] or file.stem
    return Persona(file.stem, body, title, words or DEFAULT_ANSWER_WORDS, comment_words or DEFAULT_COMMENT_WORDS)


def _number(file: Path, lines: dict[str, str], name: str) -> int:
    value = lines.get(name, "0")
    if not value.isascii() or not value.isdigit() or len(value) > 5:
        raise BadPersona(f"{file.name} says `{name}: {value:.40}`. Expected a number of words.")
    return int(value)


class Personas:
    """The files. They are read each time they are needed, so an edit takes effect with the next answer."""

    def __init__(
        self, home: Path, store_client: StoreClient, queries: LiveQueries, warn: Callable[[str], None]
    ) -> None:
        """Copy the shipped personas into `home`, the folder of all data, if its folder of personas is missing.

        `warn`: gets a sentence about a file that cannot be used.
        """
        self._folder = home / "personas"
        self._store_client = store_client
        self._queries = queries
        self._warn = warn
        self._copy_shipped()

    def _copy_shipped(self) -> None:
        try:
            if not self._folder.exists():
                self._folder.mkdir(parents=True)
                for file in SHIPPED.glob("*.md"):
                    shutil.copyfile(file, self._folder / file.name)
            self._folder.chmod(0o700)  # like the whole folder of data: nobody else reads what is in it
        except OSError as error:
            self._warn(f"the personas could not be copied to {self._folder}: {error}")

    async def chosen(self, of_model: object = "") -> Persona:
        """Return the persona that speaks: that of the model, else the one in the bar, else the default one.

        `of_model`: what the user chose for the model that speaks. One that cannot be used is left out.
        """
        in_bar = (await self._queries.settings()).get("persona")
        for name in (of_model, in_bar, DEFAULT_PERSONA):
            if type(name) is not str or not NAME.fullmatch(name):
                continue
            try:
                return self._read(name)
            except BadPersona as problem:
                self._warn(f"the persona {name} cannot be used: {problem}")
        return read_persona(SHIPPED / f"{DEFAULT_PERSONA}.md")

    def _read(self, name: str) -> Persona:
        own = self._folder / f"{name}.md"
        if own.is_file():
            return replace(read_persona(own), file=f"{self._folder.name}/{own.name}")
        return read_persona(SHIPPED / own.name)

    def listed(self) -> list[Row]:
        """Return all personas, sorted by name."""
        files = {file.stem: file for folder in (SHIPPED, self._folder) for file in sorted(folder.glob("*.md"))}
        return [_listed(files[name]) for name in sorted(files) if NAME.fullmatch(name)][:MAX_PERSONAS]

    async def update_list(self) -> None:
        """Write the list of personas into the setting `personas`, if it has changed."""
        try:
            await publish_setting(self._store_client, self._queries, "personas", self.listed())
        except (OSError, PianolaError) as problem:
            self._warn(f"the personas could not be listed: {problem}")


def _listed(file: Path) -> Row:
    try:
        persona = read_persona(file)
    except BadPersona as problem:
        return {"name": file.stem, "title": file.stem, "words": 0, "problem": str(problem)}
    return {"name": persona.name, "title": persona.title, "words": persona.words, "problem": ""}

"""Who the assistant is: text files that can be swapped, added and edited while everything runs.

`$PIANOLA_HOME/personas/NAME.md` begins with lines `title: …`, `words: …` (most words of an answer) and
`remark_words: …`, then a line `---`, then the text. Those that ship are put there at the first start; one that is not
there (any more) is taken from the program. Which one speaks is the setting `persona`; which there are is the setting
`personas`, kept by the agent: maps of `name`, `title`, `words`, `problem`.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from apps.core import DEFAULT_PERSONA
from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from services.agent.state.live_query import LiveQueries
from services.agent.state.store_client import StoreClient

SHIPPED = Path(__file__).parent / "shipped_personas"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
LONGEST = 8_000
MOST = 50
HEAD_LINE = re.compile(r"^([a-z_]+):[ \t]*(.*)$", re.MULTILINE)
LIMIT = "Answer in at most {words} words unless more is asked for."


class BadPersona(PianolaError):
    """A file cannot be a persona; the sentence tells why, and what to do."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Text and limits of a persona."""

    name: str
    text: str
    title: str = ""
    words: int = 60
    """Most words of an answer."""
    remark_words: int = 20
    """Most words of a remark."""

    @property
    def layer(self) -> str:
        """What the model is told."""
        return f"{self.text}\n{LIMIT.format(words=self.words)}"


def read_persona(file: Path) -> Persona:
    """Return the persona in a file, or raise `BadPersona`."""
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadPersona(f"{file.name} cannot be read ({error}). Write it as plain text in UTF-8.") from error
    if len(text) > LONGEST:
        raise BadPersona(f"{file.name} has {len(text):,} characters, at most {LONGEST:,} are used. Shorten it.")
    head, separator, body = text.partition("\n---\n")
    lines: dict[str, str] = dict(HEAD_LINE.findall(head)) if separator else {}
    body = (body if separator else text).strip()
    if not body:
        raise BadPersona(f"{file.name} says nothing. Write, after a line ---, who the assistant is.")
    words, remark_words = (_number(file, lines, name) for name in ("words", "remark_words"))
    return Persona(file.stem, body, lines.get("title", "")[:80] or file.stem, words or 60, remark_words or 20)


def _number(file: Path, lines: dict[str, str], name: str) -> int:
    value = lines.get(name, "0")
    if not value.isascii() or not value.isdigit() or len(value) > 5:
        raise BadPersona(f"{file.name} says `{name}: {value:.40}`. Expected a number of words.")
    return int(value)


class Personas:
    """The files, read again whenever they are needed: an edit is heard in the next sentence."""

    def __init__(
        self, home: Path, store_client: StoreClient, queries: LiveQueries, warn: Callable[[str], None]
    ) -> None:
        """`home`: the folder of all data. Those that ship are laid out there once."""
        self._folder = home / "personas"
        self._store_client = store_client
        self._queries = queries
        self._warn = warn
        self._lay_out()

    def _lay_out(self) -> None:
        try:
            if not self._folder.exists():
                shutil.copytree(SHIPPED, self._folder)
        except OSError as error:
            self._warn(f"the personas could not be laid out in {self._folder}: {error}")

    async def chosen(self) -> Persona:
        """Return the persona that speaks; the usual one when the chosen one cannot."""
        name = (await self._queries.settings()).get("persona")
        known = type(name) is str and NAME.fullmatch(name)
        for one in (str(name) if known else DEFAULT_PERSONA, DEFAULT_PERSONA):
            try:
                return read_persona(self._file(one))
            except BadPersona as problem:
                self._warn(f"the persona {one} cannot speak: {problem}")
        return read_persona(SHIPPED / f"{DEFAULT_PERSONA}.md")

    def _file(self, name: str) -> Path:
        own = self._folder / f"{name}.md"
        return own if own.is_file() else SHIPPED / f"{name}.md"

    def listed(self) -> list[Row]:
        """Return all there are, by name."""
        files = {file.stem: file for folder in (SHIPPED, self._folder) for file in sorted(folder.glob("*.md"))}
        return [_listed(files[name]) for name in sorted(files) if NAME.fullmatch(name)][:MOST]

    async def tell(self) -> None:
        """Bring the setting `personas` up to date."""
        try:
            listed = self.listed()
            if (await self._queries.settings()).get("personas") != listed:
                values = {"value": listed}
                order = StoreOrder(verb="update", table="setting", id="personas", values=values, actor="system")
                await self._store_client.ask(order)
        except (OSError, PianolaError) as problem:
            self._warn(f"the personas could not be listed: {problem}")


def _listed(file: Path) -> Row:
    try:
        persona = read_persona(file)
    except BadPersona as problem:
        return {"name": file.stem, "title": file.stem, "words": 0, "problem": str(problem)}
    return {"name": persona.name, "title": persona.title, "words": persona.words, "problem": ""}

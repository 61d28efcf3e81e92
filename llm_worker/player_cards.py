"""The players of our own: a card and an adapter each, in the folder `players`. See docs/decisions/players.md.

An adapter is a small difference (LoRA) that is loaded beside the weights of its base. It was taught one form of prompt.
A model of any server that has the name of a card is that player: so the embedded engine lists it, and so may others.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from bus.errors import PianolaError

FOLDER = Path(__file__).parent.parent / "players"
FORMS = (1, 2)
"""The forms of prompt that the agent can write; see `services/agent/prompt/player/`."""
Part = TypeVar("Part")
Texts = tuple[str, ...]
EXPECTED: Mapping[Any, str] = {str: "a text", int: "a whole number", Texts: "a list of texts", Path: "a folder"}


class BadCard(PianolaError):
    """A card, or its adapter, cannot be used."""

    def __init__(self, card: Path, problem: str) -> None:
        super().__init__(f"The player {card.stem} cannot be used: {problem} Get Pianola again, or remove {card}.")


@dataclass(frozen=True, slots=True)
class Base:
    """The weights that an adapter was taught over. `repository`: where they come from, in words."""

    repository: str
    file: str
    size: int
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """The file of the difference, beside the card."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of so many strangers' orders were right, and how many without the adapter."""

    orders: int
    right: int
    untaught: int


@dataclass(frozen=True, slots=True)
class PlayerCard:
    """What is told of a player."""

    name: str
    title: str
    form: int
    """The form of prompt that it was taught."""
    languages: Texts
    good: str
    weak: str
    comparable_bytes: int
    """It understands orders about as well as a general model of this size: so it is compared with others."""
    figures: Figures
    base: Base
    adapter: Adapter
    folder: Path

    @property
    def adapter_path(self) -> Path:
        """Where the adapter is."""
        return self.folder / self.adapter.file

    @property
    def about(self) -> str:
        """What it is good at and what not, for people."""
        return f"Good at {self.good}. {self.weak[0].upper()}{self.weak[1:]}. Taught in: {', '.join(self.languages)}."


def read_cards(folder: Path = FOLDER) -> tuple[list[PlayerCard], list[BadCard]]:
    """Return the cards in a folder, that of the largest base first, and what is wrong with the others."""
    good: list[PlayerCard] = []
    bad: list[BadCard] = []
    for file in sorted(folder.glob("*.toml")):
        try:
            good.append(read_card(file))
        except BadCard as problem:
            bad.append(problem)
    return sorted(good, key=lambda one: -one.base.size), bad


def read_card(file: Path) -> PlayerCard:
    """Return the card in a file. Raises `BadCard`."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadCard(file, f"its card cannot be read ({error}).") from error
    card = _filled(PlayerCard, values | {"folder": file.parent}, file, "")
    if card.name != file.stem:
        raise BadCard(file, f"its card says the name {card.name!r:.60}. Expected {file.stem!r}, as the file is called.")
    if card.form not in FORMS:
        known = ", ".join(map(str, FORMS))
        raise BadCard(file, f"it was taught the form {card.form} of the prompt. This version knows: {known}.")
    return card


def check_adapter(card: PlayerCard) -> None:
    """Raise `BadCard` unless the adapter is there and is the one that the card names."""
    file, path = card.folder / f"{card.name}.toml", card.adapter_path
    try:
        size = path.stat().st_size
        found = sha256_of(path) if size == card.adapter.size else ""
    except OSError as error:
        raise BadCard(file, f"its adapter {path} cannot be read ({error.strerror}).") from error
    if found != card.adapter.sha256:
        told = f"the SHA-256 {found}" if found else f"{size:,} bytes"
        wanted = f"{card.adapter.sha256}" if found else f"{card.adapter.size:,}"
        raise BadCard(file, f"its adapter {path} has {told}. Expected {wanted}.")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _filled(kind: type[Part], values: Mapping[str, Any], file: Path, place: str) -> Part:
    """Return a part of the card, made from the values of a table in the file. `place`: the name of that table."""
    types = get_type_hints(kind)
    where = f"[{place}] of its card" if place else "its card"
    if missing := [one.name for one in fields(kind) if one.name not in values]:  # type: ignore[arg-type]
        raise BadCard(file, f"{where} lacks {', '.join(missing)}.")
    if unknown := [name for name in values if name not in types]:
        raise BadCard(file, f"{where} has {unknown[0]!r:.60}, which no card has.")
    return kind(**{name: _fitted(types[name], value, file, name) for name, value in values.items()})


def _fitted(kind: Any, value: Any, file: Path, name: str) -> Any:
    """Return a value of the card if it has its type: a text, a number, a list of texts, or a part."""
    if kind in (Figures, Base, Adapter) and type(value) is dict:
        return _filled(kind, value, file, name)
    if kind == Texts:
        if type(value) is list and value and all(type(one) is str for one in value):
            return tuple(value)
    elif isinstance(value, kind) and type(value) is not bool and value != "":
        return value
    raise BadCard(file, f"its card says {name} = {value!r:.60}. Expected {EXPECTED.get(kind, 'a table')}.")

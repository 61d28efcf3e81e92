"""Somebody who speaks in a scene: phrases of the language, rows by their names, values in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from apps.tables import Row
from services.agent.grounding.words import content_words
from training.orders.effects import Effect
from training.scenes.rows import Title, fresh_title
from training.scenes.scene import Scene
from training.scenes.tables import SceneTable
from training.speech.language import FieldKind, Language
from training.speech.patterns import filled

QUOTATION_MARKS = ("“{}”", '"{}"', "'{}'")
LOWER_SHARE, PART_SHARE, QUOTED_SHARE, PLACE_SHARE, SLIP_SHARE = 0.5, 0.35, 0.1, 0.08, 0.05
"""Of the rows that are named: in small letters, by one word, in quotes, by place, with a slip."""
LEAST_PART, LEAST_SLIP = 4, 6
"""Letters of a word that names a row alone, and of a title with a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Something that a user says, what it does, and what the assistant says to it."""

    says: str
    effects: tuple[Effect, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """A user in front of a scene."""

    scene: Scene
    language: Language
    rng: Random

    @property
    def table(self) -> SceneTable:
        """The table that is spoken of."""
        return self.scene.table

    def happens(self, share: float) -> bool:
        """Return whether something happens that does in this share of all cases."""
        return self.rng.random() < share

    def phrase(self, kind: str, **gaps: str) -> str:
        """Return a phrase of a kind."""
        return filled(self.language.some(kind, self.rng), **gaps)

    def one_of(self, phrases: Sequence[str], **gaps: str) -> str:
        """Return one of these phrases."""
        return filled(self.rng.choice(phrases), **gaps)

    def row(self) -> Row | None:
        """Return one of the rows that are shown; None if there are none."""
        return self.rng.choice(self.scene.visible) if self.scene.visible else None

    def rows(self, most: int) -> list[Row]:
        """Return some of the rows that are shown."""
        shown = self.scene.visible
        return self.rng.sample(shown, min(most, len(shown)))

    def fresh(self) -> Title | None:
        """Return a title that no row has."""
        return fresh_title(self.scene.rows, self.language, self.rng)

    def title(self, row: Row) -> str:
        """Return the title of a row."""
        return self.scene.rows.title(row)

    def named(self, row: Row, *, by_place: bool = True) -> str:
        """Return how the user names a row. `by_place`: also by its number or its place in the list."""
        if by_place and self.happens(PLACE_SHARE):
            return self._by_place(row)
        title = self.title(row)
        chance = self.rng.random()
        if chance < QUOTED_SHARE:
            return self.rng.choice(QUOTATION_MARKS).format(title)
        if chance < QUOTED_SHARE + PART_SHARE and (part := self._part(row)):
            return self.with_article(part)
        if chance > 1 - SLIP_SHARE and len(title) >= LEAST_SLIP:
            return slipped(title, self.rng)
        return self.with_article(self.as_spoken(title))

    def as_spoken(self, title: str) -> str:
        """Return a title as it is typed: names and half of the others as they are, the rest in small letters."""
        return title.lower() if not self.table.kind.proper and self.happens(LOWER_SHARE) else title

    def with_article(self, name: str) -> str:
        """Return a name with an article, where one fits: not before names of people and books."""
        articles = self.language.phrases["article"]
        has_one = name.split(" ", maxsplit=1)[0].casefold() in articles
        is_task = bool(self.table.kind.actions) and " " in name
        if self.table.kind.proper or has_one or is_task or not self.happens(self.language.article_share):
            return name
        return f"{self.rng.choice(articles)} {name}"

    def _part(self, row: Row) -> str:
        """Return a word of a title of several: of a task, one that tells what it is about."""
        title = self.scene.rows.titles.get(row["id"])
        text = title.what if title and title.what else self.title(row)
        shared = self.scene.shared.split()
        words = [one for one in text.split() if self._names_alone(one) and one not in shared]
        return self.rng.choice(words) if words and len(self.title(row).split()) > 1 else ""

    def _names_alone(self, word: str) -> bool:
        is_small = word.casefold() in self.language.lists["small"]
        return len(word) >= LEAST_PART and bool(content_words(word)) and not is_small

    def _by_place(self, row: Row) -> str:
        place = self.scene.visible.index(row)
        is_whole = not self.scene.shown and len(self.scene.visible) > 2
        if is_whole and place == len(self.scene.visible) - 1:
            return self.phrase("last")
        if is_whole and place < 2:
            return self.phrase(("first", "second")[place])
        return self.phrase("number", id=str(row["id"]))

    def state(self, switch: FieldKind) -> str:
        """Return a word for a switch that is true."""
        return self.rng.choice(switch.states or switch.names)

    def field(self, field: FieldKind) -> str:
        """Return how the user names a field: mostly as the declaration does."""
        names = field.names
        return names[0] if len(names) == 1 or self.happens(0.5) else self.rng.choice(names[1:])


Maker = Callable[[Speaker], Clause | None]
"""Makes a clause; None if it does not fit the scene."""


def quoted(title: str) -> str:
    """Return a title as the assistant names it."""
    return f"“{title}”"


def slipped(text: str, rng: Random) -> str:
    """Return a text with a slip of the keyboard: two letters changed, one left out or twice."""
    place = rng.randrange(1, len(text) - 2)
    before, one, two, rest = text[:place], text[place], text[place + 1], text[place + 2 :]
    return rng.choice((f"{before}{two}{one}{rest}", f"{before}{two}{rest}", f"{before}{one}{one}{two}{rest}"))

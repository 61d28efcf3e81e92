"""What a user sees when speaking: the open app with its tables and rows, the other apps, and what happened lately."""

from dataclasses import dataclass, field
from random import Random

from apps.names import name_from
from apps.tables import Row, Table
from training.scenes.rows import Rows, made_rows, make_alike
from training.scenes.situation import SHOWS_LINKS, USUAL_WINDOW, count_shown, situation_of
from training.scenes.tables import SceneTable, made_table
from training.speech.language import FieldKind, Language

OTHER_APPS = ("journal", "profiles", "todo", "expenses", "plants", "books", "people", "habits", "links", "workflows")
TWO_TABLES_SHARE = 0.2
HIDDEN_SHARE = 0.5
"""Of long tables of which only the first rows are shown."""
ALIKE_SHARE = 0.08
"""Of tables in which two titles differ by one word only."""
LEAST_HIDDEN_ROWS = 5
NARROW_WINDOWS = (250, 700)
"""Tokens of a context in which not all rows have room."""
VOICES = ("sassy", "sober", "friendly")
"""Names of the shipped personas."""


@dataclass(slots=True)
class Scene:
    """A made-up moment."""

    app: str
    apps: tuple[str, ...]
    """All apps."""
    tables: list[Rows]
    voice: str
    window: int = USUAL_WINDOW
    """Tokens of the model's context. In a small one not all rows have room."""
    shown: int = 0
    """So many rows of the only table are shown to the model; 0: all."""
    shared: str = ""
    """What the titles of two rows share that are alike; "": there are none."""
    spoken: int = 0
    """The place of the table that is spoken of."""
    events: list[str] = field(default_factory=list)
    """What happened lately, as the product tells it."""

    @property
    def rows(self) -> Rows:
        """The rows of the table that is spoken of."""
        return self.tables[self.spoken]

    @property
    def table(self) -> SceneTable:
        """The table that is spoken of."""
        return self.rows.table

    @property
    def declared(self) -> tuple[Table, ...]:
        """The declarations of all tables of the open app."""
        return tuple(one.table.table for one in self.tables)

    @property
    def visible(self) -> list[Row]:
        """The rows of the table that is spoken of, as far as the model is shown them."""
        return self.rows.rows[: self.shown or None]


def made_scene(language: Language, rng: Random) -> Scene:
    """Return a scene."""
    count = 2 if rng.random() < TWO_TABLES_SHARE else 1
    made: list[Rows] = []
    for kind in rng.sample(language.tables, count):
        table = made_table(kind, rng, taken=[one.table.name for one in made], link=_link_to(made))
        made.append(made_rows(table, language, rng))
    app = made[0].table.name if rng.random() < 0.8 else name_from(rng.choice(made[0].table.kind.names), (), "app")
    others = [one for one in rng.sample(OTHER_APPS, rng.randint(1, 4)) if one != app]
    scene = Scene(app, (app, *others), made, rng.choice(VOICES), spoken=rng.randrange(count))
    if count == 1 and len(made[0].rows) > LEAST_HIDDEN_ROWS and rng.random() < HIDDEN_SHARE:
        _narrow(scene, rng)
    elif len(scene.rows.rows) > 1 and rng.random() < ALIKE_SHARE:
        first, second = rng.sample(range(len(scene.rows.rows)), 2)
        one, other = rng.sample(language.lists["apart"], 2)
        scene.shared = make_alike(scene.rows, first, second, (one, other))
    return scene


def _link_to(made: list[Rows]) -> FieldKind | None:
    """Return a field that leads to a row of the first table; None where there is none, or where no links are taught."""
    if not made or not SHOWS_LINKS:
        return None
    rows = made[0]
    linked = tuple((row["id"], rows.title(row)) for row in rows.rows)
    return FieldKind(rows.table.kind.things[0].lower(), "link", values=linked, to=rows.table.name)


def _narrow(scene: Scene, rng: Random) -> None:
    """Give the model a context in which not all rows have room."""
    window = rng.randint(*NARROW_WINDOWS)
    shown = count_shown(situation_of(scene.app, scene.apps, scene.tables, window=window))
    if 1 < shown < len(scene.rows.rows):
        scene.window, scene.shown = window, shown

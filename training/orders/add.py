"""New rows: alone, with values of their fields, and several at once."""

from dataclasses import dataclass

from apps.tables import Row
from training.orders.effects import Added
from training.orders.speaker import Clause, Speaker, quoted
from training.scenes.rows import Title
from training.scenes.values import Said, some_value
from training.speech.language import FieldKind
from training.speech.patterns import filled

OWN_SHARE, THING_SHARE, BARE_SHARE, QUOTED_SHARE, LIST_SHARE = 0.35, 0.25, 0.08, 0.1, 0.5
MOST_DETAILS = (1, 1, 1, 2, 2, 3)
SEPARATORS = (", ", ", ", "; ", " - ", ", with ")


@dataclass(frozen=True, slots=True)
class Detail:
    """A value that is told behind a new row."""

    says: str
    values: Row


def add_one(speaker: Speaker) -> Clause | None:
    """Add a row by its title alone."""
    title = speaker.fresh()
    return _added(speaker, title.text, title, {}) if title else None


def add_with_details(speaker: Speaker) -> Clause | None:
    """Add a row with values: "a snake plant for the bedroom, every 14 days"."""
    title, details = speaker.fresh(), _details(speaker)
    if not title or not details:
        return None
    separator = speaker.rng.choice(SEPARATORS[:4])
    says = separator.join([title.text, *(one.says for one in details)])
    values = {name: value for one in details for name, value in one.values.items()}
    if speaker.happens(BARE_SHARE * 2):
        row = {speaker.table.title: title.text, **values}
        return Clause(says, (Added(speaker.table.table, row),), _said(speaker, title))
    return _added(speaker, says, title, values)


def add_several(speaker: Speaker) -> Clause | None:
    """Add two or three rows at once."""
    titles: list[Title] = []
    for _ in range(speaker.rng.choice((2, 2, 3))):
        title = speaker.fresh()
        if title and title.text not in [one.text for one in titles] and "," not in title.text:
            titles.append(title)
    if len(titles) < 2 or _is_several_words(titles, speaker):
        return None
    names = [speaker.as_spoken(one.text) for one in titles]
    joined = f"{', '.join(names[:-1])}{speaker.language.phrases['and'][0]}{names[-1]}"
    if not speaker.happens(LIST_SHARE):
        joined = speaker.rng.choice((", ", " + ", "\n")).join(names)
    says = speaker.phrase("add_several", new=joined)
    effects = tuple(Added(speaker.table.table, {speaker.table.title: name}) for name in names)
    return Clause(says, effects, speaker.phrase("said_added", new=", ".join(map(quoted, names))))


def _is_several_words(titles: list[Title], speaker: Speaker) -> bool:
    """Return whether a title contains the word that would join it with the next one."""
    joint = speaker.language.phrases["and"][0]
    return any(joint in one.text for one in titles)


def _added(speaker: Speaker, says: str, title: Title, values: Row) -> Clause:
    shown, text = title.text, title.text
    if speaker.happens(QUOTED_SHARE) and not values:
        shown = speaker.rng.choice(("“{}”", '"{}"')).format(title.text)
    elif not speaker.table.kind.proper and text != text.lower() and speaker.happens(0.3):
        shown = text = title.text.lower()
    says = says.replace(title.text, shown, 1)
    row = {speaker.table.title: text, **values}
    return Clause(_introduced(speaker, says, title), (Added(speaker.table.table, row),), _said(speaker, title))


def _introduced(speaker: Speaker, says: str, title: Title) -> str:
    """Return the title and its details within a phrase that adds them."""
    kind, several = speaker.table.kind, len(speaker.scene.tables) > 1
    if title.action and not several:
        return speaker.phrase("add_task", new=says)
    if kind.add and speaker.happens(OWN_SHARE):
        return speaker.one_of(kind.add, new=says)
    if several or speaker.happens(THING_SHARE):
        return speaker.phrase("add_thing", new=says, thing=speaker.rng.choice(kind.things))
    if speaker.happens(BARE_SHARE) and speaker.scene.rows.rows and " " not in title.text:
        return says
    return speaker.phrase("add", new=says)


def _said(speaker: Speaker, title: Title) -> str:
    return speaker.phrase("said_added", new=quoted(title.text))


def _details(speaker: Speaker) -> list[Detail]:
    fields = list(speaker.table.fields)
    speaker.rng.shuffle(fields)
    made = (_detail(one, speaker) for one in fields[: speaker.rng.choice(MOST_DETAILS)])
    return [one for one in made if one]


def _detail(field: FieldKind, speaker: Speaker) -> Detail | None:
    said: Said = some_value(field, speaker.language, speaker.rng)
    if said.written is None:
        return None
    if field.type == "boolean":
        return Detail(speaker.state(field), {field.name: True}) if said.written else None
    if field.details and speaker.happens(0.7):
        return Detail(speaker.one_of(field.details, value=said.words), {field.name: said.written})
    phrase = speaker.language.some("detail", speaker.rng)
    return Detail(filled(phrase, field=speaker.field(field), value=said.words), {field.name: said.written})

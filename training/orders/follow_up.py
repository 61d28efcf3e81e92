"""What refers to the talk before: corrections, "it", a yes or no to a question of the assistant."""

from collections.abc import Callable
from random import Random

from apps.tables import Row
from services.agent.prompt.turns import USER_SAYS, Turn
from training.orders.change import number_to_change, said_set, says_set
from training.orders.effects import Added, Changed, Deleted, Right
from training.orders.sample import Sample, fenced
from training.orders.speaker import Clause, Speaker, quoted
from training.scenes.values import Said
from training.speech.language import FieldKind

SampleMaker = Callable[[Speaker], Sample | None]
"""Makes a whole order; None if it does not fit the scene."""


def correct_value(speaker: Speaker) -> Sample | None:
    """Correct a value that was just set: "no, I meant two"."""
    chosen = number_to_change(speaker)
    if chosen is None:
        return None
    row, field, said = chosen
    effect = Changed(speaker.table.table, row["id"], {field.name: said.written})
    clause = Clause(speaker.phrase("correct", value=said.words), (effect,), said_set(speaker, row, field, said))
    return _sample(speaker, "correction", clause, _as_set(speaker, row, field))


def _as_set(speaker: Speaker, row: Row, field: FieldKind) -> tuple[Turn, ...]:
    """Return the talk in which a field got the value that it has now."""
    now = Said(row[field.name], f"{row[field.name]:g}".replace(".", speaker.language.point))
    effect = Changed(speaker.table.table, row["id"], {field.name: row[field.name]})
    says = says_set(speaker, row, field, now)
    return _talk(says, said_set(speaker, row, field, now), effect)


def correct_title(speaker: Speaker) -> Sample | None:
    """Correct the title of a row that was just added: "no, I meant eggplants"."""
    title = speaker.fresh()
    if title is None or not speaker.scene.visible:
        return None
    row = speaker.scene.visible[-1]
    effect = Changed(speaker.table.table, row["id"], {speaker.table.title: title.text})
    words = speaker.phrase("said_renamed", row=quoted(speaker.title(row)), new=quoted(title.text))
    says = speaker.phrase("correct_title", new=title.text)
    return _sample(speaker, "correction", Clause(says, (effect,), words), _as_added(speaker, row))


def _as_added(speaker: Speaker, row: Row) -> tuple[Turn, ...]:
    """Return the talk in which a row was added."""
    says = speaker.phrase("add", new=speaker.title(row))
    effect = Added(speaker.table.table, {speaker.table.title: speaker.title(row)})
    return _talk(says, speaker.phrase("said_added", new=quoted(speaker.title(row))), effect)


def with_it(speaker: Speaker) -> Sample | None:
    """Change the row that the talk was about: "delete it"."""
    row = speaker.row()
    if row is None:
        return None
    asked = speaker.phrase("ask_there", row=speaker.named(row, by_place=False))
    earlier = _talk(asked, speaker.phrase("said_there", row=quoted(speaker.title(row))))
    clause = _switch_it(speaker, row) if speaker.table.switches and speaker.happens(0.6) else _delete_it(speaker, row)
    return _sample(speaker, "it", clause, earlier)


def _switch_it(speaker: Speaker, row: Row) -> Clause:
    field = speaker.rng.choice(speaker.table.switches)
    is_true, state = not row[field.name], speaker.state(field)
    kind = "on" if is_true else "off"
    effect = Changed(speaker.table.table, row["id"], {field.name: is_true})
    words = speaker.phrase(f"said_{kind}", row=quoted(speaker.title(row)), state=state)
    return Clause(speaker.phrase(kind, row=speaker.phrase("it"), state=state), (effect,), words)


def _delete_it(speaker: Speaker, row: Row) -> Clause:
    effect = Deleted(speaker.table.table, row["id"])
    words = speaker.phrase("said_deleted", row=quoted(speaker.title(row)))
    return Clause(speaker.phrase("delete", row=speaker.phrase("it")), (effect,), words)


def agree(speaker: Speaker) -> Sample | None:
    """Say yes or no to a question of the assistant."""
    row = speaker.row()
    if row is None:
        return None
    offer = _offer_to_switch(speaker, row) or _offer_to_delete(speaker, row)
    told = speaker.phrase("elsewhere", row=speaker.named(row, by_place=False))
    earlier = _talk(told, offer.says)
    if speaker.happens(0.7):
        return _sample(speaker, "yes", Clause(speaker.phrase("yes"), offer.effects, offer.words), earlier)
    words = speaker.phrase("said_keep", row=quoted(speaker.title(row)))
    return _sample(speaker, "no", Clause(speaker.phrase("no"), (), words), earlier)


def _offer_to_switch(speaker: Speaker, row: Row) -> Clause | None:
    open_switches = [one for one in speaker.table.switches if not row[one.name]]
    if not open_switches or speaker.happens(0.3):
        return None
    field, title = open_switches[0], quoted(speaker.title(row))
    state = speaker.state(field)
    effect = Changed(speaker.table.table, row["id"], {field.name: True})
    return Clause(
        speaker.phrase("offer_on", row=title, state=state), (effect,), speaker.phrase("said_on", row=title, state=state)
    )


def _offer_to_delete(speaker: Speaker, row: Row) -> Clause:
    title = quoted(speaker.title(row))
    effect = Deleted(speaker.table.table, row["id"])
    return Clause(speaker.phrase("offer_delete", row=title), (effect,), speaker.phrase("said_deleted", row=title))


def _talk(says: str, words: str, effect: Added | Changed | None = None) -> tuple[Turn, ...]:
    """Return a question with its answer."""
    answer = f"{words}\n{fenced(effect.instruction())}" if effect else words
    return Turn("user", says, root=1, heading=USER_SAYS), Turn("assistant", answer, root=1)


def _sample(speaker: Speaker, kind: str, clause: Clause, earlier: tuple[Turn, ...]) -> Sample:
    right = Right(clause.effects)
    return Sample(speaker.language.code, kind, speaker.scene, clause.says, clause.words, right, earlier)


def small_talk(speaker: Speaker, count: int, rng: Random) -> tuple[Turn, ...]:
    """Return a talk about nothing, which may stand before any order."""
    turns: list[Turn] = []
    for number in range(1, count + 1):
        said, answer = speaker.language.pair("chat", rng)
        turns += [Turn("user", said, root=number, heading=USER_SAYS), Turn("assistant", answer, root=number)]
    return tuple(turns)

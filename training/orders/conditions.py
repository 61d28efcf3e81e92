"""Orders to all rows of which something is true: "delete what is done", "all in the fridge goes to the cellar"."""

from apps.tables import Row
from training.orders.effects import AllChanged, AllDeleted
from training.orders.speaker import Clause, Speaker
from training.scenes.values import choice_words
from training.speech.language import FieldKind


def switch_all(speaker: Speaker) -> Clause | None:
    """Say that a switch of all rows is true."""
    field = _some_switch(speaker, is_true=False)
    if field is None or speaker.scene.shown:
        return None
    effect = AllChanged(speaker.table.table, {field.name: False}, {field.name: True})
    return Clause(speaker.phrase("all_on", state=speaker.state(field)), (effect,), speaker.phrase("said_several"))


def delete_all(speaker: Speaker) -> Clause | None:
    """Delete all rows of which a switch is true."""
    field = _some_switch(speaker, is_true=True)
    if field is None:
        return None
    effect = AllDeleted(speaker.table.table, {field.name: True})
    return Clause(speaker.phrase("delete_all", state=speaker.state(field)), (effect,), speaker.phrase("said_several"))


def change_chosen(speaker: Speaker) -> Clause | None:
    """Give all rows with one choice another one."""
    field, now = _some_choice(speaker)
    others = [one for one in field.choices if one != now] if field else []
    if field is None or not others:
        return None
    new = speaker.rng.choice(others)
    says = speaker.phrase(
        "change_chosen", value=choice_words(field, now, speaker.rng), other=choice_words(field, new, speaker.rng)
    )
    effect = AllChanged(speaker.table.table, {field.name: now}, {field.name: new})
    return Clause(says, (effect,), speaker.phrase("said_several"))


def delete_chosen(speaker: Speaker) -> Clause | None:
    """Delete all rows with one choice."""
    field, now = _some_choice(speaker)
    if field is None:
        return None
    says = speaker.phrase("delete_chosen", value=choice_words(field, now, speaker.rng))
    return Clause(says, (AllDeleted(speaker.table.table, {field.name: now}),), speaker.phrase("said_several"))


def _some_switch(speaker: Speaker, *, is_true: bool) -> FieldKind | None:
    """Return a switch of which some row has this value."""
    fields = [one for one in speaker.table.switches if _has(speaker.scene.rows.rows, one, value=is_true)]
    return speaker.rng.choice(fields) if fields else None


def _some_choice(speaker: Speaker) -> tuple[FieldKind | None, str]:
    """Return a field with choices, and one that some row has; None where there is none."""
    fields = [
        one for one in speaker.table.fields if any(row[one.name] for row in speaker.scene.rows.rows) and one.choices
    ]
    if not fields:
        return None, ""
    field = speaker.rng.choice(fields)
    return field, speaker.rng.choice([row[field.name] for row in speaker.scene.rows.rows if row[field.name]])


def _has(rows: list[Row], field: FieldKind, *, value: bool) -> bool:
    return any(row[field.name] is value for row in rows)

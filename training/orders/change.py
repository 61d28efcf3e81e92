"""Rows that change: switches, values, numbers that grow, titles."""

from collections.abc import Sequence

from apps.tables import Row
from training.orders.effects import Changed
from training.orders.speaker import Clause, Speaker, quoted
from training.scenes.values import Said, number_words, some_value
from training.speech.language import FieldKind
from training.speech.patterns import filled

OWN_SHARE, DID_SHARE, SPECIAL_SHARE, INSTEAD_SHARE = 0.6, 0.45, 0.3, 0.12
MOST_STEP = 5
COUNTED = "{value} {row}"


def switch(speaker: Speaker) -> Clause | None:
    """Say that a switch of a row is true now, or no longer."""
    row = speaker.row()
    if row is None or not speaker.table.switches:
        return None
    field = speaker.rng.choice(speaker.table.switches)
    return _switched(speaker, row, field)


def _switched(speaker: Speaker, row: Row, field: FieldKind) -> Clause:
    is_true, state = not row[field.name], speaker.state(field)
    effect = Changed(speaker.table.table, row["id"], {field.name: is_true})
    kind = "on" if is_true else "off"
    words = speaker.phrase(f"said_{kind}", row=quoted(speaker.title(row)), state=state)
    return Clause(_says_switched(speaker, row, field, state), (effect,), words)


def _says_switched(speaker: Speaker, row: Row, field: FieldKind, state: str) -> str:
    title = speaker.scene.rows.titles.get(row["id"])
    is_true = not row[field.name]
    if is_true and title and title.action and field.on and speaker.happens(DID_SHARE):
        return speaker.phrase("did", past=title.action.past, what=title.what)
    own = field.on if is_true else field.off
    if own and speaker.happens(OWN_SHARE):
        return speaker.one_of(own, row=speaker.named(row))
    return speaker.phrase("on" if is_true else "off", row=speaker.named(row), state=state)


def set_value(speaker: Speaker) -> Clause | None:
    """Set a field of a row."""
    row = speaker.row()
    if row is None or not speaker.table.settable:
        return None
    field = speaker.rng.choice(speaker.table.settable)
    if field.special and speaker.happens(SPECIAL_SHARE):
        return set_special(speaker, row, field)
    said = other_value(speaker, row, field)
    return set_to(speaker, row, field, said) if said else None


def number_to_change(speaker: Speaker) -> tuple[Row, FieldKind, Said] | None:
    """Return a row, a field in which it has a number, and another value for it; None if there is no such row."""
    row = speaker.row()
    fields = [one for one in speaker.table.of_types("integer", "real") if row and row[one.name] is not None]
    if row is None or not fields:
        return None
    field = speaker.rng.choice(fields)
    said = other_value(speaker, row, field)
    return None if said is None else (row, field, said)


def other_value(speaker: Speaker, row: Row, field: FieldKind) -> Said | None:
    """Return a value that the field does not have; None if none is found soon."""
    made = (some_value(field, speaker.language, speaker.rng) for _ in range(5))
    return next((one for one in made if one.written not in (None, row[field.name])), None)


def set_to(speaker: Speaker, row: Row, field: FieldKind, said: Said) -> Clause:
    says = says_set(speaker, row, field, said)
    effect = Changed(speaker.table.table, row["id"], {field.name: said.written})
    return Clause(says, (effect,), said_set(speaker, row, field, said))


def says_set(speaker: Speaker, row: Row, field: FieldKind, said: Said) -> str:
    """Return how somebody sets a field to a value."""
    if field.says and speaker.happens(OWN_SHARE):
        phrase = speaker.rng.choice(field.says)
        is_counted = COUNTED in phrase  # "five eggs": no article stands between
        name = speaker.as_spoken(speaker.title(row)) if is_counted else speaker.named(row)
        return filled(phrase, row=name, value=said.words)
    if field.choices and speaker.happens(0.5):
        return speaker.phrase("choose", row=speaker.named(row), value=said.words)
    return speaker.phrase("set", row=speaker.named(row), field=speaker.field(field), value=said.words)


def said_set(speaker: Speaker, row: Row, field: FieldKind, said: Said) -> str:
    value = said.words if field.to else str(said.written)
    return speaker.phrase("said_set", row=quoted(speaker.title(row)), field=field.names[0], value=value)


def set_special(speaker: Speaker, row: Row, field: FieldKind) -> Clause:
    """Set a number by words of its own: "every other day", "there is no soap left"."""
    number = speaker.rng.choice(tuple(field.special))
    says = speaker.one_of(field.special[number], row=speaker.as_spoken(speaker.title(row)))
    effect = Changed(speaker.table.table, row["id"], {field.name: number})
    return Clause(says, (effect,), said_set(speaker, row, field, Said(number, str(number))))


def set_instead(speaker: Speaker) -> Clause | None:
    """Set a field and name its old value: "the cinema was 24, not 22"."""
    chosen = number_to_change(speaker)
    if chosen is None:
        return None
    row, field, said = chosen
    clause = set_to(speaker, row, field, said)
    old = speaker.phrase("instead", value=f"{row[field.name]:g}".replace(".", speaker.language.point))
    return Clause(f"{clause.says}{old}", clause.effects, clause.words)


def raise_or_lower(speaker: Speaker) -> Clause | None:
    """Change a number by another one: "two more eggs"."""
    row = speaker.row()
    fields = [one for one in speaker.table.fields if (one.more or one.less) and row and row[one.name] is not None]
    if row is None or not fields:
        return None
    field = speaker.rng.choice(fields)
    step = speaker.rng.randint(1, MOST_STEP)
    is_more = bool(field.more) and (speaker.happens(0.5) or not field.less or row[field.name] < step)
    number = row[field.name] + step if is_more else row[field.name] - step
    if number < 0:
        return None
    says = speaker.one_of(
        field.more if is_more else field.less,
        row=speaker.as_spoken(speaker.title(row)),
        value=number_words(step, field, speaker.language, speaker.rng),
    )
    effect = Changed(speaker.table.table, row["id"], {field.name: number})
    return Clause(says, (effect,), said_set(speaker, row, field, Said(number, str(number))))


def clear(speaker: Speaker) -> Clause | None:
    """Take away the value of a field."""
    row = speaker.row()
    kinds = ("date", "moment", "duration", "money", "integer", "real")
    fields = [one for one in speaker.table.of_types(*kinds) if row and row[one.name] is not None]
    if row is None or not fields:
        return None
    field = speaker.rng.choice(fields)
    says = speaker.phrase("clear", row=speaker.named(row), field=speaker.field(field))
    effect = Changed(speaker.table.table, row["id"], {field.name: None})
    words = speaker.phrase("said_empty", row=quoted(speaker.title(row)), field=field.names[0])
    return Clause(says, (effect,), words)


def rename(speaker: Speaker) -> Clause | None:
    """Give a row another title."""
    row, title = speaker.row(), speaker.fresh()
    if row is None or title is None:
        return None
    new = title.text if speaker.happens(0.6) else f"{speaker.title(row)} {title.text.split()[-1]}"
    shown = new if speaker.happens(0.6) else speaker.rng.choice(("“{}”", '"{}"')).format(new)
    says = speaker.phrase("rename", row=speaker.named(row), new=shown)
    words = speaker.phrase("said_renamed", row=quoted(speaker.title(row)), new=quoted(new))
    return Clause(says, (Changed(speaker.table.table, row["id"], {speaker.table.title: new}),), words)


def several_rows(speaker: Speaker) -> Clause | None:
    """Set the same switch of two or three rows: "milk and bread are bought"."""
    if not speaker.table.switches:
        return None
    field = speaker.rng.choice(speaker.table.switches)
    open_rows = [row for row in speaker.scene.visible if not row[field.name]]
    if len(open_rows) < 2:
        return None
    rows = speaker.rng.sample(open_rows, min(len(open_rows), speaker.rng.choice((2, 2, 3))))
    effects = tuple(Changed(speaker.table.table, row["id"], {field.name: True}) for row in rows)
    state = speaker.state(field)
    titles = ", ".join(quoted(speaker.title(row)) for row in rows)
    says = speaker.phrase("on", row=listed([speaker.named(row, by_place=False) for row in rows], speaker), state=state)
    return Clause(says, effects, speaker.phrase("said_on", row=titles, state=state))


def listed(names: Sequence[str], speaker: Speaker) -> str:
    """Return names as one list: "milk, bread and eggs"."""
    return f"{', '.join(names[:-1])}{speaker.language.phrases['and'][0]}{names[-1]}"

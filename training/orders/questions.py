"""Questions about rows that are shown: the answer is words, and nothing is changed."""

from apps.tables import Row
from apps.types.reader import HERE
from services.agent.parse.types import MODEL_TYPES
from services.agent.prompt.describe import value_text
from training.orders.speaker import Clause, Speaker, quoted
from training.speech.language import FieldKind

MOST_NAMED = 6


def how_many(speaker: Speaker) -> Clause | None:
    """Ask how many rows there are."""
    if speaker.scene.shown or len(speaker.scene.tables) > 1:
        return None
    count = str(len(speaker.scene.visible))
    return Clause(speaker.phrase("ask_count"), (), speaker.phrase("said_count", count=count))


def which_all(speaker: Speaker) -> Clause | None:
    """Ask for all rows."""
    if speaker.scene.shown or len(speaker.scene.tables) > 1:
        return None
    return Clause(speaker.phrase("ask_all"), (), _rows(speaker, speaker.scene.visible))


def which_open(speaker: Speaker) -> Clause | None:
    """Ask of which rows something is not true yet."""
    if not speaker.table.switches or speaker.scene.shown:
        return None
    field = speaker.table.switches[0]
    rows = [row for row in speaker.scene.visible if not row[field.name]]
    return Clause(speaker.phrase("ask_open", state=speaker.state(field)), (), _rows(speaker, rows))


def whether(speaker: Speaker) -> Clause | None:
    """Ask whether something is true of a row."""
    row = speaker.row()
    if row is None or not speaker.table.switches:
        return None
    field = speaker.rng.choice(speaker.table.switches)
    state = speaker.state(field)
    says = speaker.phrase("ask_state", row=speaker.named(row, by_place=False), state=state)
    kind = "said_yes" if row[field.name] else "said_no"
    return Clause(says, (), speaker.phrase(kind, row=quoted(speaker.title(row)), state=state))


def which_value(speaker: Speaker) -> Clause | None:
    """Ask for the value of a field."""
    row = speaker.row()
    if row is None or not speaker.table.settable:
        return None
    field = speaker.rng.choice(speaker.table.settable)
    says = speaker.phrase("ask_value", row=speaker.named(row, by_place=False), field=speaker.field(field))
    title, value = quoted(speaker.title(row)), shown(row, field)
    if not value:
        return Clause(says, (), speaker.phrase("said_empty", row=title, field=field.names[0]))
    return Clause(says, (), speaker.phrase("said_value", row=title, field=field.names[0], value=value))


def whether_there(speaker: Speaker) -> Clause | None:
    """Ask whether there is a row, which may not be so."""
    row, title = speaker.row(), speaker.fresh()
    if row and speaker.happens(0.5):
        says = speaker.phrase("ask_there", row=speaker.named(row, by_place=False))
        return Clause(says, (), speaker.phrase("said_there", row=quoted(speaker.title(row))))
    if title is None or speaker.scene.shown:
        return None
    says = speaker.phrase("ask_there", row=speaker.as_spoken(title.text))
    return Clause(says, (), speaker.phrase("said_not_there", row=quoted(title.text)))


def shown(row: Row, field: FieldKind) -> str:
    """Return a value as the prompt shows it; "" for none."""
    value = row[field.name]
    if value in (None, "", []):
        return ""
    return value_text(MODEL_TYPES[field.type].show(value, HERE))


def _rows(speaker: Speaker, rows: list[Row]) -> str:
    if not rows:
        return speaker.phrase("said_nothing")
    names = [quoted(speaker.title(row)) for row in rows[:MOST_NAMED]]
    return speaker.phrase("said_rows", rows=", ".join([*names, "…"] if len(rows) > MOST_NAMED else names))

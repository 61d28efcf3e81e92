"""Rows that are not shown: the assistant looks first, and then does what was asked."""

from dataclasses import replace

from apps.tables import Row
from services.agent.parse.instructions import Scope, Step, check
from services.agent.prompt.feedback import Feedback, Found, page
from services.agent.prompt.turns import USER_SAYS, Turn
from training.orders.effects import Changed, Deleted, Right
from training.orders.sample import Sample
from training.orders.speaker import Clause, Speaker, quoted


def list_the_rest(speaker: Speaker) -> Sample | None:
    """Ask for the rows that are not shown."""
    if not speaker.scene.shown:
        return None
    read = {"operation": "list", "table": speaker.table.name, "offset": speaker.scene.shown}
    hidden = speaker.scene.rows.rows[speaker.scene.shown :]
    question = Clause(speaker.phrase("ask_hidden"), (), _named(speaker, hidden))
    return _first_or_second(speaker, read, hidden, question)


def search_for(speaker: Speaker) -> Sample | None:
    """Look for a row that is not shown, or order something of it."""
    if not speaker.scene.shown:
        return None
    row = speaker.rng.choice(speaker.scene.rows.rows[speaker.scene.shown :])
    name = speaker.as_spoken(speaker.title(row))
    read = {"operation": "search", "table": speaker.table.name, "text": name}
    return _first_or_second(speaker, read, [row], _ordered(speaker, row, name))


def _ordered(speaker: Speaker, row: Row, name: str) -> Clause:
    """Return what is said of a row, and what is done once it is found."""
    title, table = quoted(speaker.title(row)), speaker.table.table
    chance = speaker.rng.random()
    if chance < 0.35:
        return Clause(speaker.phrase("find", row=name), (), speaker.phrase("said_there", row=title))
    if chance < 0.6 and speaker.table.switches:
        field = speaker.rng.choice(speaker.table.switches)
        state, is_true = speaker.state(field), not row[field.name]
        kind = "on" if is_true else "off"
        effect = Changed(table, row["id"], {field.name: is_true})
        words = speaker.phrase(f"said_{kind}", row=title, state=state)
        return Clause(speaker.phrase(kind, row=name, state=state), (effect,), words)
    return Clause(
        speaker.phrase("delete", row=name), (Deleted(table, row["id"]),), speaker.phrase("said_deleted", row=title)
    )


def _first_or_second(speaker: Speaker, read: Row, found: list[Row], order: Clause) -> Sample:
    """Return the answer that reads, or the one that follows when the rows were read. `order`: what is said and done."""
    words = speaker.phrase("said_looking")
    looking = Sample(speaker.language.code, "read", speaker.scene, order.says, words, Right(others=(read,)))
    if speaker.happens(0.5):
        return looking
    return replace(
        looking,
        kind="step",
        says=result_of(check(read, scope_of(speaker)), found),
        words=order.words,
        right=Right(order.effects),
        earlier=(Turn("user", order.says, root=1, heading=USER_SAYS), Turn("assistant", looking.answer, root=1)),
        purpose="step",
        asked=order.says,
    )


def scope_of(speaker: Speaker) -> Scope:
    """Return where the assistant may act in the scene."""
    return Scope(speaker.scene.app, speaker.scene.declared, speaker.scene.apps)


def result_of(step: Step, rows: list[Row]) -> str:
    """Return what the product tells of rows that were read."""
    feedback = Feedback(texts={0: page(step, Found(rows, total=len(rows)))})
    return feedback.text


def _named(speaker: Speaker, rows: list[Row]) -> str:
    return speaker.phrase("said_rows", rows=", ".join(quoted(speaker.title(row)) for row in rows))

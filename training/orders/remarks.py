"""Remarks of the assistant on what the user just did, in the voice of its persona; or nothing."""

from typing import Literal

from apps.tables import Row, Table
from bus.messages import StoreChanged
from services.agent.prompt.describe import describe_change
from training.orders.effects import Right
from training.orders.sample import Sample
from training.orders.speaker import Speaker, quoted

SILENT_SHARE = 0.12
SILENCE = "-"
VERBS: dict[str, Literal["insert", "update", "delete"]] = {"added": "insert", "on": "update", "deleted": "delete"}


def remark(speaker: Speaker) -> Sample | None:
    """Remark on a row that was added, ticked or deleted by hand."""
    row, table = speaker.row(), speaker.table.table
    if row is None:
        return None
    ticked = next((one.name for one in speaker.table.switches if row[one.name]), "")
    kind = speaker.rng.choice(("added", "deleted", "on", "on") if ticked else ("added", "deleted"))
    words = _words(speaker, kind, row)
    if kind == "deleted":
        speaker.scene.rows.rows.remove(row)
    says = f"The user {describe_change(_fact(kind, row, ticked, table), table)}"
    return Sample(speaker.language.code, "remark", speaker.scene, says, words, Right(), purpose="comment")


def _words(speaker: Speaker, kind: str, row: Row) -> str:
    if speaker.happens(SILENT_SHARE):
        return SILENCE
    voice = "sassy" if speaker.scene.voice == "sassy" else "remark"
    return speaker.phrase(f"{voice}_{kind}", row=quoted(speaker.title(row)))


def _fact(kind: str, row: Row, ticked: str, table: Table) -> StoreChanged:
    """Return the fact that the store said. `ticked`: the name of the switch that was set."""
    now, before = {"added": (row, {}), "deleted": ({}, row), "on": (row, row | {ticked: False})}[kind]
    return StoreChanged(
        table=table.name, verb=VERBS[kind], id=row["id"], row=now, before=before, actor="user", revision=1
    )

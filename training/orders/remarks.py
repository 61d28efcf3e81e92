"""Remarks of the assistant on what the user just did, in the voice of its persona; or nothing."""

from bus.messages import StoreChanged
from services.agent.prompt.describe import describe_change
from training.orders.effects import Right
from training.orders.sample import Sample
from training.orders.speaker import Speaker, quoted

SILENT_SHARE = 0.12
SILENCE = "-"


def remark(speaker: Speaker) -> Sample | None:
    """Remark on a row that was added, ticked or deleted by hand."""
    row = speaker.row()
    if row is None:
        return None
    table = speaker.table.table
    done = next((one for one in speaker.table.switches if row[one.name]), None)
    kind = speaker.rng.choice(("added", "deleted", *(("on", "on") if done else ())))
    before = {"added": {}, "deleted": row}.get(kind) if kind != "on" else row | {done.name: False} if done else {}
    verb = {"added": "insert", "deleted": "delete", "on": "update"}[kind]
    fact = StoreChanged(
        table=table.name,
        verb=verb,  # type: ignore[arg-type]
        id=row["id"],
        row={} if kind == "deleted" else row,
        before=before or {},
        actor="user",
        revision=1,
    )
    if kind == "deleted":
        speaker.scene.rows.rows.remove(row)
    pool = "sassy" if speaker.scene.voice == "sassy" else "remark"
    words = SILENCE if speaker.happens(SILENT_SHARE) else speaker.phrase(f"{pool}_{kind}", row=quoted(speaker.title(row)))
    says = f"The user {describe_change(fact, table)}"
    return Sample(speaker.language.code, "remark", speaker.scene, says, words, Right(), purpose="comment")

"""Rows that go, and rows that stand elsewhere."""

from training.orders.change import listed
from training.orders.effects import Deleted, Moved
from training.orders.speaker import Clause, Speaker, quoted

OWN_SHARE = 0.3


def delete(speaker: Speaker) -> Clause | None:
    """Delete a row."""
    row = speaker.row()
    if row is None:
        return None
    gone = speaker.table.kind.gone
    name = speaker.named(row)
    says = speaker.one_of(gone, row=name) if gone and speaker.happens(OWN_SHARE) else speaker.phrase("delete", row=name)
    words = speaker.phrase("said_deleted", row=quoted(speaker.title(row)))
    return Clause(says, (Deleted(speaker.table.table, row["id"]),), words)


def delete_several(speaker: Speaker) -> Clause | None:
    """Delete two rows."""
    rows = speaker.rows(2)
    if len(rows) < 2:
        return None
    says = speaker.phrase("delete", row=listed([speaker.named(row, by_place=False) for row in rows], speaker))
    words = speaker.phrase("said_deleted", row=", ".join(quoted(speaker.title(row)) for row in rows))
    return Clause(says, tuple(Deleted(speaker.table.table, row["id"]) for row in rows), words)


def move(speaker: Speaker) -> Clause | None:
    """Move a row to the top, to the end, or behind another one."""
    rows = speaker.rows(2)
    if len(rows) < 2 or speaker.scene.shown or not speaker.table.table.sortable:
        return None
    row, other = rows
    last = speaker.scene.visible[-1]
    name = speaker.named(row, by_place=False)
    kind = speaker.rng.choice(("top", "top", "bottom", "behind") if row is not last else ("top", "behind"))
    after = {"top": 0, "bottom": last["id"], "behind": other["id"]}[kind]
    gaps = {"other": speaker.named(other, by_place=False)} if kind == "behind" else {}
    words = speaker.phrase("said_moved", row=quoted(speaker.title(row)))
    return Clause(speaker.phrase(kind, row=name, **gaps), (Moved(speaker.table.table, row["id"], after),), words)

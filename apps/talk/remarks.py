"""How a remark becomes a message of a conversation, right before the message that answers it. Pure."""

from apps.tables import Row

KEPT = ("happened", "words")
"""What a message of a talk keeps of the `detail` of a remark."""
COPIED = ("role", "purpose", "state", "text", "thinking", "generation", "model")


def is_remark(row: Row) -> bool:
    """Return whether a message is a remark that stands in no conversation."""
    return row.get("purpose") == "comment" and row.get("conversation") == 0


def orders_to_take(row: Row, conversation: int) -> list[Row]:
    """Return the orders that take a remark into a conversation.

    It gets a new id, so that it stands right before the message that answers it, also where others came after it.
    """
    detail = {name: value for name, value in (row["detail"] or {}).items() if name in KEPT}
    values = {name: row[name] for name in COPIED}
    values |= {"conversation": conversation, "detail": {**detail, "remark": row["id"]}}
    return [
        {"verb": "insert", "table": "message", "values": values},
        {"verb": "delete", "table": "message", "id": row["id"]},
    ]

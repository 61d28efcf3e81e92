"""What a schedule does, as orders to the store: ask the assistant, change rows, or run a job."""

from apps.tables import Row
from bus.errors import Refused
from bus.store_client import StoreClient, conversation_to_ask_in

ORDER_FIELDS = ("verb", "table", "id", "values", "where")
JOB_FIELDS = ("app", "job", "arguments", "title")


async def orders_for(row: Row, store: StoreClient) -> list[Row]:
    """Return the orders of a schedule; raise `Refused` if it does not say what to do."""
    if row["kind"] == "prompt":
        conversation = await conversation_to_ask_in(store.ask, f"schedule-{row['id']}-{int(row['next'])}")
        return [asking(row, conversation)]
    action = row["action"] or {}
    if row["kind"] == "order":
        return [{name: action[name] for name in ORDER_FIELDS if name in action}]
    if not action.get("app") or not action.get("job"):
        raise Refused("bad_value", "It names no job. Delete the schedule, and add it again.")
    return [running(row, action)]


def asking(row: Row, conversation: int) -> Row:
    """Return the order that asks the assistant."""
    detail = {"schedule": row["id"], "reader": {"zone": row["zone"]}}
    values = {"conversation": conversation, "role": "user", "text": row["prompt"], "detail": detail}
    return {"verb": "insert", "table": "message", "values": values}


def running(row: Row, action: Row) -> Row:
    """Return the order that stores a job, which then starts."""
    values = {name: action[name] for name in JOB_FIELDS if name in action}
    values.setdefault("title", f"{action['app']}: {action['job']}")
    cause = f"schedule-{row['id']}-{int(row['next'])}"
    return {"verb": "insert", "table": "job", "values": {**values, "profile": row["profile"], "cause": cause}}

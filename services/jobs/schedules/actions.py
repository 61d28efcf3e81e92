"""What a schedule does, as orders to the store: ask the assistant, change rows, run a job, or run a macro."""

from datetime import datetime
from typing import NamedTuple

from apps.core import MACRO
from apps.due.schedules import zone_of
from apps.macro_steps.running import prepare
from apps.tables import BadValue, Row
from bus.errors import Refused
from bus.store_client import StoreClient, conversation_to_ask_in

ORDER_FIELDS = ("verb", "table", "id", "values", "where")
JOB_FIELDS = ("app", "job", "arguments", "title")


class Doing(NamedTuple):
    """What a schedule does now, and what is said of it afterwards."""

    orders: list[Row]
    outcome: str = "Done."


async def doing(row: Row, store: StoreClient) -> Doing:
    """Return what a schedule does; raise `Refused` if it does not say what to do."""
    if row["kind"] == "prompt":
        conversation = await conversation_to_ask_in(store.ask, f"schedule-{row['id']}-{int(row['next'])}")
        return Doing([asking(row, conversation)])
    action = row["action"] or {}
    if row["kind"] == "order":
        return Doing([{name: action[name] for name in ORDER_FIELDS if name in action}])
    if row["kind"] == "macro":
        return await running_macro(row, action, store)
    if not action.get("app") or not action.get("job"):
        raise Refused("bad_value", "It names no job. Delete the schedule, and add it again.")
    return Doing([running(row, action)])


def asking(row: Row, conversation: int) -> Row:
    """Return the order that asks the assistant."""
    detail = {"schedule": row["id"], "reader": {"zone": row["zone"]}}
    values = {"conversation": conversation, "role": "user", "text": row["prompt"], "detail": detail}
    return {"verb": "insert", "table": "message", "values": values}


async def running_macro(row: Row, action: Row, store: StoreClient) -> Doing:
    """Return the orders of a macro, on the day that it is in the zone of the schedule."""
    found = await store.list(MACRO.name, {"id": action.get("macro", 0), "profile": row["profile"]})
    if not found:
        raise Refused("not_found", "Its macro is not there any more. Delete the schedule.")
    today = datetime.fromtimestamp(row["next"], zone_of(row)).date()
    try:
        prepared = await prepare(store.ask, found[0], today, str(action.get("word", "")))
    except BadValue as problem:
        raise Refused(problem.code, str(problem)) from problem
    return Doing(list(prepared.orders), f"Done. {prepared.words_left_out}".strip())


def running(row: Row, action: Row) -> Row:
    """Return the order that stores a job, which then starts."""
    values = {name: action[name] for name in JOB_FIELDS if name in action}
    values.setdefault("title", f"{action['app']}: {action['job']}")
    cause = f"schedule-{row['id']}-{int(row['next'])}"
    return {"verb": "insert", "table": "job", "values": {**values, "profile": row["profile"], "cause": cause}}

"""What a program may not do alone: deletes, and many rows at once, become a proposal that the user sees in the page.

The proposal is a message of the conversation in view, as those of the assistant are, and the agent carries it out when
the user agrees. It is then done in the name of the program, and only if its rows are still as they were shown.
"""

import json
from collections.abc import Sequence

from apps.core import DEFAULT_ASK, MESSAGE
from apps.sentences import title_of
from apps.tables import BadValue, Row, Table
from bus.bus import new_id
from bus.messages import StoreOrder
from bus.store_client import conversation_to_ask_in
from services.mcp.serve.call import Call
from services.mcp.serve.pace import MOST_IN_SPAN

MOST_WITHOUT_ASKING = 5
"""Rows that one call changes before the user is asked."""
LARGEST_DETAIL = 90_000
"""Characters of a proposal as JSON; a larger one could not be shown."""
LONGEST_TITLE = 80
VERBS = {"insert": "Add", "update": "Change", "toggle": "Change", "delete": "Delete"}

DELETES = "A delete is asked first."
MANY = f"More than {MOST_WITHOUT_ASKING} rows at once are asked first."
FAST = f"More than {MOST_IN_SPAN} rows in a minute are asked first."
ALWAYS = "You want to be asked before every change."
SEEN = (
    "Nothing was changed yet: the user decides in the page of Pianola, in the conversation {conversation}. Do not try "
    "it again; say that it waits there."
)


async def reason_to_ask(call: Call, orders: Sequence[Row]) -> str:
    """Return why the user is asked before these orders are carried out; "" if they are not."""
    if any(one["verb"] == "delete" for one in orders):
        return DELETES
    if len(orders) > MOST_WITHOUT_ASKING:
        return MANY
    if not call.pace.allows(call.access.name, len(orders)):
        return FAST
    chosen = (await call.workbench.settings("ask")).get("ask", DEFAULT_ASK)
    return ALWAYS if chosen == "always" else ""


async def propose(call: Call, table: Table, orders: Sequence[Row], before: Sequence[Row], reason: str) -> Row:
    """Show the user what a program wants to change; return what the program is told. `before`: the row of each."""
    call.access.check_order({"verb": "batch", "table": table.name, "values": {"orders": list(orders)}})
    would = [preview(one, row) for one, row in zip(orders, before, strict=True)]
    registry = call.workbench.registry
    app, profile = registry.app_of(table.name), profile_of(orders) or await call.workbench.profile()
    detail = proposal_detail(orders, would, reason, app.name if app else "", profile) | {"client": call.access.name}
    if len(json.dumps(detail)) > LARGEST_DETAIL:
        sentence = "This is too much to be shown to the user, who must agree first. Do it in smaller parts."
        raise BadValue("too_long", f"{sentence} Nothing was changed.")
    order = f"mcp-{new_id()}"
    conversation = await conversation_to_ask_in(call.workbench.ask, order)
    values = {
        "conversation": conversation,
        "role": "action",
        "state": "proposed",
        "text": question(call.access.name, table, would),
        "generation": order,
        "detail": detail | {"generation": order},
    }
    insert = StoreOrder(verb="insert", table=MESSAGE.name, values=values, client=call.access.name)
    (row,) = (await call.workbench.ask(insert, id=order)).rows
    return {
        "outcome": "proposed",
        "proposal": row["id"],
        "why": reason,
        "what_now": SEEN.format(conversation=conversation),
    }


def profile_of(orders: Sequence[Row]) -> int:
    """Return the profile of new rows; 0 if there are none. Raises `BadValue` if they are of several. Pure."""
    new = [one["values"] for one in orders if one["verb"] == "insert"]
    profiles = {values["profile"] for values in new if "profile" in values}
    if len(profiles) > 1:
        raise BadValue(
            "bad_value", "The rows are of several profiles. Add those of one at a time. Nothing was changed."
        )
    return next(iter(profiles), 0)


def preview(order: Row, before: Row) -> Row:
    """Return what an order would change, as cards show it. Pure."""
    return {
        "operation": order["verb"],
        "table": order["table"],
        "row": before.get("id", 0),
        "before": before,
        "after": after(order, before),
    }


def after(order: Row, before: Row) -> Row:
    """Return the row as it would be then; {} if it would be deleted. Pure."""
    values: Row = order.get("values", {})
    match order["verb"]:
        case "delete":
            return {}
        case "toggle":
            return before | {values["field"]: not before.get(values["field"])}
    return before | values


def proposal_detail(orders: Sequence[Row], would: list[Row], reason: str, app: str, profile: int) -> Row:
    """Return the `detail` of a proposal: the orders as the instructions that the agent checks again. Pure."""
    instructions = [instruction(one) for one in orders]
    return {
        "index": 0,
        "instruction": instructions[0],
        "instructions": instructions,
        "would": would,
        "reasons": [reason],
        "change": 0,
        "changes": [],
        "app": app,
        "profile": profile,
    }


def instruction(order: Row) -> Row:
    """Return an order as an instruction of the assistant says it. Pure."""
    values: Row = order.get("values", {})
    said: Row = {"operation": order["verb"], "table": order["table"]}
    said |= {"id": order["id"]} if "id" in order else {}
    if order["verb"] == "toggle":
        return said | values
    return said | ({"values": values} if values else {})


def question(client: str, table: Table, would: Sequence[Row]) -> str:
    """Return what the user is asked. Pure."""
    texts = [f"{VERBS[one['operation']]} {_name(one, table)}" for one in would]
    if len(texts) == 1:
        return f"{texts[0]}, as {client} wants?"
    return "\n".join([f"Do these {len(texts)} changes, as {client} wants?", *(f"- {text}" for text in texts)])


def _name(one: Row, table: Table) -> str:
    title = title_of(one["before"] or one["after"], table)
    shown = title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"
    called = f"“{shown}”" if title else f"row {one['row']}"
    return f"{called} of {table.name}" if one["operation"] != "insert" else f"{called} to {table.name}"

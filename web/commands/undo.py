"""What the user does to take changes back: one, one with the newer ones that stand in its way, all of one step."""

import json

from fastcore.xml import FT

from apps.tables import Row
from bus.errors import Refused
from bus.messages import StoreOrder
from web.commands import imports as imports_commands
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import dialog, draw_dialog
from web.html.parts.elements import Button, Footer, Li, P, Ul, commands
from web.live.outbox import Frame
from web.store_client import ask_store, every_row
from web.why.conflicts import in_the_way, later_changes, standing

AT_ONCE = 1_000
"""Changes that one order takes back."""
MOST_CHANGES = 10_000
"""Of one step, that are taken back in one transaction: more would keep everybody else waiting for seconds."""
NAMED = 5
"""Newer changes that the question names."""

VERBS = {"insert": "added", "update": "changed", "delete": "deleted"}


async def undo(command: Command) -> None:
    """Take a change back; when the row was changed again since, offer to take that back first."""
    await take_back_one(command, command.number("change"))


async def take_back_one(command: Command, revision: int) -> None:
    """Take the change of a revision back, or ask about what stands in its way."""
    try:
        await command.order(verb="undo", table="", values={"change": revision})
    except Refused as refused:
        newer = await newer_than(command, revision) if refused.code == "conflict" else []
        if not newer:
            raise
        command.tab.push(Frame(draw_dialog(question(revision, newer))))


async def newer_than(command: Command, revision: int) -> list[Row]:
    """Return the changes that stand in the way of taking one back, the newest first; none when it was taken back."""
    found = await every_row(command.hub.bus, "change", {"id": revision})
    if not found or found[0]["undone_by"]:
        return []
    later = await later_changes(command.hub.bus, found[0])
    return in_the_way(found[0], standing(later))


def question(revision: int, newer: list[Row]) -> FT:
    """Return the dialog that offers to take back the newer changes first, and then the one that was meant."""
    revisions = [change["id"] for change in newer]
    name = f"undo-{revision}"
    several = len(newer) > 1
    return dialog(
        f"{name}-question",
        "Changed again since",
        P(f"The row of change {revision} was changed again since, so it cannot be taken back alone:"),
        Ul(*(Li(in_words(change)) for change in newer[:NAMED])),
        P(f"… and {len(newer) - NAMED:,} more changes.", cls="note") if len(newer) > NAMED else None,
        Footer(
            Button(
                f"Undo the newer {'ones' if several else 'one'} first, then this",
                type="button",
                id=f"{name}-all",
                cls="primary",
                **commands("undo-through", changes=json.dumps([*revisions, revision])),
            ),
            Button("Leave it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )


def in_words(change: Row) -> str:
    """Say in a line what a newer change did."""
    fields = ", ".join(f"{name}: {value!r:.60}" for name, value in change["after"].items())
    differing = f" ({fields})" if change["verb"] == "update" else ""
    return f"Change {change['id']} {VERBS[change['verb']]} it{differing}."


async def undo_through(command: Command) -> None:
    """Take back several changes of a row as one step, all or none."""
    try:
        revisions = json.loads(command.text("changes"))
    except ValueError:
        revisions = None
    if type(revisions) is not list or not all(type(one) is int for one in revisions):
        raise BadCommand(f"`changes` is {command.values.get('changes')!r:.60}. Expected a list of revisions.")
    await command.order(verb="undo", table="", values={"changes": revisions})


async def undo_step(command: Command) -> None:
    """Take back all that one order did, as far as it still stands, all or none; of an import, all of the import."""
    bus = command.hub.bus
    made = await every_row(bus, "change", {"asked": command.text("order")})
    imports = {change["row"] for change in made if change["subject"] == "import"}
    if rows := await every_row(bus, "import", {"id": list(imports)}):
        await imports_commands.undo_import(command, rows[0])
        return
    made = [change for change in made if change["subject"] != "import"]
    if not made:
        raise BadCommand("There is nothing left of this step that could be undone.")
    await take_back(command, made)


async def take_back(command: Command, made: list[Row]) -> None:
    """Take changes back in one transaction. `made`: the oldest first."""
    revisions = [change["id"] for change in reversed(made) if not change["undone_by"]]
    if not revisions:
        raise BadCommand("This step was undone already.")
    if len(revisions) > MOST_CHANGES:
        raise BadCommand(f"This step made {len(revisions):,} changes. At most {MOST_CHANGES:,} are undone at once.")
    parts = [revisions[start : start + AT_ONCE] for start in range(0, len(revisions), AT_ONCE)]
    orders = [{"verb": "undo", "table": made[0]["subject"], "values": {"changes": part}} for part in parts]
    order = StoreOrder(verb="batch", table=made[0]["subject"], values={"orders": orders})
    answer = await ask_store(command.hub.bus, order, id=command.id())
    command.hub.catch_up.expect(answer.revision)

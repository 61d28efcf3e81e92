"""Undo: one change, one change and the newer ones that conflict with it, or all changes of one step."""

import json
from collections.abc import Mapping

from fastcore.xml import FT

from apps.sentences import differences, is_emptied
from apps.tables import Row, Table
from bus.errors import Refused
from bus.limits import MAX_CHANGED_ROWS, MAX_UNDONE_CHANGES
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands import imports as imports_commands
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import dialog, draw_dialog
from web.html.parts.elements import Button, Footer, Li, P, Ul, commands
from web.live.outbox import Frame
from web.store_client import every_row
from web.why.conflicts import conflicts, later_changes, standing

NAMED = 5
"""Newer changes that the question lists."""

VERBS = {"insert": "added", "update": "changed", "delete": "deleted", "erase": "deleted for good"}


async def undo(command: Command) -> None:
    """Undo a change; if the row was changed again since, offer to undo that first."""
    await undo_one(command, command.number("change"))


async def undo_one(command: Command, revision: int) -> None:
    """Undo the change of a revision, or show which newer changes conflict with it."""
    try:
        await command.order(verb="undo", table="", values={"change": revision})
    except Refused as refused:
        newer = await conflicting(command, revision) if refused.code == "conflict" else []
        if not newer:
            raise
        command.tab.push(Frame(draw_dialog(question(revision, newer, command.hub.registry.tables))))


async def conflicting(command: Command, revision: int) -> list[Row]:
    """Return the changes that conflict with the undo of one, the newest first; none if it is undone already."""
    found = await every_row(command.hub.bus, "change", {"id": revision})
    if not found or found[0]["undone_by"]:
        return []
    later = await later_changes(command.hub.bus, found[0])
    return conflicts(found[0], standing(later))


def question(revision: int, newer: list[Row], tables: Mapping[str, Table]) -> FT:
    """Return the dialog that offers to undo the newer changes first, and then the one that was chosen."""
    revisions = [change["id"] for change in newer]
    name = f"undo-{revision}"
    several = len(newer) > 1
    return dialog(
        f"{name}-question",
        "Changed again since",
        P(f"The row of change {revision} was changed again since, so it cannot be undone alone:"),
        Ul(*(Li(describe(change, tables.get(change["subject"]))) for change in newer[:NAMED])),
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


def describe(change: Row, table: Table | None) -> str:
    """Return a line that says what a change did."""
    fields = ", ".join(f"{one.field}: {one.after}" for one in differences(change, table, {}))
    differing = f" ({fields})" if fields else ""
    return f"Change {change['id']} {VERBS[change['verb']]} it{differing}."


async def undo_through(command: Command) -> None:
    """Undo several changes of a row as one step, all or none."""
    try:
        revisions = json.loads(command.text("changes"))
    except ValueError:
        revisions = None
    if type(revisions) is not list or not all(type(one) is int for one in revisions):
        raise BadCommand(f"`changes` is {command.values.get('changes')!r:.60}. Expected a list of revisions.")
    await command.order(verb="undo", table="", values={"changes": revisions})


async def undo_step(command: Command) -> None:
    """Undo all changes of one order that still stand, all or none; if it belongs to an import, the whole import."""
    bus = command.hub.bus
    made = await every_row(bus, "change", {"asked": command.text("order")})
    imports = {change["row"] for change in made if change["subject"] == "import"}
    if rows := await every_row(bus, "import", {"id": list(imports)}):
        await imports_commands.undo_import(command, rows[0])
        return
    made = [change for change in made if change["subject"] != "import"]
    if not made:
        raise BadCommand("There is nothing left of this step that could be undone.")
    await undo_changes(command, made)


async def undo_changes(command: Command, made: list[Row]) -> None:
    """Undo changes in one transaction. `made`: the oldest first."""
    revisions = [change["id"] for change in reversed(made) if not change["undone_by"] and not is_emptied(change)]
    if not revisions:
        raise BadCommand("This step was undone already.")
    if len(revisions) > MAX_CHANGED_ROWS:
        raise BadCommand(f"This step made {len(revisions):,} changes. At most {MAX_CHANGED_ROWS:,} are undone at once.")
    parts = [revisions[start : start + MAX_UNDONE_CHANGES] for start in range(0, len(revisions), MAX_UNDONE_CHANGES)]
    orders = [{"verb": "undo", "table": made[0]["subject"], "values": {"changes": part}} for part in parts]
    order = StoreOrder(verb="batch", table=made[0]["subject"], values={"orders": orders})
    answer = await ask_store(command.hub.bus, order, id=command.id())
    command.hub.catch_up.expect(answer.revision)

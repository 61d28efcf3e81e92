"""Undo: one change, one change and the newer ones that conflict with it, all changes of one step, or of this tab."""

import json
from collections.abc import Mapping, Sequence

from fastcore.xml import FT

from apps.sentences import differences, is_emptied
from apps.tables import Row, Table
from apps.types.reader import Reader
from bus.errors import Refused
from bus.limits import MAX_CHANGED_ROWS, MAX_UNDONE_CHANGES
from web.commands import imports as imports_commands
from web.commands.command import BadCommand, Command
from web.commands.undoing.made import Made
from web.commands.undoing.offers import WAYS
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
        command.tab.push(Frame(draw_dialog(question(revision, newer, command.hub.registry.tables, command.tab.reader))))


async def conflicting(command: Command, revision: int) -> list[Row]:
    """Return the changes that conflict with the undo of one, the newest first; none if it is undone already."""
    found = await every_row(command.hub.bus, "change", {"id": revision})
    if not found or found[0]["undone_by"]:
        return []
    return await conflicting_with(command, found)


async def conflicting_with(command: Command, made: Sequence[Row]) -> list[Row]:
    """Return the newer changes that conflict with the undo of changes that stand, the newest first."""
    own = {change["id"] for change in made}
    newer: dict[int, Row] = {}
    for change in made:
        later = await later_changes(command.hub.bus, change)
        newer |= {one["id"]: one for one in conflicts(change, standing(later)) if one["id"] not in own}
    return [newer[revision] for revision in sorted(newer, reverse=True)]


def question(
    revision: int, newer: list[Row], tables: Mapping[str, Table], reader: Reader, others: Sequence[int] = ()
) -> FT:
    """Return the dialog that offers to undo the newer changes first, and then the one that was chosen.

    `others`: further changes of the same step.
    """
    revisions = [*(change["id"] for change in newer), revision, *others]
    name = f"undo-{revision}"
    several = len(newer) > 1
    what = "Rows of this step were" if others else f"The row of change {revision} was"
    return dialog(
        f"{name}-question",
        "Changed again since",
        P(f"{what} changed again since, so it cannot be undone alone:"),
        Ul(*(Li(describe(change, tables.get(change["subject"]), reader)) for change in newer[:NAMED])),
        P(f"… and {len(newer) - NAMED:,} more changes.", cls="note") if len(newer) > NAMED else None,
        Footer(
            Button(
                f"Undo the newer {'ones' if several else 'one'} first, then this",
                type="button",
                id=f"{name}-all",
                cls="primary",
                **commands("undo-through", changes=json.dumps(revisions)),
            ),
            Button("Leave it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )


def describe(change: Row, table: Table | None, reader: Reader) -> str:
    """Return a line that says to this reader what a change did."""
    fields = ", ".join(f"{one.field}: {one.after}" for one in differences(change, table, {}, reader))
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
    await command.order(verb="batch", table=made[0]["subject"], values={"orders": orders})


# --- this tab's own changes, as its toast and Ctrl+Z walk them ---

MOST_ORDERS = 100
"""Orders of one command: a profile with very many rows is deleted in several."""
MOST_EXPLAINED = 50
"""With more changes than this in a step, a conflict is told in a sentence, without a question."""
NOTHING_STANDS = "?\nThis was undone already, or its row was deleted for good: {words:.200}."


async def undo_own(command: Command) -> None:
    """Undo what one command of this tab has changed, or (`way` redo) take such an undo back.

    What cannot be undone for good is told, and does not stand in the way of what was done before it.
    """
    orders, words = orders_named(command), command.text("words")
    if command.text("way") not in WAYS:
        raise BadCommand(f"`way` is {command.text('way')!r:.60}. Expected one of: {', '.join(WAYS)}.")
    if done := await every_row(command.hub.bus, "change", {"asked": [command.id()]}):
        command.made.append(Made(command.id(), "undo", "", {}, [], len(done)))  # it was sent again after a reconnect
        return
    made = await every_row(command.hub.bus, "change", {"asked": orders})
    made = [change for change in made if not change["undone_by"] and not is_emptied(change)]
    if not made:
        command.tab.push(Frame(NOTHING_STANDS.format(words=words)))
        return
    try:
        await undo_changes(command, made)
    except Refused as refused:
        newer = await newer_of_step(command, made) if refused.code == "conflict" else []
        revisions = [change["id"] for change in reversed(made)]
        tables = command.hub.registry.tables
        asked = (
            draw_dialog(question(revisions[0], newer, tables, command.tab.reader, revisions[1:]))
            if newer
            else f"?\n{refused}"
        )
        command.tab.push(Frame(asked))


def orders_named(command: Command) -> list[str]:
    """Return the ids of the orders to undo; the page sends them with blanks between."""
    orders = command.text("orders").split()
    if not 0 < len(orders) <= MOST_ORDERS:
        raise BadCommand(f"`orders` names {len(orders):,} orders. Expected 1 to {MOST_ORDERS}.")
    return orders


async def newer_of_step(command: Command, made: list[Row]) -> list[Row]:
    """Return the newer changes to ask about; none if the step is too large for a question."""
    if len(made) > MOST_EXPLAINED:
        return []
    newer = await conflicting_with(command, made)
    return newer if len(newer) + len(made) <= MAX_UNDONE_CHANGES else []

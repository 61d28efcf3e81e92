"""The last changes that the user made by hand, as a macro could make them again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.change_lookup import rows_by
from apps.core import CHANGE
from apps.macro_steps.steps import can_repeat, step_in_words, steps_of
from apps.tables import Row
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import Command
from web.state.page_view import profile_in

MOST_READ = 200
MOST_OFFERED = 50
"""Changes that the dialog shows, the newest; one from which on a macro is made is shown with all newer ones."""

Rows = Mapping[tuple[str, int], Row]


@dataclass(frozen=True, slots=True)
class Recent:
    """Changes, the newest first, and the changed rows as they are now."""

    changes: tuple[Row, ...]
    rows: Rows


async def recent_changes(command: Command) -> Recent:
    """Return the last changes of the user in the profile in view."""
    tables = command.hub.registry.tables
    where = {"subject": [name for name in tables if command.hub.registry.app_of(name)], "actor": "user"}
    order = StoreOrder(verb="list", table=CHANGE.name, where=where, sort="-id", limit=MOST_READ)
    found = (await ask_store(command.hub.bus, order)).rows
    return await _of_profile(command, [one for one in found if can_repeat(one, tables)])


async def changes_named(command: Command, revisions: Collection[int]) -> Recent:
    """Return some changes of the profile in view, the newest first."""
    found = await rows_by(partial(ask_store, command.hub.bus), CHANGE.name, "id", revisions)
    made = [one for one in reversed(found) if can_repeat(one, command.hub.registry.tables)]
    return await _of_profile(command, made)


async def _of_profile(command: Command, changes: list[Row]) -> Recent:
    rows: dict[tuple[str, int], Row] = {}
    for table in {one["subject"] for one in changes}:
        keys = {one["row"] for one in changes if one["subject"] == table}
        for row in await rows_by(partial(ask_store, command.hub.bus), table, "id", keys):
            rows[table, row["id"]] = row
    profile = profile_in(command.hub.shared.settings)
    return Recent(tuple(one for one in changes if _profile_of(one, rows, profile) == profile), rows)


def _profile_of(change: Row, rows: Rows, otherwise: int) -> Any:
    """Return the profile of a changed row; `otherwise` for a table whose rows belong to none."""
    row = rows.get((change["subject"], change["row"]), {})
    return (row | change["before"] | change["after"]).get("profile", otherwise)


def in_words(command: Command, recent: Recent) -> list[tuple[Row, str]]:
    """Return each change with what a step would do again."""
    tables, reader = command.hub.registry.tables, command.tab.reader
    steps = ((one, steps_of([one], tables, recent.rows)) for one in recent.changes)
    return [(change, step_in_words(step, tables[change["subject"]], reader)) for change, (step,) in steps]

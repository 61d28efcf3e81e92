"""Plan a new app, or a change of one, from what the model wrote: the whole declaration, checked, and example rows.

Nothing of it is done before the user agrees: see `proposals.py`.
"""

from dataclasses import replace
from typing import Any

from apps.core import APP
from apps.names import compared, name_from
from apps.own.declaration import Declared, read, with_emptied
from apps.own.loading import OwnApps
from apps.tables import BadValue, Row, Table
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.act.planned import SHAPE, PlannedChange
from services.agent.own.amended import proposed_row
from services.agent.own.declare import declared
from services.agent.own.examples import example_rows
from services.agent.own.hints import with_hints, with_hints_for_new
from services.agent.own.losses import changed_tables, losses
from services.agent.own.named import with_listed
from services.agent.own.reshape import changed
from services.agent.parse.instructions import Scope, Step

LONGEST_WISH = 2_000
"""Characters of the user's words in which fields are looked for."""
MAX_ROWS_LOOKED_AT = 1_000
"""Rows of a table that are looked at for values that go out of sight, or do not fit."""
NOT_DECLARED = "{app!r:.60} is not an app that can be changed so. There are: {apps}. Name one of them in `app`."
NONE_DECLARED = "No app was made by words or by the form yet, so there is none to change. Make one with `make_app`."


class OwnAppPlans:
    """Plans what becomes of own apps."""

    def __init__(self, store_client: StoreClient, own: OwnApps) -> None:
        """`own`: the own apps as they are now, and in their registry the names that are taken."""
        self._store_client = store_client
        self._own = own

    async def planned(self, index: int, instruction: Row, step: Step, scope: Scope, words: str) -> PlannedChange:
        """Return the change that an instruction asks for; raise `BadValue` if it does not say enough.

        `words`: of the user, who may have said what the model did not understand.
        """
        words = words[:LONGEST_WISH]
        if step.operation == "make_app":
            return PlannedChange(index, instruction, self._made(instruction, step, scope, words), {})
        row = self._row(instruction.get("app"), scope.app)
        whole = with_hints_for_new(changed(row["declaration"], instruction), words)
        after = read(with_emptied(whole, row["declaration"]), self._own.registry.tables)
        planned = self._changed(index, instruction, step, row, after)
        return replace(planned, notes=await self._notes(read(row["declaration"]), after))

    async def amended(self, index: int, instruction: Row, step: Step, card: Row, words: str) -> PlannedChange:
        """Return what a card proposes, with a further change that the user wants before it is decided.

        The examples of a new app stay, as far as they fit.
        """
        (would,) = card["detail"]["would"]
        before = self._own.row_of(would["before"]["name"]) if would["before"] else None
        whole = with_hints_for_new(changed(proposed_row(card)["declaration"], instruction), words[:LONGEST_WISH])
        after = read(whole, self._own.registry.tables)
        if before:
            after = read(with_emptied(after.json, before["declaration"]), self._own.registry.tables)
            planned = self._changed(index, instruction, step, before, after)
            return replace(planned, notes=await self._notes(read(before["declaration"]), after))
        examples = tuple(one for said in would.get("examples", ()) if (one := _refitted(said, after)))
        order = StoreOrder(verb="insert", table=APP.name, values=_values(after), actor="model")
        return PlannedChange(index, instruction, replace(step, order=order, examples=examples), {})

    def agreed(self, instruction: Row, step: Step, preview: Row) -> PlannedChange:
        """Return the change that was proposed, exactly as it was shown. Raises `BadValue` if the app is another now."""
        made = StoreOrder(verb="insert", table=APP.name, values=preview["after"], actor="model")
        order = made if not preview["row"] else replace(made, verb="update", id=preview["row"])
        examples = tuple({"verb": "insert", **one} for one in preview.get("examples", ()))
        before = self._own.row_of(preview["before"].get("name", "")) or {}
        shown = preview["before"].get("declaration")
        if preview["before"] and before.get("declaration") not in (shown, preview["after"].get("declaration")):
            raise BadValue("conflict", "The app was changed meanwhile, so nothing was done. Ask for it again.")
        agreed = replace(step, order=order, examples=examples)
        return PlannedChange(0, instruction, agreed, {**before, **preview["before"]})

    # --- a new app ---

    def _made(self, instruction: Row, step: Step, scope: Scope, words: str) -> Step:
        said = declared(with_listed(instruction, words))
        registry = self._own.registry
        name = name_from(said.declaration["label"], registry.apps, "app")
        hinted = with_hints(said.declaration, words)
        whole = read({"name": name, **hinted}, registry.tables)
        rows = example_rows(whole.tables[0], said.examples, scope.reader)
        orders = tuple(_insert(whole.tables[0], row, scope.profile) for row in rows)
        order = StoreOrder(verb="insert", table=APP.name, values=_values(whole), actor="model")
        return replace(step, order=order, examples=orders)

    # --- a change ---

    async def _notes(self, before: Declared, after: Declared) -> tuple[str, ...]:
        """Return what becomes of values when fields go, or get another type."""
        tables = {table.name: table for table in after.tables}
        found: list[str] = []
        for table in changed_tables(before.tables, tables):
            rows = await self._store_client.list(table.name, {}, limit=MAX_ROWS_LOOKED_AT)
            found += losses(table, tables.get(table.name), rows)
        return tuple(found)

    def _row(self, named: Any, open_app: str) -> Row:
        rows = [row for name in sorted(self._own.names_of("declaration")) if (row := self._own.row_of(name))]
        wanted = compared(named) if type(named) is str and named else compared(open_app)
        found = next((row for row in rows if wanted in (compared(row["name"]), compared(row["label"]))), None)
        if found is None and named:
            return self._row(None, open_app)
        if found is None:
            apps = ", ".join(row["name"] for row in rows)
            raise BadValue("bad_value", NOT_DECLARED.format(app=open_app, apps=apps) if rows else NONE_DECLARED)
        return found

    def _changed(self, index: int, instruction: Row, step: Step, row: Row, whole: Declared) -> PlannedChange:
        order = StoreOrder(verb="update", table=APP.name, id=row["id"], values=_values(whole), actor="model")
        before = {"id": row["id"], **{name: row[name] for name in SHAPE}}
        return PlannedChange(index, instruction, replace(step, order=order), before)


def _values(whole: Declared) -> Row:
    """Return the values of a row of `app`; label and icon follow from the declaration."""
    return {"declaration": whole.json}


def _refitted(example: Row, whole: Declared) -> Row | None:
    """Return the order for an example row in a table that was changed; None if nothing is left of it that fits."""
    table = next((one for one in whole.tables if one.name == example["table"]), None)
    if table is None:
        return None
    values = {name: value for name, value in example["values"].items() if name in table.all_fields}
    fitting = {name: value for name, value in values.items() if table.all_fields[name].could_be(value)}
    needed = (one.name for one in table.fields if one.required)
    return {"verb": "insert", "table": table.name, "values": fitting} if all(map(fitting.get, needed)) else None


def _insert(table: Table, row: Row, profile: int) -> Row:
    scoped = {"profile": profile} if table.scoped else {}
    return {"verb": "insert", "table": table.name, "values": row | scoped}

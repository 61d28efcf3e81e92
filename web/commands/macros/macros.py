"""Macros: make one of changes that were made, run it, edit its steps."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from apps.core import MACRO, MESSAGE
from apps.macro_steps.placeholders import TODAY, filled, has_placeholder, wants_word
from apps.macro_steps.running import is_done, prepare
from apps.macro_steps.steps import FINDS, MAX_STEPS, found_by_name, steps_of
from apps.names import compared
from apps.tables import BadValue, Field, Row, Table
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.commands.heard import get_row
from web.commands.macros.recent import MOST_OFFERED, changes_named, in_words, recent_changes
from web.html.macros.dialogs import CHOSEN, MAKE, edit_dialog, make_dialog, name_of, step_key, text_of, word_dialog
from web.html.parts.dialogs import draw_dialog, draw_end
from web.live.outbox import Frame
from web.state.form_values import from_form
from web.state.page_view import profile_in
from web.store_client import every_row

NOTHING_TO_REPEAT = "You have changed no row yet, so there is nothing to do again. Add or change one first."
NO_CHANGES = "No change is chosen, or the chosen ones were undone. Choose at least one that stands."
TAKEN = "There is a macro called “{name}” already. Choose another name."
LONGEST_NUMBER = 18
"""Digits of a revision."""
MOST_CHANGES = 1_000
"""Changes that are chosen; several of one row become one step."""


# --- make ---


async def ask_make(command: Command) -> None:
    """Show the last changes, to make a macro of some: of `changes`, of those from `change` on, or of the last step."""
    recent = await recent_changes(command)
    if not recent.changes:
        raise BadCommand(NOTHING_TO_REPEAT)
    chosen = _preselected(command, recent.changes)
    shown = next((place for place, one in reversed(list(enumerate(recent.changes, 1))) if one["id"] in chosen), 0)
    offered = in_words(command, recent)[: max(shown, MOST_OFFERED)]
    offer = str(command.values.get("message", ""))
    command.tab.push(Frame(draw_dialog(make_dialog(offered, chosen, offer))))


def _preselected(command: Command, changes: Sequence[Row]) -> set[int]:
    """Return the revisions that are chosen when the dialog opens. `changes`: the newest first."""
    if named := str(command.values.get("changes", "")).split():
        return {one["id"] for one in changes if str(one["id"]) in named}
    if command.values.get("change"):
        since = command.number("change")
        return {one["id"] for one in changes if one["id"] >= since}
    return {one["id"] for one in changes if one["asked"] == changes[0]["asked"]}


async def make(command: Command) -> None:
    """Make a macro of the chosen changes."""
    revisions = _revisions(command)
    name = await _free_name(command)
    found = await changes_named(command, revisions)
    steps = steps_of(reversed(found.changes), command.hub.registry.tables, found.rows)
    if not steps:
        raise BadValue("bad_value", NO_CHANGES, field="name")
    if offered := _offer_taken(command):
        steps = [found_by_name(step, command.hub.registry.tables[step["table"]]) for step in steps]
    profile = profile_in(command.hub.shared.settings)
    values = {"name": name, "steps": steps, "profile": profile}
    insert = {"verb": "insert", "table": MACRO.name, "values": values}
    await command.order(verb="batch", table=MACRO.name, values={"orders": [insert, *offered]})
    command.tab.push(Frame(draw_end(MAKE)))


def _offer_taken(command: Command) -> list[Row]:
    """Return the order that deletes the remark which offered the macro, if it was made from one."""
    if not command.values.get("message"):
        return []
    return [{"verb": "delete", "table": MESSAGE.name, "where": {"id": command.number("message"), "conversation": 0}}]


def _revisions(command: Command) -> list[int]:
    """Return the changes whose boxes are ticked."""
    named = [name.removeprefix(CHOSEN) for name in command.values if name.startswith(CHOSEN)]
    revisions = [int(one) for one in named if one.isdecimal() and len(one) <= LONGEST_NUMBER]
    if not revisions:
        raise BadValue("bad_value", NO_CHANGES, field="name")
    if len(revisions) > MOST_CHANGES:
        sentence = f"{len(revisions):,} changes are chosen. A macro has at most {MAX_STEPS} steps: choose fewer."
        raise BadValue("bad_value", sentence, field="name")
    return revisions


async def _free_name(command: Command, own: int = 0) -> str:
    """Return the name in the form, if no other macro has it. `own`: the macro that is edited."""
    name = " ".join(command.text("name").split())
    if not compared(name):
        raise BadValue("bad_value", "A macro needs a name of letters or digits, by which it is run.", field="name")
    where = {"profile": profile_in(command.hub.shared.settings)}
    for row in await every_row(command.hub.bus, MACRO.name, where):
        if row["id"] != own and compared(row["name"]) == compared(name):
            raise BadValue("conflict", TAKEN.format(name=row["name"]), field="name")
    return name


# --- run ---


async def run(command: Command) -> None:
    """Run a macro as one order; ask for its word first if it needs one."""
    macro, word = await get_row(command, MACRO), str(command.values.get("word", ""))
    if wants_word(macro["steps"]) and not word.strip():
        command.tab.push(Frame(draw_dialog(word_dialog(macro))))
        return
    ask = partial(ask_store, command.hub.bus)
    if await is_done(ask, command.id()):
        return  # the page has sent it again after a reconnect
    prepared = await prepare(ask, macro, datetime.now(command.tab.reader.zone).date(), word)
    orders = list(prepared.orders)
    await command.order(verb="batch", table=orders[0]["table"], values={"orders": orders})
    if word:
        command.tab.push(Frame(draw_end(name_of(macro))))
    if prepared.left_out:
        command.tab.push(Frame(f"?\n{prepared.words_left_out}"))


# --- edit ---


async def ask_edit(command: Command) -> None:
    """Show the form that edits a macro."""
    row = await get_row(command, MACRO)
    command.tab.push(Frame(draw_dialog(edit_dialog(row, command.hub.registry.tables, command.tab.context))))


async def edit(command: Command) -> None:
    """Change the name, the question and the steps of a macro, unless it has changed since the form was shown."""
    row = await get_row(command, MACRO)
    name = await _free_name(command, row["id"])
    steps = [
        _edited(command, place, step) for place, step in enumerate(row["steps"]) if not _is_dropped(command, place)
    ]
    if not steps:
        raise BadValue("bad_value", "A macro needs at least one step. Delete it if it is not needed.", field="name")
    values = {"name": name, "ask": command.text("ask").strip(), "steps": steps}
    where = {"steps": row["steps"]}
    await command.order(verb="update", table=MACRO.name, id=row["id"], values=values, where=where)
    command.tab.push(Frame(draw_end(name_of(row))))


def _is_dropped(command: Command, place: int) -> bool:
    return step_key(place, "drop") in command.values


def _edited(command: Command, place: int, step: Row) -> Row:
    """Return a step with what the form says about it."""
    table = command.hub.registry.tables.get(step["table"])
    values = dict(step["values"])
    for one in table.fields if table else ():
        sent = command.values.get(step_key(place, f"value-{one.name}"))
        if one.name in values and type(sent) is str and sent != text_of(one, values[one.name], command.tab.context):
            values[one.name] = _value(command, one, sent)
    return {**step, "values": values, **_row_of(command, place, step, table)}


def _value(command: Command, one: Field, text: str) -> object:
    """Return what was typed in the type of the field; a placeholder stays, where the rest can be read."""
    if not has_placeholder(text):
        return one.checked(from_form(one, text, command.tab.reader))
    if one.kind.is_text or TODAY not in text:
        return text
    today = datetime.now(command.tab.reader.zone).date()
    value = from_form(one, filled(text, today, ""), command.tab.reader)
    return value.replace(today.isoformat(), TODAY) if isinstance(value, str) else value


def _row_of(command: Command, place: int, step: Row, table: Table | None) -> Row:
    """Return which row a step is about, as the form says; {} for a step that adds one."""
    find, title = (command.values.get(step_key(place, name)) for name in ("find", "title"))
    if "row" not in step or find not in FINDS or type(title) is not str:
        return {}
    if find == "title" and not title.strip():
        raise BadValue("bad_value", f"Step {place + 1} needs the name of its row.", field=step_key(place, "title"))
    field = table.title_field.name if table else step["row"]["field"]
    return {"row": {**step["row"], "find": find, "title": title.strip(), "field": field}}

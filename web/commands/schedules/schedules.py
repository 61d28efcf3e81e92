"""Schedules: add one by words, change when it is due and what it does."""

from datetime import datetime

from apps.core import JOB, MACRO, SCHEDULE
from apps.due.spoken import read_times
from apps.macro_steps.placeholders import wants_word
from apps.macro_steps.running import question_of
from apps.sentences import shortened
from apps.tables import BadValue, Row
from apps.types.reader import Reader
from web.commands.command import BadCommand, Command
from web.commands.heard import get_row
from web.html.parts.dialogs import draw_dialog, draw_end
from web.html.schedules.edit_dialog import edit_dialog, name_of, words_of
from web.live.outbox import Frame
from web.state.form_values import from_form
from web.state.page_view import profile_in
from web.store_client import every_row

LONGEST_TITLE = 100
EDITED = ("at", "repeat", "zone", "missed")
"""Fields that the form of a schedule changes as they are."""


async def add(command: Command) -> None:
    """Add a schedule, in the profile in view."""
    reader = command.tab.reader
    profile = profile_in(command.hub.shared.settings)
    values = read_times(command.text("when"), now_of(reader), reader.locale)
    values |= await action_of(command, command.text("what"), command.text("text").strip(), profile)
    values |= {"missed": command.text("missed"), "profile": profile}
    await command.order(verb="insert", table=SCHEDULE.name, values=values)


async def action_of(command: Command, what: str, words: str, profile: int) -> Row:
    """Return what a schedule does: `prompt`, `add-TABLE`, `macro-ID`, or `job-ID`, which runs that job again."""
    kind, _, name = what.partition("-")
    if kind == "job":
        return await job_again(command, name)
    if kind == "macro":
        return await running_macro(command, name, words)
    if not words:
        raise BadValue("bad_value", "Nothing is written in “Words”. Say what is to be asked or added.", field="text")
    if what == "prompt":
        return asking(words)
    table = command.hub.registry.tables.get(name)
    if kind != "add" or table is None or not table.needs_only_a_title:
        raise BadCommand(f"A schedule cannot do {what!r:.60} (any more). Reload the page.")
    values = {table.title_field.name: words, **({"profile": profile} if table.scoped else {})}
    action = {"verb": "insert", "table": table.name, "values": values}
    return {"title": shortened(words, LONGEST_TITLE), "kind": "order", "action": action}


def asking(words: str) -> Row:
    """Return the values of a schedule that asks the assistant."""
    return {"title": shortened(words, LONGEST_TITLE), "kind": "prompt", "prompt": words}


async def job_again(command: Command, number: str) -> Row:
    """Return the values of a schedule that runs a job again."""
    found = await every_row(command.hub.bus, JOB.name, {"id": int(number)}) if number.isdecimal() else []
    if not found:
        raise BadCommand("The job to run again is not there any more. Reload the page.")
    job = found[0]
    action = {name: job[name] for name in ("app", "job", "arguments", "title")}
    return {"title": shortened(job["title"], LONGEST_TITLE), "kind": "job", "action": action}


async def running_macro(command: Command, number: str, words: str) -> Row:
    """Return the values of a schedule that runs a macro. `words`: what it asks for."""
    found = await every_row(command.hub.bus, MACRO.name, {"id": int(number)}) if number.isdecimal() else []
    if not found:
        raise BadCommand("The macro is not there any more. Reload the page.")
    macro = found[0]
    if wants_word(macro["steps"]) and not words:
        sentence = f"The macro asks: {question_of(macro)} Write the answer into “Words”."
        raise BadValue("bad_value", sentence, field="text")
    action = {"macro": macro["id"], "word": words}
    return {"title": shortened(macro["name"], LONGEST_TITLE), "kind": "macro", "action": action}


async def ask_edit(command: Command) -> None:
    """Show the form that changes a schedule."""
    row = await get_row(command, SCHEDULE)
    command.tab.push(Frame(draw_dialog(edit_dialog(row, command.tab.context))))


async def edit(command: Command) -> None:
    """Change a schedule; one that was over is on again."""
    row = await get_row(command, SCHEDULE)
    fields = SCHEDULE.all_fields
    values = {name: from_form(fields[name], command.text(name), command.tab.reader) for name in EDITED}
    words = str(command.values.get("text", "")).strip()
    if words and words != words_of(row):
        values |= with_words(command, row, words)
    if row["state"] == "over":
        values["state"] = "on"
    await command.order(verb="update", table=SCHEDULE.name, id=row["id"], values=values)
    command.tab.push(Frame(draw_end(name_of(row))))


def with_words(command: Command, row: Row, words: str) -> Row:
    """Return the values of a schedule with other words to ask or to add."""
    if row["kind"] == "prompt":
        return asking(words)
    table = command.hub.registry.tables.get(row["action"].get("table"))
    if table is None:
        raise BadCommand("The app of this schedule is not there any more. Delete the schedule.")
    values = {**row["action"].get("values", {}), table.title_field.name: words}
    return {"title": shortened(words, LONGEST_TITLE), "action": {**row["action"], "values": values}}


def now_of(reader: Reader) -> datetime:
    """Return what the reader's clock shows, with its zone."""
    return datetime.now(reader.zone)

"""The servers of models: add one, change its key, remove it.

What these commands carry may be a key. It goes into its file (`web/server_files.py`) and nowhere else: not into a
message of the bus, a log, a sentence or the page.
"""

from collections.abc import Callable
from dataclasses import replace

from bus.errors import PianolaError
from web.commands.command import BadCommand, Command
from web.html.models.servers_dialog import (
    FORM,
    KEY,
    draw_added,
    draw_problems,
    key_dialog,
    removal_dialog,
)
from web.html.parts.dialogs import draw_dialog, draw_end
from web.live.outbox import Frame
from web.server_files import ServerFiles
from web.state.servers import ServerEntry, checked, key_problem, short


async def add_server(command: Command) -> None:
    """Add a server. What is wrong is told beside its field, and what was typed stays."""
    files = files_of(command)
    try:
        problems = add(files, {name: field_of(command, name) for name in ("name", "address", "secret")})
    except PianolaError as problem:
        problems = {"": str(problem)}
    command.tab.push(Frame(draw_problems(FORM, problems)))
    if not problems:
        command.tab.push(Frame(draw_added()))
        command.hub.models.show_lists()


def add(files: ServerFiles, sent: dict[str, str]) -> dict[str, str]:
    """Add the server of a form; return what is wrong with its fields. Raises `PianolaError` for a file."""
    known = files.known
    if known.problems:
        return {"": " ".join(known.problems)}
    key = sent["secret"].strip()
    server, problems = checked(sent, known)
    if server is not None:
        files.add(server, key)
        return {}
    others = tuple(one for one in known.tables if one.name != sent["name"].strip())
    again, _ = checked(sent, replace(known, tables=others))
    return {} if again and files.has(again, key) else problems


async def ask_key(command: Command) -> None:
    """Show the dialog in which a server gets a key."""
    command.tab.push(Frame(draw_dialog(key_dialog(entry_of(command, lambda one: one.takes_key)))))


async def set_key(command: Command) -> None:
    """Change or remove the key of a server."""
    entry = entry_of(command, lambda one: one.takes_key)
    key = field_of(command, "secret")
    problems = key_problems(command, key)
    if not problems:
        try:
            files_of(command).set_key(entry.name, key.strip())
        except PianolaError as bad:
            problems = {"": str(bad)}
    command.tab.push(Frame(draw_problems(KEY, problems)))
    if not problems:
        command.tab.push(Frame(draw_end(KEY)))
        command.hub.models.show_lists()


def key_problems(command: Command, key: str) -> dict[str, str]:
    """Return what is wrong with the key in a form, by field; {} if it can be kept, or one is to be removed."""
    problem = key_problem(key)
    if not key.strip() and not command.values.get("remove"):
        problem = "There is no key in the field. Type one, or choose “Remove the key” or “Cancel”."
    return {"secret": problem} if problem else {}


async def ask_remove(command: Command) -> None:
    """Ask before a server is removed."""
    command.tab.push(Frame(draw_dialog(removal_dialog(entry_of(command, lambda one: one.editable)))))


async def remove_server(command: Command) -> None:
    """Remove a server that was added in the page, and its key."""
    files_of(command).remove(entry_of(command, lambda one: one.editable).name)
    command.hub.models.show_lists()


# --- what a command is about ---


def files_of(command: Command) -> ServerFiles:
    """Return the files of the servers."""
    return command.hub.shared.server_files


def field_of(command: Command, name: str) -> str:
    """Return a field of a form as a text. What else it may be is not repeated in a sentence: it may be a key."""
    value = command.values.get(name, "")
    if type(value) is not str:
        raise BadCommand(f"`{name}` of the command {command.name} is no text. Reload the page.")
    return value


def entry_of(command: Command, allows: Callable[[ServerEntry], bool]) -> ServerEntry:
    """Return the server that a command names. `allows`: whether the command can be carried out for it."""
    name = field_of(command, "server")
    entry = next((one for one in command.hub.shared.view().servers if one.name == name), None)
    if entry is None:
        raise BadCommand(f"There is no server “{short(name)}” (any more). Open the dialog of servers again.")
    if not allows(entry):
        where = f"It stands in {entry.file}: change it there" if entry.file else "It is not one that was added here"
        raise BadCommand(f"This cannot be done with the server “{entry.name}”. {where}.")
    return entry

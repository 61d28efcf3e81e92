"""Tools of other programs: show them, allow one, have one asked first again; add and remove servers at an address.

No command line is added here: who can write in the page could start any program by it. `pianola mcp add` does that.
"""

from dataclasses import replace

from apps.core import TOOLS_ALLOWED
from apps.tables import Row
from bus.errors import BadSetting
from bus.mcp.servers import MOST_SERVERS, McpServer, made, save_mcp, servers_in
from bus.settings import Settings
from web.commands.chat import decide, get_message
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import draw_dialog
from web.html.tools.dialog import draw, draw_form, tools_dialog
from web.live.outbox import Frame


async def show(command: Command) -> None:
    """Show the dialog."""
    command.tab.push(Frame(draw_dialog(tools_dialog(servers_of(command), listed_in(command), allowed_in(command)))))


async def allow(command: Command) -> None:
    """Call the tool that a card asks about, and ask no more for it."""
    row = await get_message(command)
    tool = (row["detail"] or {}).get("tool")
    if type(tool) is not str or row["state"] != "proposed":
        raise BadCommand("This card asks about no tool (any more).")
    await command.set(TOOLS_ALLOWED, [*(one for one in allowed_in(command) if one != tool), tool])
    await decide(command, "agreed")


async def ask_again(command: Command) -> None:
    """Have the user asked again before a tool is called."""
    tool = command.text("tool")
    left = [one for one in allowed_in(command) if one != tool]
    await command.set(TOOLS_ALLOWED, left)
    command.tab.push(Frame(draw(servers_of(command), listed_in(command), left)))


async def add(command: Command) -> None:
    """Add a server at an address. What is wrong is told in the form, and what was typed stays."""
    typed = {name: command.text(name).strip() for name in ("name", "url")}
    settings = command.hub.process_settings
    try:
        save_with(settings, made(typed["name"], {"url": typed["url"]}))
    except (BadSetting, BadCommand) as problem:
        command.tab.push(Frame(draw_form(typed, str(problem))))
        return
    command.tab.push(Frame(draw_form({})))
    command.tab.push(Frame(draw(servers_of(command), listed_in(command), allowed_in(command))))


def save_with(settings: Settings, server: McpServer) -> None:
    """Write the file of servers with one more. Raises `BadCommand`."""
    kept = servers_in(settings.mcp_file)
    if any(one.name == server.name for one in (*settings.mcp, *kept)):
        raise BadCommand(f"There is a server “{server.name}” already. Choose another name.")
    if len(kept) >= MOST_SERVERS:
        raise BadCommand(f"There are {len(kept)} servers, and more are not used. Remove some.")
    save_mcp(settings.mcp_file, [*kept, replace(server, file=settings.mcp_file.name)])


async def remove(command: Command) -> None:
    """Remove a server at an address that was added; its tools are allowed no more."""
    name, settings = command.text("server"), command.hub.process_settings
    kept = servers_in(settings.mcp_file)
    if not any(one.name == name and one.url for one in kept):
        raise BadCommand(f"There is no server “{name:.60}” that can be removed here.")
    left = [one for one in allowed_in(command) if not one.startswith(f"{name}.")]
    await command.set(TOOLS_ALLOWED, left)  # another server may get this name
    save_mcp(settings.mcp_file, [one for one in kept if one.name != name])
    command.tab.push(Frame(draw(servers_of(command), listed_in(command), left)))


# --- what is known ---


def servers_of(command: Command) -> list[McpServer]:
    """Return all servers, those of the user's own file first."""
    settings = command.hub.process_settings
    try:
        added = servers_in(settings.mcp_file)
    except BadSetting as problem:
        raise BadCommand(str(problem)) from None
    own = {one.name for one in settings.mcp}
    return [*settings.mcp, *(one for one in added if one.name not in own)]


def listed_in(command: Command) -> dict[str, Row]:
    """Return what was heard of each server."""
    return {one["name"]: one for one in command.hub.shared.tool_servers}


def allowed_in(command: Command) -> list[str]:
    """Return the tools that are called without asking."""
    chosen = command.hub.shared.settings.get(TOOLS_ALLOWED)
    return [one for one in chosen if type(one) is str] if type(chosen) is list else []

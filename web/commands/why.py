"""The question "Why?" about a row, a message or a change."""

from apps.sentences import title_of
from apps.tables import Table
from bus.errors import Refused
from web.commands.command import BadCommand, Command
from web.commands.heard import get_row
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.why.dialog import why_dialog
from web.why.reasons import reasons_of

WITHOUT_REASONS = ("told", "layer", "setting", "conversation", "import")
"""Tables whose rows offer no "Why?"."""


async def why(command: Command) -> None:
    """Show the causes of a row, a message or a change, and what the model was told."""
    name, registry = command.text("table"), command.hub.registry
    table = registry.tables.get(name)
    if table is None or name in WITHOUT_REASONS:
        raise BadCommand(f"There are no reasons for rows of {name!r:.60}.")
    key = command.text("id") if table.keyed else command.number("id")
    command.tab.push(Frame(draw_dialog(why_dialog(await reasons_of(command.hub, name, key)))))
    await tell(command, table)


async def tell(command: Command, table: Table) -> None:
    """Tell the assistant what the user asked about; of the history only that, because it holds all profiles."""
    if table.read_only:
        command.acted("asked_why", table=table.name)
        return
    try:
        row = await get_row(command, table)
    except Refused:  # a row that was deleted has its reasons, too
        command.acted("asked_why", table=table.name)
    else:
        command.acted("asked_why", profile=row.get("profile", 0), table=table.name, name=title_of(row, table))

"""The user asks why something is as it is."""

from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.why.dialog import why_dialog
from web.why.reasons import reasons_of

KEPT_APART = ("told", "layer", "setting", "conversation", "import")
"""Tables of which no row is shown with the question."""


async def why(command: Command) -> None:
    """Show what led to a row, a message or a change, and what the model was told for it."""
    name, registry = command.text("table"), command.hub.registry
    table = registry.tables.get(name)
    if table is None or name in KEPT_APART:
        raise BadCommand(f"There are no reasons for rows of {name!r:.60}.")
    key = command.text("id") if table.keyed else command.number("id")
    command.tab.push(Frame(draw_dialog(why_dialog(await reasons_of(command.hub, name, key)))))

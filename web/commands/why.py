"""The question "Why?" about a row, a message or a change."""

from web.commands.command import BadCommand, Command
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

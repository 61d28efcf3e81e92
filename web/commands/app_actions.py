"""The actions menu of an app: each action is a list of changes, carried out together, all or none."""

from collections.abc import Mapping
from typing import Any

from apps.tables import Row, Table
from apps.views import Action
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import draw_dialog
from web.html.parts.menus import action_dialog, actions_of
from web.live.outbox import Frame
from web.live.queries import scope


async def act(command: Command) -> None:
    """Carry out an action of an app. If it has a question, show that first, and carry it out when the user agrees."""
    app, action = command.text("app"), find_action(command)
    if action.question and command.values.get("agreed") != "yes":
        command.tab.push(Frame(draw_dialog(action_dialog(app, action))))
        return
    tables, settings = command.hub.registry.tables, command.hub.shared.settings
    orders = [limited(order, tables, settings) for order in action.orders]
    await command.order(verb="batch", table=str(orders[0]["table"]), values={"orders": orders})


def find_action(command: Command) -> Action:
    """Return the action that a command names."""
    name, label = command.text("app"), command.text("action")
    if name not in command.hub.apps:
        raise BadCommand(f"There is no app {name!r:.60}.")
    found = (one for one in actions_of(command.hub.apps[name]) if one.label == label and one.orders)
    if action := next(found, None):
        return action
    raise BadCommand(f"The app {name} offers no action {label!r:.60} (any more). Reload the page.")


def limited(order: Row, tables: Mapping[str, Table], settings: Mapping[str, Any]) -> Row:
    """Return the order, limited to rows of the profile in view."""
    within = scope(tables.get(str(order.get("table"))), settings)
    if not within:
        return order
    if order.get("verb") == "insert":
        return {**order, "values": {**order.get("values", {}), **within}}
    return order if order.get("id") else {**order, "where": {**order.get("where", {}), **within}}

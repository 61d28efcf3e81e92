"""Permissions: answer the offer on a card, and give one on their page. It is taken back by deleting its row."""

from apps.core import PERMISSION, PERMISSION_OPERATIONS, PERMISSION_RULES
from apps.permitted.words import app_called, kind_in_words
from apps.tables import BadValue, Row
from web.commands.chat import get_message
from web.commands.command import BadCommand, Command
from web.state.page_view import profile_in
from web.store_client import every_row

OFFERED = "offered"


async def accept(command: Command) -> None:
    """Let the assistant do without asking what a card offers."""
    card = await _offering(command)
    kept = card["detail"]["permission"]
    profile = card["detail"].get("profile", 1)
    allow = await _order(command, kept["app"], kept["operation"], "allow", profile)
    await command.order(verb="batch", table=PERMISSION.name, values={"orders": [allow, _answered(card, "allowed")]})


async def decline(command: Command) -> None:
    """Keep the questions of the kind that a card is about; it is not offered again."""
    card = await _offering(command)
    await command.order(**_answered(card, "kept"))


async def give(command: Command) -> None:
    """Say what the assistant may do with one operation in one app."""
    app, operation, rule = (command.text(name) for name in ("app", "operation", "rule"))
    if app not in command.hub.registry.sound:
        raise BadValue("bad_value", f"There is no app {app!r:.60}. Choose one of the list.", field="app")
    for name, value, known in (("operation", operation, PERMISSION_OPERATIONS), ("rule", rule, PERMISSION_RULES)):
        if value not in known:
            raise BadValue("bad_value", f"{value!r:.60} is not possible here. Choose one of the list.", field=name)
    profile = profile_in(command.hub.shared.settings)
    await command.order(**await _order(command, app, operation, rule, profile))


async def _offering(command: Command) -> Row:
    """Return the card whose offer is answered."""
    card = await get_message(command)
    if ((card["detail"] or {}).get("permission") or {}).get("state") != OFFERED:
        raise BadCommand("This was answered already, perhaps in another tab.")
    return card


def _answered(card: Row, state: str) -> Row:
    """Return the order that keeps on a card what the user said to its offer."""
    detail = card["detail"] | {"permission": card["detail"]["permission"] | {"state": state}}
    return {"verb": "update", "table": "message", "id": card["id"], "values": {"detail": detail}}


async def _order(command: Command, app: str, operation: str, rule: str, profile: int) -> Row:
    """Return the order that writes a permission: there is one for each operation in an app."""
    which = {"app": app, "operation": operation, "profile": profile}
    found = await every_row(command.hub.bus, PERMISSION.name, which)
    known = command.hub.registry.apps.get(app)
    kind = kind_in_words(app_called(app, known.label if known else ""), operation)
    values = {"rule": rule, "title": f"{rule}: {kind}"}
    if found:
        return {"verb": "update", "table": PERMISSION.name, "id": found[0]["id"], "values": values}
    return {"verb": "insert", "table": PERMISSION.name, "values": {**which, **values}}

"""After the third yes of the same kind the user is offered not to be asked any more: once, on the card of that yes.

A card keeps in `detail.permission` to what the user said yes, if a permission would have spared the question. So the
cards in the store are counted, and nothing else is kept.
"""

from collections.abc import Sequence

from apps.core import MESSAGE, PERMISSION
from apps.registry import Registry
from apps.tables import Row
from bus.store_client import StoreClient
from services.agent.act.permissions.rules import Kind, Permissions
from services.agent.act.planned import PlannedChange
from services.agent.limits import MAX_CARDS_COUNTED, MAX_PERMISSIONS, YES_BEFORE_OFFER


class PermissionOffers:
    """Finds out when a permission is offered."""

    def __init__(self, store_client: StoreClient, registry: Registry) -> None:
        """Keeps nothing in memory: the cards are in the store."""
        self._store_client = store_client
        self._registry = registry

    async def after_yes(self, card: Row, plan: Sequence[PlannedChange], lifted: Sequence[str]) -> Row:
        """Return what the card of a proposal keeps when the user has agreed to it, as a part of its `detail`.

        `lifted`: reasons to ask that a permission lifts.
        """
        profile = card["detail"].get("profile", 1)
        rows = await self._store_client.list(PERMISSION.name, {"profile": profile}, limit=MAX_PERMISSIONS)
        permissions = Permissions.of(self._registry, rows)
        kind = _agreed_kind(card, plan, permissions, lifted)
        if kind is None or kind in permissions.rules:
            return {}
        earlier = await self._earlier(card, kind, profile)
        is_due = len(earlier) + 1 >= YES_BEFORE_OFFER and not any(one.get("state") for one in earlier)
        kept = {"app": kind.app, "operation": kind.operation, "label": permissions.label(kind.app)}
        return {"permission": kept | ({"state": "offered"} if is_due else {})}

    async def _earlier(self, card: Row, kind: Kind, profile: int) -> list[Row]:
        """Return what other cards keep of the same kind."""
        where = {"role": "action", "state": ["applied", "undone"]}
        cards = await self._store_client.list(MESSAGE.name, where, sort="-id", limit=MAX_CARDS_COUNTED)
        details = (one["detail"] for one in cards if one["id"] != card["id"] and one["detail"])
        kept = (one["permission"] for one in details if "permission" in one and one.get("profile", 1) == profile)
        return [one for one in kept if (one.get("app"), one.get("operation")) == kind]


def _agreed_kind(
    card: Row, plan: Sequence[PlannedChange], permissions: Permissions, lifted: Sequence[str]
) -> Kind | None:
    """Return to which one kind the user said yes; None if there are several, or a permission would not have helped."""
    reasons = card["detail"].get("reasons") or []
    kinds = {permissions.kind(planned) for planned in plan}
    return kinds.pop() if len(kinds) == 1 and reasons and set(reasons) <= set(lifted) else None

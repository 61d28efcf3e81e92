"""`POST /orders`: one order to the store. `GET /orders/KEY`: what came of it, also after a restart."""

import hashlib
import json
import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from apps.clients.access import Access, check_undone, orders_in
from bus.bus import new_id
from bus.errors import BadMessage, Refused
from bus.messages import StoreAnswer, StoreOrder, Values
from bus.store_client import ask_store
from web.api.answers import answer, body_of
from web.api.problems import ApiProblem, bad_request
from web.live.hub import Hub
from web.state.page_view import profile_in

FIELDS = ("verb", "table", "id", "values", "where", "sort", "limit", "offset")
"""Fields of the body, as those of `store.order`; who gives the order is known by the key."""
KEY = re.compile(r"[A-Za-z0-9._~-]{1,64}")
HEADER = "Idempotency-Key"
REUSED = f"Another order with this {HEADER} is being carried out, so this one was not. Give it a key of its own."


class OrdersDoor:
    """Answers `POST /orders` and `GET /orders/KEY`."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus, the tables, and the profile in view."""
        self._hub = hub
        self._waiting: dict[str, str] = {}
        """The orders that the store has not answered yet: their digests by their ids."""

    async def carry_out(self, request: Request, access: Access) -> Response:
        """Read or change rows; an order with the same Idempotency-Key takes effect once."""
        key = _key_of(request)
        order = await body_of(request, FIELDS)
        digest = digest_of(order)
        access.check_order(order)
        await check_undone(self._hub.bus, access, order)
        self._place_in_profile(order)
        name = order_id(access, key)
        if self._waiting.setdefault(name, digest) != digest:
            raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "reused", REUSED)
        try:
            found = await ask_store(self._hub.bus, store_order(order, access, digest), id=name)
        finally:
            self._waiting.pop(name, None)
        return answer(told(found), headers={HEADER: key})

    async def tell(self, request: Request, access: Access) -> Response:
        """Say what came of an order: done, refused, or waiting."""
        name = order_id(access, str(request.path_params["key"]))
        order = StoreOrder(verb="recall", table="", values={"order": name})
        try:
            return answer(told(await ask_store(self._hub.bus, order)))
        except Refused as refused:
            if refused.code != "unknown_order":
                error = {"code": refused.code, "message": str(refused)}
                return answer({"state": "refused", "error": error})
            if name in self._waiting:
                return answer({"state": "waiting"}, HTTPStatus.ACCEPTED)
            sentence = "No order with this key was carried out, or it was more than 7 days ago."
            raise ApiProblem(HTTPStatus.NOT_FOUND, "unknown_order", sentence) from None

    def _place_in_profile(self, order: Values) -> None:
        """Have new rows that name no profile belong to the one in view, as in the page."""
        orders = orders_in(order) if order.get("verb") == "batch" else [order]
        for one in orders:
            table = self._hub.registry.tables.get(str(one.get("table", order.get("table", ""))))
            if one.get("verb") == "insert" and table and table.scoped and isinstance(one.get("values"), dict):
                one["values"].setdefault("profile", profile_in(self._hub.shared.settings))


def store_order(order: Values, access: Access, digest: str) -> StoreOrder:
    """Return the order to the store. Raises `ApiProblem` if it cannot be read."""
    try:
        return StoreOrder.from_body({"table": "", **order, "actor": "user", "client": access.name, "digest": digest})
    except BadMessage as problem:
        sentence = f"The order cannot be read: {problem}."
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_type", sentence) from None


def digest_of(body: Values) -> str:
    """Return a digest of a body: the same for the same JSON, however it is written."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def told(found: StoreAnswer) -> Values:
    """Return what the store answered."""
    return {
        "state": "done",
        "rows": found.rows,
        "more": found.more,
        "total": found.total,
        "changes": found.changes,
        "revision": found.revision,
    }


def order_id(access: Access, key: str) -> str:
    """Return the id of an order on the bus: no client can name the orders of another one."""
    return f"http:{access.name}:{key}"


def _key_of(request: Request) -> str:
    """Return the idempotency key of a request, or a new one; quotes around it are left out."""
    given = request.headers.get(HEADER)
    if given is None:
        return new_id()
    key = given.strip().strip('"')
    if not KEY.fullmatch(key):
        raise bad_request(f"{HEADER} is {given!r:.80}. Expected 1 to 64 letters, digits and any of . _ ~ -", HEADER)
    return key

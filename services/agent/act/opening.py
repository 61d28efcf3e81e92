"""Open an app, or show its rows in another way: the orders that do so. Pure."""

from urllib.parse import urlencode

from apps.core import SETTING, SHOWN
from apps.tables import Row
from bus.messages import StoreOrder
from services.agent.parse.instructions import Step


def open_order(step: Step, asked: str) -> StoreOrder:
    """Return the order that opens what a step names. `asked`: id of the order, which no other one has.

    It stands in the setting, so that the same view can be opened again after the user has left it.
    """
    values: Row = {"app": step.app}
    if step.look is not None:
        values[SHOWN] = {"app": step.app, "query": urlencode(step.look, safe=","), "asked": asked}
    orders = [
        {"verb": "update", "table": SETTING.name, "id": key, "values": {"value": value}}
        for key, value in values.items()
    ]
    return StoreOrder(verb="batch", table=SETTING.name, values={"orders": orders}, actor="model")


def opened_text(step: Step, open_app: str) -> str:
    """Return what the model is told of a step that opened an app. `open_app`: the one that was open."""
    if step.look is not None and step.app == open_app:
        return "The page shows the rows so now."
    return f"Opened {step.app}: you see its rows and tables now."

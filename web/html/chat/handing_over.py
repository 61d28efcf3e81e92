"""What stands below an answer of a player of our own whose question was beyond it: who could answer, in one click."""

from fastcore.xml import FT

from apps.tables import Row
from bus.servers.titles import called
from web.html.parts.dialogs import GET_MODEL
from web.html.parts.elements import Button, Div, P, command_button


def handing_over(row: Row) -> FT | None:
    """Return the note about a question that is beyond the player; None for all other answers."""
    detail = row["detail"] or {}
    if "beyond" not in detail or detail.get("spans") or not row["reply_to"]:
        return None
    known = P(f"{called(row['model'])} was taught your lists. It knows little of the world.", cls="note")
    return Div(known, *_ways_out(row["id"], str(detail["beyond"])), cls="tools hand-over")


def _ways_out(message: int, general: str) -> tuple[FT, ...]:
    """Return the buttons. `general`: the model that could answer, "" if there is none."""
    if not general:
        return (Button("Get a model …", type="button", data_dialog=GET_MODEL),)
    return (
        command_button(f"Ask {called(general)}", "hand-over", message=message),
        command_button("Always do that", "hand-over", message=message, always="yes"),
    )

"""A scene as the product's composer takes it."""

from services.agent.prompt.layers import Situation, TableRows
from services.agent.prompt.player.forms import FORMS
from training.scenes.rows import Rows

FORM = 2
"""The form that is taught."""
SHOWS_LINKS = "link" in FORMS[FORM].TYPES
"""Whether the form tells a link from a text. Where it does not, none are taught: their values are ids, not words."""
USUAL_WINDOW = 4_096
"""Tokens of the model's context."""


def situation_of(
    app: str, apps: tuple[str, ...], tables: list[Rows], *, window: int = USUAL_WINDOW, voice: str = ""
) -> Situation:
    """Return what the prompt depends on, but for what is said."""
    return Situation(
        app=app,
        apps=apps,
        tables=tuple(one.table.table for one in tables),
        rows=tuple(TableRows(one.table.table, tuple(one.rows)) for one in tables),
        window=window,
        form=FORM,
        voice=voice,
    )


def count_shown(situation: Situation) -> int:
    """Return how many rows of the only table the model is shown."""
    _heading, *lines = FORMS[FORM].rows_told(situation).splitlines()
    return sum(not line.startswith("(") for line in lines)

"""Which model answers: the chosen one, or a general one for what is beyond a player of our own, if the user allows."""

from dataclasses import dataclass, field

from apps.core import DEFAULT_HAND_OVER
from apps.tables import Row
from services.agent.grounding.beyond import is_beyond
from services.agent.prompt.layers import TableRows
from services.agent.prompt.player.form1 import own_tables
from services.agent.prompt.turns import question_of
from services.agent.state.models import Chosen, ModelChooser

BY = "by"
"""In the `detail` of an answer: the model that gives it instead of the chosen one."""
BEYOND = "beyond"
"""In the `detail` of an answer: the question is beyond the player; the general model that could answer, or ""."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """The model that answers, and what the answer's `detail` says of it."""

    chosen: Chosen
    detail: Row = field(default_factory=dict)


class HandingOver:
    """Decides for each question whether the player that the user chose hands it over."""

    def __init__(self, models: ModelChooser) -> None:
        """Keeps nothing."""
        self._models = models

    async def answerer(self, row: Row, messages: list[Row], rows: tuple[TableRows, ...], settings: Row) -> Answerer:
        """Return who answers `row`. `rows`: those in view. `settings`: those of its question."""
        if (by := (row["detail"] or {}).get(BY)) and (named := await self._models.named(str(by))):
            return Answerer(named, {BY: named.name})
        chosen = self._models.answering(settings)
        if not chosen.form or row["purpose"] != "chat" or not self._is_beyond(row, messages, rows):
            return Answerer(chosen)
        wish = settings.get("hand_over", DEFAULT_HAND_OVER)
        general = await self._models.general()
        if wish == "always" and general and not row["text"]:
            return Answerer(general, {BY: general.name})
        return Answerer(chosen, {} if wish == "never" else {BEYOND: general.name if general else ""})

    @staticmethod
    def _is_beyond(row: Row, messages: list[Row], rows: tuple[TableRows, ...]) -> bool:
        question = question_of(messages, row)
        if question is None or (question["detail"] or {}).keys() & {"drafts", "amends"}:
            return False
        shown = [one for one in rows if own_tables([one.table])]
        return is_beyond(question["text"], [one.table for one in shown], [one.rows for one in shown])

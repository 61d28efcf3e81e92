"""Follows what comes of one question: the answers to it, and what is done because of them. Pure."""

from collections.abc import Iterable
from typing import Any

from apps.tables import Row
from bus.messages import LlmToken, StoreChanged
from bus.transcript import Transcript

Told = tuple[str, dict[str, Any]]
"""Name and data of an event."""

OUTCOMES = {"applied": "done", "agreed": "done", "refused": "refused", "proposed": "waits"}
"""What an entry of the chat means for who asked."""


class Turn:
    """The rows of a conversation that belong to a question, as facts tell of them.

    `take_fact`, `take_row` and `take_token` return what is to be told.
    """

    def __init__(self, question: int) -> None:
        """`question`: id of the message that asks."""
        self.question = question
        self._answers: dict[int, Row] = {}
        self._actions: dict[int, Row] = {}
        self._told: set[str] = set()
        """Generations whose whole text was told."""
        self._transcript = Transcript("")

    @property
    def begun(self) -> bool:
        """Whether the assistant has begun to answer."""
        return bool(self._answers)

    @property
    def ended(self) -> bool:
        """Whether everything is said and done."""
        return self.begun and not any(is_open(row) for row in self._answers.values())

    def take_fact(self, fact: StoreChanged) -> list[Told]:
        """Take a fact about a message."""
        if fact.verb in ("delete", "erase"):
            self._answers.pop(int(fact.id), None)
            return []
        return self.take_row(fact.row)

    def take_row(self, row: Row) -> list[Told]:
        """Take a message of the conversation as it is now."""
        if row["role"] == "assistant" and row["reply_to"] == self.question:
            return self._take_answer(row)
        if row["role"] == "action" and row["reply_to"] in self._answers:
            before = self._actions.get(row["id"])
            self._actions[row["id"]] = row
            return [] if before and before["state"] == row["state"] else [("action", action_of(row))]
        return []

    def _take_answer(self, row: Row) -> list[Told]:
        self._answers[row["id"]] = row
        generation = f"{row['id']}.{row['attempt']}"
        if row["state"] == "streaming":
            if generation != self._transcript.generation:
                self._transcript = Transcript(generation)
            return []
        if generation in self._told:
            return []
        self._told.add(generation)
        return [("answer", answer_of(row))]

    def take_token(self, token: LlmToken) -> list[Told]:
        """Take a token; one after a lost one is not told: the whole text follows in the event `answer`."""
        known = token.generation == self._transcript.generation
        if not known or token.index < self._transcript.next or not self._transcript.add(token):
            return []
        return [("token", {"text": token.text, "thinking": token.thinking})]

    def result(self) -> dict[str, Any]:
        """Return what came of it, for the last event."""
        last = self._answers[max(self._answers)] if self._answers else {}
        actions = [action_of(row) for _, row in sorted(self._actions.items())]
        return {
            "state": str(last.get("state", "waiting")),
            "text": str(last.get("text", "")),
            "problem": str(last.get("problem", "")),
            "actions": actions,
            "waits_for_consent": any(one["outcome"] == "waits" for one in actions),
        }


def answer_of(row: Row) -> dict[str, Any]:
    """Return what is told of an answer that has ended."""
    return {name: row[name] for name in ("id", "state", "text", "problem", "model")}


def action_of(row: Row) -> dict[str, Any]:
    """Return what is told of a change that the assistant made, proposed, or could not make."""
    return {"id": row["id"], "outcome": OUTCOMES.get(row["state"], row["state"]), "text": row["text"]}


def is_open(row: Row) -> bool:
    """Return whether more is to come of an answer: text, or what its instructions bring."""
    detail = row["detail"] or {}
    instructs = bool(detail.get("spans") or detail.get("calls"))
    whole = row["state"] == "done" and not row["problem"]
    return bool(row["state"] == "streaming" or (whole and instructs and not detail.get("played")))


def rows_in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order in which they were inserted: an action follows its answer."""
    return sorted(rows, key=lambda row: int(row["id"]))

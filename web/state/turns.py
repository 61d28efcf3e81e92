"""Which answers are being given, how far each is, and which one has to wait for another."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from apps.tables import Row

State = Literal["queued", "waiting", "loading", "reading", "writing"]

MOST_ANSWERS = 64
MOST_QUESTIONS = 500
LONGEST_QUESTION = 200
"""Characters of a question that are kept."""
OLD_SECONDS = 3_600.0
"""An answer that was begun longer ago is no reason to wait: the agent leaves it alone after a crash."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer is that is being given."""

    state: State = "waiting"
    model: str = ""
    """Name of the model, once it was asked."""
    prompt_tokens: int = 0
    """Tokens of the prompt; 0: unknown."""
    known_tokens: int = 0
    """Those of them that the model's server had read before; 0: unknown."""
    read_tokens: int = 0
    """Those of them that were read so far, beyond the known ones."""
    behind: str = ""
    """The question whose answer comes first, for the state queued."""


@dataclass(slots=True)
class Answer:
    """An assistant's row of which more is to come. `question`: id of the message that it answers."""

    conversation: int
    question: int
    generation: str
    streaming: bool
    progress: Progress
    begun: bool = False
    """The model was asked."""


class Turns:
    """The answers that are open, by the ids of their rows. Learns them from the rows of all conversations."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """`now`: Unix seconds."""
        self._now = now
        self._answers: OrderedDict[int, Answer] = OrderedDict()
        self._questions: OrderedDict[int, str] = OrderedDict()

    # --- what is learned ---

    def take(self, row: Row) -> None:
        """Take over a message as the store has it now."""
        key: int = row["id"]
        if row["role"] == "user":
            self._questions[key] = row["text"][:LONGEST_QUESTION]
        elif row["role"] == "assistant":
            self._take_answer(key, row)
        while len(self._questions) > MOST_QUESTIONS:
            self._questions.popitem(last=False)
        while len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)

    def _take_answer(self, key: int, row: Row) -> None:
        known, generation = self._answers.get(key), f"{key}.{row['attempt']}"
        if not is_open(row) or (row["created"] or 0) < self._now() - OLD_SECONDS:
            self._answers.pop(key, None)
        elif known and known.generation == generation:
            known.streaming = row["state"] == "streaming"
        else:
            streaming = row["state"] == "streaming"
            progress = Progress(model=row["model"])
            self._answers[key] = Answer(row["conversation"], row["reply_to"], generation, streaming, progress)

    def drop(self, key: int) -> None:
        """Forget a message that was deleted."""
        self._answers.pop(key, None)
        self._questions.pop(key, None)

    def progressed(self, generation: str, progress: Progress) -> int:
        """Take over how far a generation is; return the id of its row, 0 if none is known."""
        key, answer = self._find(generation)
        if answer:
            answer.progress = replace(progress, model=progress.model or answer.progress.model)
            answer.begun = True
        return key

    def _find(self, generation: str) -> tuple[int, Answer | None]:
        found = ((key, answer) for key, answer in self._answers.items() if answer.generation == generation)
        return next(found, (0, None))

    # --- what is known ---

    def streaming(self, conversation: int) -> dict[int, Progress]:
        """Return how far each answer of a conversation is whose text is to come, by the id of its row."""
        return {
            key: self.of(key)
            for key, answer in self._answers.items()
            if answer.conversation == conversation and answer.streaming
        }

    def of(self, key: int) -> Progress:
        """Return how far the answer in a row is."""
        answer = self._answers.get(key)
        if answer is None:
            return Progress()
        question = 0 if answer.begun else self._question_before(answer)
        return (
            replace(answer.progress, state="queued", behind=self._questions[question]) if question else answer.progress
        )

    def _question_before(self, answer: Answer) -> int:
        """Return the question whose answer is given before this one; 0 for none.

        Within a conversation answers follow one another: the older first, or one that was begun before.
        """
        if not answer.question:
            return 0
        others = [
            other
            for other in self._answers.values()
            if other.conversation == answer.conversation
            and other.question not in (0, answer.question)
            and other.question in self._questions
        ]
        older = [other.question for other in others if other.question < answer.question]
        return max(older, default=0) or next((other.question for other in others if other.begun), 0)


def is_open(row: Row) -> bool:
    """Return whether more is to come of a message: text, or what its instructions bring."""
    detail = row["detail"] or {}
    instructs = bool(detail.get("spans") or detail.get("calls"))
    whole = row["state"] == "done" and not row["problem"]
    return bool(row["state"] == "streaming" or (whole and instructs and not detail.get("played")))

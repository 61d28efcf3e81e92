"""A question of the user goes before comments and summaries: it ends those that run, and new comments wait."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from services.agent.talk.generations import Generations


class Priority:
    """Knows the questions that are being answered, and the generations that give way to them."""

    def __init__(self, generations: Generations) -> None:
        """`generations`: cancels those that give way."""
        self._generations = generations
        self._questions = 0
        self.ended = 0
        """How many questions have been answered."""
        self._no_question = asyncio.Event()
        self._no_question.set()
        self._interruptible: set[str] = set()

    @contextmanager
    def question(self) -> Iterator[None]:
        """Use this around answering a question. Comments and summaries that run are cancelled first."""
        self._questions += 1
        self._no_question.clear()
        for name in tuple(self._interruptible):
            self._generations.cancel(name)
        try:
            yield
        finally:
            self._questions -= 1
            self.ended += 1
            if not self._questions:
                self._no_question.set()

    @contextmanager
    def interruptible(self, generation: str) -> Iterator[None]:
        """Use this around the generation of a comment or summary. A question may cancel it."""
        self._interruptible.add(generation)
        try:
            yield
        finally:
            self._interruptible.discard(generation)

    async def no_question(self) -> None:
        """Wait until no question is being answered."""
        await self._no_question.wait()

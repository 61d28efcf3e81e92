"""In which conversations an answer is being given, and how to wait until none is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Idle:
    """Counts the questions that are being answered, for each conversation."""

    def __init__(self) -> None:
        """Nothing is being answered."""
        self._answering: dict[int, int] = {}
        self._waiting: dict[int, list[asyncio.Future[None]]] = {}

    def is_answering(self, conversation: int) -> bool:
        """Return whether an answer is being given in a conversation, or waits for its turn there."""
        return conversation in self._answering

    @contextmanager
    def answering(self, conversation: int) -> Iterator[None]:
        """Use this around answering a question of a conversation."""
        self._answering[conversation] = self._answering.get(conversation, 0) + 1
        try:
            yield
        finally:
            self._answering[conversation] -= 1
            if not self._answering[conversation]:
                del self._answering[conversation]
                for one in self._waiting.pop(conversation, ()):
                    if not one.done():
                        one.set_result(None)

    async def wait(self, conversation: int) -> None:
        """Wait until no answer is being given in a conversation."""
        while self.is_answering(conversation):
            ended = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(conversation, []).append(ended)
            await ended

"""Lines of a byte stream: split on the newline byte alone, with a bound on their length."""

from llm_worker.problems import LineTooLong

MAX_LINE_BYTES = 1024 * 1024


class Lines:
    """Collects chunks and gives out whole lines.

    Bytes are split, not text: a chunk may end within a UTF-8 character, and text has characters (U+0085, U+2028) that
    text splitters take for a line's end and JSON does not.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self._begun: list[bytes] = []
        self._length = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk completes; raises `LineTooLong`, so that memory stays bounded."""
        *whole, rest = chunk.split(b"\n")
        if whole:
            whole[0] = b"".join((*self._begun, whole[0]))
            self._begun, self._length = [], 0
        self._begun.append(rest)
        self._length += len(rest)
        longest = max(self._length, *map(len, whole), 0)
        if longest > MAX_LINE_BYTES:
            raise LineTooLong(longest, MAX_LINE_BYTES)
        return [line for line in whole if line.strip()]

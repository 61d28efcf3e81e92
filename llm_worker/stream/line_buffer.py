"""Split a byte stream into lines at the newline byte, with a limit on their length."""

MAX_LINE_BYTES = 1024 * 1024


class TooLong(Exception):
    """A line is longer than `MAX_LINE_BYTES`."""

    def __init__(self, length: int) -> None:
        """`length`: how much of it has come, in bytes."""
        super().__init__(length)
        self.length = length


class LineBuffer:
    """Collects chunks and returns complete lines.

    It splits bytes, not text. A chunk may end inside a UTF-8 character. And functions that split text also split at
    characters such as U+0085 and U+2028, which are allowed inside JSON.
    """

    def __init__(self) -> None:
        """Start without any bytes."""
        self._begun: list[bytes] = []
        self._length = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk completes. Raise `TooLong` before a line fills the memory."""
        *whole, rest = chunk.split(b"\n")
        if whole:
            whole[0] = b"".join((*self._begun, whole[0]))
            self._begun, self._length = [], 0
        self._begun.append(rest)
        self._length += len(rest)
        longest = max(self._length, *map(len, whole), 0)
        if longest > MAX_LINE_BYTES:
            raise TooLong(longest)
        return [line for line in whole if line.strip()]

    def rest(self) -> bytes:
        """Return what came after the last newline: the last line of a server that ends it without one."""
        return b"".join(self._begun).strip()

"""Print a text that grows, without the instructions in it.

While the text grows, nobody can be sure what will become an instruction. So printing stops before the first line that
could hold one, and goes on when the text has ended and its instructions are known.
"""

import re
from collections.abc import Sequence
from typing import TextIO

from bus.message_line import plain
from bus.text.console import discard_output

POSSIBLE_INSTRUCTION = re.compile(r"^.*(?:```|~~~|\{)|^.*[`~].*\Z", re.MULTILINE)
"""A line with a fence or a brace; or a last line that may get one."""
BLANK_LINES = re.compile(r"\n\s*\n\s*\n*")


class Output:
    """A stream that notices when its reader is gone (`pianola ask … | head`) or its disk is full.

    Then it prints nothing any more.
    """

    def __init__(self, stream: TextIO) -> None:
        """`stream`: the standard output."""
        self.closed = False
        """The reader is gone."""
        self.problem = ""
        """Why nothing can be printed, although a reader may be there."""
        self._stream = stream

    def write(self, text: str) -> None:
        """Print a text at once."""
        try:
            if not self.closed and not self.problem:
                self._stream.write(text)
                self._stream.flush()
        except BrokenPipeError:
            self.closed = True
            discard_output()
        except OSError as error:
            self.problem = str(error)
            discard_output()


class Spoken:
    """Prints one answer."""

    def __init__(self, output: Output) -> None:
        """`output`: where it is printed."""
        self._output = output
        self._printed = ""

    def grow(self, text: str) -> None:
        """Print what is certain of a text that still grows."""
        last_line = self._printed.rfind("\n") + 1
        found = POSSIBLE_INSTRUCTION.search(text, last_line)
        certain = text[: found.start() if found else len(text)].rstrip()
        if len(certain) > len(self._printed):
            self._print(certain)

    def finish(self, text: str, spans: Sequence[Sequence[int]]) -> None:
        """Print the rest of a whole text. `spans`: start and end of its instructions, in characters."""
        self._print(without(text, spans))
        if self._printed:
            self._output.write("\n")
        self._printed = ""

    def _print(self, text: str) -> None:
        if text.startswith(self._printed):
            self._output.write(plain(text[len(self._printed) :]))
        else:  # another attempt: what was printed of the one before stays
            self._output.write(f"\n{plain(text)}" if self._printed else plain(text))
        self._printed = text


def without(text: str, spans: Sequence[Sequence[int]]) -> str:
    """Return the text without its instructions, and without the empty lines that they leave."""
    kept, at = "", 0
    for start, end in spans:
        kept += text[at:start]
        at = max(at, end)
    kept += text[at:]
    return BLANK_LINES.sub("\n\n", kept).strip() if spans else kept.strip()

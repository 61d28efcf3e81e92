"""Choose which memories are told with a question: those with words in common with it, the newest first. Pure.

They stand in the newest message. An old message is told as it was, but without what is not known any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from apps.known.table import MOST_CHARACTERS
from apps.tables import Row
from services.agent.grounding.words import content_words, said
from services.agent.limits import KNOWN_DIVISOR, MAX_KNOWN_BYTES
from services.agent.prompt.blocks import Line
from services.agent.prompt.describe import one_line
from services.agent.prompt.row_lines import quoted
from services.agent.prompt.turns import Turn
from services.agent.prompt.window import prompt_bytes, size

LINE_BYTES = len("- \n")


def lines_of(rows: Iterable[Row]) -> dict[int | str, str]:
    """Return the memories that are in use as lines, by id: texts in quotes, so that they are data."""
    return {row["id"]: quoted(one_line(row["text"], MOST_CHARACTERS)) for row in rows if row["active"]}


def chosen(lines: Mapping[int | str, str], question: str, told: Iterable[int | str], window: int) -> tuple[Line, ...]:
    """Return what is told with a question, within a share of the prompt.

    `told`: ids that earlier messages of the talk tell. When there are any, only what fits the question is added: so a
    talk does not fill up with the rest.
    """
    told = set(told)
    words = content_words(question)
    new = [(key, line) for key, line in lines.items() if key not in told]
    ranked = sorted(new, key=lambda line: (in_common(line[1], words), line[0]), reverse=True)
    fitting = [line for line in ranked if not told or in_common(line[1], words)]
    return within(fitting, min(MAX_KNOWN_BYTES, prompt_bytes(window) // KNOWN_DIVISOR))


def in_common(line: str, words: Sequence[str]) -> int:
    """Return how many words of a memory stand in the question, in any form."""
    return sum(said(word, words) for word in set(content_words(line)))


def within(lines: Iterable[Line], room: int) -> tuple[Line, ...]:
    """Return the lines that fit into so many bytes; one that does not is left out, and a shorter one may follow."""
    found: list[Line] = []
    for key, line in lines:
        needed = size(line) + LINE_BYTES
        if needed <= room:
            room -= needed
            found.append((key, line))
    return tuple(found)


def still_known(turns: Iterable[Turn], lines: Mapping[int | str, str]) -> tuple[Turn, ...]:
    """Return turns without what is not known any more: it was forgotten, changed or switched off."""
    return tuple(replace(one, block=one.block.still_known(lines)) for one in turns)

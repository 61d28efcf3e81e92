"""Notice a model that repeats itself without end: the same passage three times in a row. Pure, in any language.

A passage may be a few sentences, one line, or a JSON object. White space between the rounds may differ. What only looks
alike is left alone: rows of a table, items of a list, lines of code differ from each other; a refrain comes back after
something else. A short passage ("ha ", "| --- ") must go on for longer, since people write such things on purpose.
"""

ROUNDS = 3
"""So often a passage must stand in a row."""
ENOUGH_LETTERS = 12
"""Letters and digits of a passage for which `ROUNDS` are enough. Letters of scripts without spaces count double."""
LONG_RUN = 300
"""Characters of a run of shorter passages that have letters, and …"""
ENDLESS_RUN = 600
"""… of passages that have none: a line of dashes is no repetition, a page of them is."""
LONGEST_PASSAGE = 4_000
WINDOW = LONGEST_PASSAGE * ROUNDS + 1_000
"""How much of the end of a text is looked at, in characters."""
PROBE = 8
"""The end of a text, of this length, is looked for in what stands before."""
STEP = 16
"""The text is looked at again when so many characters have come."""

ENDS_OF_SENTENCES = frozenset(".!?…。！？।؟}")


class RepetitionDetector:
    """Follows one text while it grows."""

    def __init__(self) -> None:
        """Start with an empty text."""
        self._text = ""
        """The text without white space, or at least its last `WINDOW` characters."""
        self._new = 0
        """How many characters have come since it was looked at."""

    def add(self, text: str) -> bool:
        """Take the next part of the text. Return whether the text ends with a repetition now."""
        letters = "".join(text.split())
        self._text += letters
        self._new += len(letters)
        if self._new < STEP:
            return False
        self._text, self._new = self._text[-WINDOW:], 0
        return period(self._text) > 0


def repetition_in(text: str) -> int | None:
    """Return where the repetition begins with which a text ends (in characters), None when it ends with none.

    What stands before that position is worth keeping: it ends with the first round of the passage.
    """
    start = max(0, len(text) - WINDOW)
    tail, places = without_blanks(text[start:])
    length = period(tail)
    if not length:
        return None
    kept = beginning(tail, length) + length
    cut, round_ends = (start + places[index - 1] + 1 for index in (kept, min(kept + length, len(places))))
    return cut + to_end_of_sentence(text[cut - 1], text[cut:round_ends])


def without_blanks(text: str) -> tuple[str, list[int]]:
    """Return the text without white space, and for each of its characters the place that it had."""
    kept = [(character, place) for place, character in enumerate(text) if not character.isspace()]
    return "".join(character for character, _ in kept), [place for _, place in kept]


def period(text: str) -> int:
    """Return the length of the passage with whose repetition a text ends, 0 for none."""
    if len(text) < ROUNDS:
        return 0
    probe = text[-PROBE:]
    longest, place = min(LONGEST_PASSAGE, len(text) // ROUNDS), len(text) - len(probe)
    while (place := text.rfind(probe, 0, place + len(probe) - 1)) >= 0:
        length = len(text) - len(probe) - place
        if length > longest:
            break
        passage = text[-length:]
        if text.endswith(passage * ROUNDS) and not is_divisible(passage) and is_long_enough(text, length):
            return length
    return 0


def is_divisible(passage: str) -> bool:
    """Return whether a passage itself consists of a shorter one, again and again: that one is looked at then."""
    return passage in (passage + passage)[1:-1]


def is_long_enough(text: str, length: int) -> bool:
    """Return whether the run of a passage of this length, at the end of a text, is more than a habit of writing."""
    letters = weight(text[-length:])
    if letters >= ENOUGH_LETTERS:
        return True
    return len(text) - beginning(text, length) >= (LONG_RUN if letters else ENDLESS_RUN)


def weight(passage: str) -> int:
    """Return how many letters and digits a passage has; those of scripts that need fewer of them count double."""
    return sum(2 if ord(character) >= 0x2E80 else 1 for character in passage if character.isalnum())


def beginning(text: str, length: int) -> int:
    """Return where the run of a passage of this length begins, of which the end of the text is a part."""
    start = len(text) - length
    while start > 0 and text[start - 1] == text[start - 1 + length]:
        start -= 1
    return start


def to_end_of_sentence(last: str, following: str) -> int:
    """Return how many of the following characters belong to the line or sentence of the last character that is kept.

    The run of a passage may begin before its first word, where the text before happens to be the same.
    """
    if last in ENDS_OF_SENTENCES or following.lstrip(" \t").startswith("\n"):
        return 0
    ends = (place for place, character in enumerate(following) if character in ENDS_OF_SENTENCES or character == "\n")
    return next((place + (following[place] != "\n") for place in ends), 0)

"""A result of a search."""

from dataclasses import dataclass

from web.state.window import Key


@dataclass(frozen=True, slots=True)
class Found:
    """A row that was found.

    `place`: its app, or Conversation or Message; and its profile, if that is not in view (`other`).
    """

    table: str
    id: Key
    text: str
    place: str
    other: bool = False

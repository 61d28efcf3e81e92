"""What a search found."""

from dataclasses import dataclass

from web.state.window import Key


@dataclass(frozen=True, slots=True)
class Found:
    """A row that was found. `place`: in which app, or who said it, and of which profile, if not of the one in view."""

    table: str
    id: Key
    text: str
    place: str

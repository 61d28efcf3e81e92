"""What rows are drawn with: for whom, and the titles of the rows that they link to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from apps.types.link import Key
from apps.types.reader import HERE, Reader


@dataclass(frozen=True, slots=True)
class RowContext:
    """What a row does not say itself."""

    reader: Reader = HERE
    """For whom it is drawn."""
    app: str = ""
    """Name of the app that shows it; "" where nothing leads to its filters."""
    table: str = ""
    """Name of its table, if that is not the first one of the app."""
    titles: Mapping[tuple[str, Key], str] = field(default_factory=dict)
    """By table and id: the titles of the rows that are linked to. One that is not here was deleted."""
    choices: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    """By table: the rows that a link may be made to."""
    parts: Mapping[Key, tuple[int, int]] = field(default_factory=dict)
    """By id of a row under which others stand: how many of them are done, and how many there are."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """By table: the address of its rows, where links lead to the pages of rows; {} for links that show the list."""
    markdown: Callable[[str], str] = escape
    """Returns a text in Markdown as safe HTML."""

    @property
    def now(self) -> datetime:
        """What the reader's clock shows."""
        return datetime.now(self.reader.zone).replace(tzinfo=None)

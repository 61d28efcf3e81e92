"""How much of a long list and of a long conversation stands in a page when it is sent: what fits in so many bytes.

The rest comes over the WebSocket: when the user scrolls to the end of the list, or up in the conversation.
"""

from collections.abc import Mapping, Sequence

from apps.tables import Row, Table
from web.html.chat.chat import article
from web.html.parts.fragments import fitting
from web.html.rows.rows import row_item

LARGEST_PAGE_BYTES = 100_000
"""Of HTML, for a whole page."""
ROWS_BYTES = 30_000
MESSAGES_BYTES = 30_000


def first_rows(table: Table, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows that fit, from the first one on."""
    return tuple(rows[: len(fitting((row_item(table, row) for row in rows), ROWS_BYTES))])


def last_messages(tables: Mapping[str, Table], messages: Sequence[Row]) -> tuple[Row, ...]:
    """Return the messages that fit, up to the last one. `tables`: by name, to draw what proposals would change."""
    count = len(fitting((article(row, tables) for row in reversed(messages)), MESSAGES_BYTES))
    return tuple(messages[len(messages) - count :])

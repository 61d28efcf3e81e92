"""The table of all tools: what each is called, what it does, what it takes, and the function behind it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from apps.tables import Row
from services.mcp.serve import reading, talking, writing
from services.mcp.serve.call import MOST_ROWS, Call
from services.mcp.serve.reading import MOST_ON_A_PAGE

Schema = dict[str, Any]
Handler = Callable[[Call, Row], Awaitable[Row]]

TABLE = {"type": "string", "description": "Name of the table, from list_tables."}
KEY = {"type": ["integer", "string"], "description": "Id of the row."}
KEYS = {"type": "array", "items": KEY, "maxItems": MOST_ROWS, "description": "Ids of rows."}
WHERE = {
    "type": "object",
    "description": "Fields and the values that they must have; a list of values: one of them; {from, to}: a range.",
}
VALUES = {"type": "object", "description": "Fields and their new values. Days are like 2027-01-31."}
WORDS = {"type": "string", "minLength": 1, "maxLength": 500, "description": "Words that the rows contain."}
LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE}
NUMBER = {"type": "integer", "minimum": 0}
TEXT = {"type": "string", "minLength": 1}
OUTCOME = "The answer's `outcome` is done, or proposed: then the user decides in the page, and nothing was changed yet."


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. `needs`: the arguments that must be given."""

    name: str
    about: str
    handler: Handler
    takes: Schema
    needs: tuple[str, ...] = ()
    reads: bool = False
    """Whether it changes nothing."""
    deletes: bool = field(default=False)

    @property
    def schema(self) -> Schema:
        """What its arguments must be, as JSON schema."""
        return {
            "type": "object",
            "properties": self.takes,
            "required": list(self.needs),
            "additionalProperties": False,
        }


TOOLS = (
    Tool(
        "list_tables",
        "List the tables of all apps of the user's Pianola, with their fields. Call this first.",
        reading.list_tables,
        {},
        reads=True,
    ),
    Tool(
        "list_rows",
        "Read rows of a table, page by page.",
        reading.list_rows,
        {
            "table": TABLE,
            "where": WHERE,
            "sort": {"type": "string", "description": "A field; -field: descending."},
            "limit": LIMIT,
            "offset": NUMBER,
        },
        ("table",),
        reads=True,
    ),
    Tool("get_row", "Read one row.", reading.get_row, {"table": TABLE, "id": KEY}, ("table", "id"), reads=True),
    Tool(
        "search",
        "Find rows that contain all words, in one table or in all.",
        reading.search,
        {"text": WORDS, "table": TABLE, "limit": LIMIT},
        ("text",),
        reads=True,
    ),
    Tool(
        "insert_rows",
        f"Add rows to a table. {OUTCOME}",
        writing.insert_rows,
        {"table": TABLE, "rows": {"type": "array", "items": VALUES, "minItems": 1, "maxItems": MOST_ROWS}},
        ("table", "rows"),
    ),
    Tool(
        "update_rows",
        f"Set values in the rows with these ids, or in all that match `where`. {OUTCOME}",
        writing.update_rows,
        {"table": TABLE, "ids": KEYS, "where": WHERE, "values": VALUES | {"minProperties": 1}},
        ("table", "values"),
    ),
    Tool(
        "toggle_rows",
        f"Flip a field that is true or false, like `done` of a todo. {OUTCOME}",
        writing.toggle_rows,
        {"table": TABLE, "ids": KEYS, "where": WHERE, "field": TEXT},
        ("table",),
    ),
    Tool(
        "delete_rows",
        "Propose to delete rows: the user decides in the page. Nothing is deleted before.",
        writing.delete_rows,
        {"table": TABLE, "ids": KEYS, "where": WHERE},
        ("table",),
        deletes=True,
    ),
    Tool(
        "undo",
        "Take back changes that you made yourself: the numbers in `changes` of an answer.",
        writing.undo,
        {"changes": {"type": "array", "items": NUMBER, "minItems": 1, "maxItems": MOST_ROWS}},
        ("changes",),
    ),
    Tool(
        "ask",
        "Ask the assistant of Pianola, a local model that knows the apps. It may take a minute to answer.",
        talking.ask,
        {
            "text": TEXT,
            "app": {"type": "string", "description": "The app that it is about; without it, the open one."},
            "conversation": NUMBER | {"description": "Id of one, to go on with it; without it, a new one begins."},
        },
        ("text",),
    ),
    Tool(
        "open",
        "Open an app in the page that the user has in view, or the page of one row of it.",
        talking.open_in_page,
        {"app": TEXT, "row": KEY},
        ("app",),
    ),
)
"""In the order in which programs list them."""

BY_NAME = {one.name: one for one in TOOLS}

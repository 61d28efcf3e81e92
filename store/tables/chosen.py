"""What the user has chosen in the page for a setting of the store itself: a row of the table `setting`."""

import json
import sqlite3
from typing import Any

from bus.settings import Settings, in_force


def chosen_value(connection: sqlite3.Connection, at_start: Settings, name: str) -> Any:
    """Return the value of a setting now. `at_start`: what holds where nothing was chosen."""
    found = connection.execute("select value from setting where id = ?", (name,)).fetchone()
    return in_force(at_start, name, json.loads(found[0]) if found and found[0] else None)

"""A reminder as it is shown. Pure."""

from dataclasses import dataclass

MOST_READ = 100
MOST_SHOWN = 3
"""Reminders in the strip; the others are counted."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is due."""

    id: int
    table: str
    row: int | str
    title: str
    due: str
    made: float
    """When the reminder was made, in Unix seconds."""
    switch: str
    """Name of the field that says that it is done; "" if the table has none."""

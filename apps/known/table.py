"""The table of what the assistant knows of the user, which the app `memory` shows."""

from apps.tables import Field, Table

APP = "memory"
"""Name of the app that shows it."""
MOST_CHARACTERS = 1_000

MEMORY = Table(
    "memory",
    (
        Field("text", required=True, limit=MOST_CHARACTERS, searched=True),
        Field("active", "boolean", default=True, label="in use"),
        Field("created", "time"),
    ),
    label="a memory",
    plural="memories",
    scoped=True,
)
"""A fact or a wish of the user, in words of theirs. Only one that is `active` is told to the model. Where it comes from
says its history: a message, or the page."""

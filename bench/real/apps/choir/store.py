"""The singers, and the songs."""

from apps.hookspecs import hook
from apps.tables import Field, Table

SONG = Table(
    "song",
    (
        Field("title", required=True, searched=True),
        Field("composer", searched=True),
        Field("minutes", "integer", none=True),
        Field("ready", "boolean"),
    ),
    label="a song",
    sortable=True,
)

SINGER = Table(
    "singer",
    (
        Field("name", required=True, searched=True),
        Field("voice", choices=("soprano", "alto", "tenor", "bass"), default="alto"),
        Field("phone"),
        Field("fee_paid", "boolean"),
    ),
    label="a singer",
)


@hook
def tables() -> tuple[Table, ...]:
    """Return both tables; the page shows the songs."""
    return (SONG, SINGER)

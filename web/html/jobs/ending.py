"""What every tab is told when a job has ended. Pure."""

from apps.sentences import shortened
from apps.tables import Row
from web.state.filters import address

LONGEST_TITLE = 100
JOBS_APP = "jobs"


def ending(row: Row) -> str:
    """Return the sentence: "Crawl a site: https://example.test is done."."""
    title = f"“{shortened(row['title'], LONGEST_TITLE)}”"
    match row["state"]:
        case "failed":
            return f"{title} has failed."
        case "cancelled":
            return f"{title} was cancelled."
    return f"{title} is done."


def draw_ending(row: Row) -> str:
    """Draw the notice, with a link to the page of all jobs. See `web/html/parts/fragments.py`."""
    return f"@{address(JOBS_APP, {'job': row['id']})}\n{ending(row)}"

"""What the assistant knows about link graphs, and what is worth a remark."""

from apps.hookspecs import hook
from bus.messages import StoreChanged


@hook
def prompt() -> str:
    """Tell the assistant what the app shows, and what its jobs need."""
    return (
        "The user looks at link graphs of web sites (table `graph`, one row for each finished crawl or import). "
        "The job `crawl` makes one: `url` is where it starts, `pages` and `depth` (clicks from the start) are its "
        "limits, `per_second` is its pace. Leave `private` false; only the user allows private addresses. "
        "The job `import_botify` counts the links of an analysis at Botify; leave `agreed` and `export` out: an export "
        "costs credits, and only the user starts it, in the page. "
        "A row tells how many pages and links were found, how many are `broken`, are `orphans` (no page links to "
        "them), or are `deep` (more than 3 clicks from the start)."
    )


@hook
def worth_a_comment(fact: StoreChanged) -> str:
    """Say so when a graph is there."""
    if fact.table != "graph" or fact.verb != "insert" or fact.actor != "app":
        return ""
    row = fact.row
    return (
        f"the links of {row['title']} are there: {row['pages']} pages, {row['broken']} broken, {row['orphans']} orphans"
    )

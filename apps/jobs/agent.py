"""What the assistant knows about the page of jobs."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about jobs: the table can only be read."""
    return (
        "The user looks at the jobs: long work of the apps, such as a crawl. The table `job` can be listed: `state`, "
        "`done` of `total`, `note`, `problem`, `result`. It cannot be edited. `state` is waiting, running, paused, "
        "done, failed or cancelled."
    )

"""What the assistant knows about the page of schedules."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about schedules: the table can only be read."""
    return (
        "The user looks at the schedules: what Pianola does by itself at a time. The table `schedule` can be listed: "
        "`title`, `kind` (prompt, order, job or macro), `at`, `repeat`, `zone`, `state` (on, off or over), `outcome` "
        "(what came of the last time). You cannot edit it: the user adds a schedule with the form of this page."
    )

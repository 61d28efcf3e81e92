"""What the assistant knows about the page of macros."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about macros: the table can only be read."""
    return (
        "The user looks at the macros: changes that were made once, to be made again. The table `macro` can be listed: "
        "`name`, `steps`, `ask` (what a run asks for). You cannot edit it. The user runs one by a click on this page, "
        "by writing “run” and its name in the chat, or with a schedule."
    )

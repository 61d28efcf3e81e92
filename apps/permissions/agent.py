"""What the assistant knows about the page of permissions."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about permissions: the table can only be read."""
    return (
        "The user looks at the permissions: what you may do in each app. The table `permission` can be listed: `app`, "
        "`operation` (insert, update, delete or run), `rule` (ask, allow or never). You cannot edit it: only the user "
        "gives a permission or takes it back, on this page."
    )

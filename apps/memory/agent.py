"""What the assistant knows about its memories."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about memories."""
    return (
        "The user looks at what you know of them: facts and wishes, in words of theirs. What is not in use (`active`) "
        "you are not told in other apps. Remember only what the user says of themselves, in their own words."
    )

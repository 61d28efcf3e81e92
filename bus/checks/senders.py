"""The `sender` in a header: name of the process and its run."""


def process_of(sender: str) -> str:
    """Return the name of the process in a `sender`: `web` of `web-3f2a`."""
    return sender.rpartition("-")[0]

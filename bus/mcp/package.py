"""The package with the protocol's official SDK: it is an extra, so it may be missing."""

from importlib.util import find_spec
from pathlib import Path

from bus.code.folder import how_to_install
from bus.errors import PianolaError
from bus.settings import Settings

PROCESS = "mcp"
"""The name of the process in the Procfile."""
PACKAGE = "mcp"
KEY_HEADER = "x-pianola-key"
"""Header by which web tells the process whose key a request had: the hash of the key, "" for the web token."""


class NotInstalled(PianolaError):
    """The extra is missing."""

    def __init__(self) -> None:
        super().__init__(f"this needs a package that is not installed. `{how_to_install(PACKAGE)}` installs it.")


def installed() -> bool:
    """Return whether the package can be found. It is not imported."""
    try:
        return find_spec(PACKAGE) is not None
    except ValueError:  # somebody has hidden it
        return False


def socket_file(settings: Settings) -> Path:
    """Return the socket at which the process answers HTTP; only web asks there."""
    return settings.run / "mcp.sock"

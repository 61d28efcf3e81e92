"""Tell whoever started us that we are ready: the protocol of systemd (sd_notify), a datagram to `NOTIFY_SOCKET`.

systemd listens there for its services, and `pianola up --background` for the process that it leaves running.
"""

import os
import socket
from contextlib import suppress

VARIABLE = "NOTIFY_SOCKET"
READY = "READY=1"


class Notifier:
    """Sends to the socket that the environment names; does nothing if it names none."""

    def __init__(self) -> None:
        """Take the socket out of the environment, so that no process of ours speaks for us."""
        self._address = os.environ.pop(VARIABLE, "")

    def __bool__(self) -> bool:
        """Return whether somebody listens."""
        return bool(self._address)

    def send(self, text: str) -> None:
        """Send a line. A listener that is gone does not matter."""
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, suppress(OSError):
            sender.sendto(text.encode(), address)

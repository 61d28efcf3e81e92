"""Check that a bus is running, for commands that would otherwise wait without end."""

import socket

from bus.settings import Settings
from services.supervise.supervisor import NoSupervisor


def check_bus(settings: Settings) -> None:
    """Raise `NoSupervisor` if no process listens at the socket of the bus."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(settings.run / "subscribe"))
        except OSError as error:
            raise NoSupervisor(settings) from error

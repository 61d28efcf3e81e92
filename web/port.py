"""The TCP port of the page, on the loopback address only."""

import errno
import socket

from bus.errors import BadSetting

ADDRESS = "127.0.0.1"


def bind(port: int) -> socket.socket:
    """Return a listening socket; raises `BadSetting` when the port cannot be used."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen()  # connections that come before the server runs wait, and are not refused
    except OSError as error:
        listener.close()
        problem = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used: {error}"
        way_out = (
            f"End that program, or choose another port, for example PIANOLA_PORT={port + 1 if port < 65535 else 5001}"
        )
        raise BadSetting("PIANOLA_PORT", port, problem, way_out) from error
    return listener

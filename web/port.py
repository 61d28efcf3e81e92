"""The TCP port of the page, on the loopback address only."""

import contextlib
import errno
import socket
from collections.abc import Iterator

from bus.errors import BadSetting

ADDRESS = "127.0.0.1"
OTHER_ADDRESS = "::1"
"""Browsers try it first for the page's own host name. We keep the port there without listening, so that they go on to
`ADDRESS` at once, and no other program can take their requests."""


@contextlib.contextmanager
def bind(port: int) -> Iterator[socket.socket]:
    """Yield a listening socket; raises `BadSetting` when the port cannot be used."""
    with contextlib.ExitStack() as kept:
        listener = kept.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
            listener.listen()  # connections that come before the server runs wait, and are not refused
        except OSError as error:
            raise unusable(port, ADDRESS, error) from error
        keep_other_address(port, kept)
        yield listener


def keep_other_address(port: int, kept: contextlib.ExitStack) -> None:
    """Bind the port at the IPv6 loopback address, where there is one, until `kept` is closed."""
    try:
        other = kept.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
        other.bind((OTHER_ADDRESS, port))  # without SO_REUSEADDR, with which another program could bind it too
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise unusable(port, f"[{OTHER_ADDRESS}]", error) from error


def unusable(port: int, address: str, error: OSError) -> BadSetting:
    """Return the error that says why the port cannot be used at an address."""
    taken = f"is taken by another program{'' if address == ADDRESS else f' at {address}'}"
    problem = taken if error.errno == errno.EADDRINUSE else f"cannot be used: {error}"
    way_out = f"End that program, or choose another port, for example PIANOLA_PORT={port + 1 if port < 65535 else 5001}"
    return BadSetting("PIANOLA_PORT", port, problem, way_out)

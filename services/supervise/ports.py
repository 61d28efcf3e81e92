"""Check whether our TCP port is free, and find the program that uses it."""

import errno
import socket
from ipaddress import ip_address
from pathlib import Path

from bus.errors import PianolaError
from bus.settings import Settings

HOST = "127.0.0.1"


class PortTaken(PianolaError):
    """Another program listens on a port of ours. `setting`: of the port; `what`: listens there."""

    def __init__(self, port: int, holder: str, setting: str, what: str) -> None:
        by = f" by {holder}" if holder else ""
        super().__init__(
            f"{setting}={port} is taken{by}: {what} cannot be served there. "
            f"Stop that program, or choose another port, for example {setting}={port + 1 if port < 65535 else 5001}."
        )


def check(settings: Settings) -> None:
    """Raise `PortTaken` if the web process could not listen on the port, or keep it at the IPv6 loopback address."""
    check_port(settings.port, "PIANOLA_PORT", "the web page")


def check_port(port: int, setting: str, what: str) -> None:
    """Raise `PortTaken` if the port is not free on this machine. `setting`, `what`: for the sentence."""
    for family, address in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                # as the web server does: a port that was just closed counts as free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as error:
            if family == socket.AF_INET or error.errno == errno.EADDRINUSE:
                raise PortTaken(port, holder(port), setting, what) from error


def holder(port: int) -> str:
    """Return "program (process 123)" for the program that listens on a port; "" if that cannot be found out."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # another user's process, or one that ended meanwhile
    return ""


def open_addresses(port: int) -> list[str]:
    """Return the addresses on which somebody listens on the port for other machines, too; [] where Linux is not."""
    found = []
    for address in (one.partition(":")[0] for one, _ in _listeners(port)):
        words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]  # as the kernel stores
        known = ip_address(b"".join(words))
        if not (getattr(known, "ipv4_mapped", None) or known).is_loopback:
            found.append(str(known))
    return found


def _listening(port: int) -> list[str]:
    """Return the inodes of the sockets that listen on the port."""
    return [inode for _, inode in _listeners(port)]


def _listeners(port: int) -> list[tuple[str, str]]:
    """Return the address and the inode of each socket that listens on the port, from /proc/net (Linux)."""
    found = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        for fields in map(str.split, lines):
            listens = fields[3] == "0A"
            if listens and int(fields[1].rpartition(":")[2], 16) == port:
                found.append((fields[1], fields[9]))
    return found

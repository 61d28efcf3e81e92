"""Connect only to addresses that were checked: the name is resolved once, and that very address is connected to.

So neither a redirect nor a name server that changes its answer (DNS rebinding) leads to a machine that is not allowed.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

from apps.links.crawl.addresses import Address, is_private


class Unreachable(Exception):
    """A page could not be got. The text is the reason, for people."""


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """The network of a connection pool."""

    def __init__(self, *, private: bool) -> None:
        """`private`: whether addresses that are not public may be asked."""
        self._inner = httpcore.AnyIOBackend()
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address of `host` that answers."""
        problem: Exception = Unreachable(f"{host} has no address")
        for address in allowed(host, await resolved(host), private=self._private):
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                problem = error
        raise problem

    async def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Never: pages are not on Unix sockets."""
        raise Unreachable(f"{path} is no address of a page")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def resolved(host: str) -> list[Address]:
    """Return the addresses of a host; raises `Unreachable`."""
    try:
        return [ipaddress.ip_address(host.strip("[]"))]
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"the name {host} does not resolve. Check how it is spelled, and the network") from None
    return list(dict.fromkeys(ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found))


def allowed(host: str, addresses: list[Address], *, private: bool) -> list[Address]:
    """Return the addresses that may be connected to; raises `Unreachable` if there is none."""
    public = addresses if private else [one for one in addresses if not is_private(one)]
    if addresses and not public:
        where = host if str(addresses[0]) == host.strip("[]") else f"{host} ({addresses[0]})"
        raise Unreachable(f"{where} is a private address. It is asked only if you allow private addresses")
    return public

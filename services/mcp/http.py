"""The way in over HTTP: the web process forwards what came to its door `/mcp`, over a socket that only it reaches.

The gate of the web process has checked the request: its Host, its Origin, its key. Here the key is looked up again in
its file, since a session of the protocol may outlive it.
"""

import time
from pathlib import Path

from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from apps.clients.access import Access, NotAllowed
from apps.registry import Registry
from bus.clients.file import BadClientFile, read_clients
from bus.clients.keys import ClientKey
from bus.mcp.package import KEY_HEADER
from services.mcp.serve.caller import Rights
from services.mcp.serve.server import Context, Door, name_said

PATH = "/mcp"
GONE = "The key was revoked or has expired, so nothing was read or changed. `pianola key add NAME` makes another one."


class Keys:
    """The keys of programs, read again for each call."""

    def __init__(self, file: Path) -> None:
        """`file`: `clients.json`."""
        self._file = file

    def access(self, context: Context, registry: Registry) -> Access:
        """Return what the caller of a request may do. Raises `NotAllowed`."""
        digest = context.request.headers.get(KEY_HEADER, "") if context.request is not None else None
        if digest == "":  # the web token, which is the user's own
            return Rights().access(registry, name_said(context))
        return Access(self._valid(digest or ""), registry)

    def _valid(self, digest: str) -> ClientKey:
        try:
            found = next((one for one in read_clients(self._file) if one.digest == digest), None)
        except BadClientFile as problem:
            raise NotAllowed(str(problem)) from None
        if found is None or not found.is_valid(time.time()):
            raise NotAllowed(GONE)
        return found


def app_for(door: Door) -> ASGIApp:
    """Return the app that answers. It keeps no sessions, so a restart of ours or of the web process ends none."""
    nobody_else = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the gate has looked at the Host
    return door.server().streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, transport_security=nobody_else
    )

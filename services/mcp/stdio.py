"""`pianola mcp`: serve one program that started us, over our standard input and output, until it closes them.

Hears store.answer, store.changed, llm.token. Says store.order.
"""

import asyncio
import json
import signal
import sys

from mcp.server.stdio import stdio_server

from apps.clients.access import Access
from apps.registry import Registry
from bus.bus import Bus
from bus.errors import EXIT_REFUSED, PianolaError
from bus.settings import Settings, load
from services.mcp.serve.caller import Rights
from services.mcp.serve.server import Context, Door, name_said
from services.mcp.serve.workbench import GREETING_SECONDS, Workbench

NAME = "program"
"""What it is called on the bus."""


def main(arguments: list[str]) -> int:
    """Serve; return the exit code. `arguments`: one, the rights as JSON."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # nothing is kept that could be lost
    given = json.loads(arguments[0])
    try:
        asyncio.run(serve(load(), Rights(given["read_only"], tuple(given["tables"]))))
    except PianolaError as problem:
        complain(str(problem))
        return EXIT_REFUSED
    return 0


async def serve(settings: Settings, rights: Rights) -> None:
    """Serve the program at our standard input and output."""
    connection = Connection(settings)
    workbench = Workbench(connection.connect, settings.apps, complain)
    connection.on_reconnected = workbench.load_again

    def access_of(context: Context, registry: Registry) -> Access:
        return rights.access(registry, name_said(context))

    server = Door(workbench, access_of, complain).server()
    try:
        async with stdio_server() as (reads, writes):
            await server.run(reads, writes, server.create_initialization_options())
    finally:
        connection.close()


class Connection:
    """Our connection to the bus, made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._bus: Bus | None = None
        self.on_reconnected = lambda: None
        """Called when messages may have been missed."""

    async def connect(self) -> Bus:
        """Return the bus. Raises `NoBroker`: then the next call tries it again."""
        bus = Bus(NAME, self._settings, lambda sentence, _error: complain(sentence))
        bus.on_reconnected = self.on_reconnected
        bus.connect()
        try:
            await bus.greet(GREETING_SECONDS)
        except BaseException:
            bus.close()
            raise
        self._bus = bus
        return bus

    def close(self) -> None:
        """Leave the bus."""
        if self._bus is not None:
            self._bus.close()


def complain(sentence: str) -> None:
    """Write a sentence to the error output, which the program that started us may show."""
    sys.stderr.write(f"pianola: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

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
from bus.errors import EXIT_REFUSED, PianolaError
from bus.settings import Settings, load
from services.mcp.serve.caller import Rights
from services.mcp.serve.server import Context, Door, name_said
from services.mcp.serve.workbench import Workbench


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
    workbench = Workbench(settings, complain)

    def access_of(context: Context, registry: Registry) -> Access:
        return rights.access(registry, name_said(context))

    server = Door(workbench, access_of, complain).server()
    try:
        async with stdio_server() as (reads, writes):
            await server.run(reads, writes, server.create_initialization_options())
    finally:
        workbench.close()


def complain(sentence: str) -> None:
    """Write a sentence to the error output, which the program that started us may show."""
    sys.stderr.write(f"pianola: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

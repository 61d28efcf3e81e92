"""Run one command of the terminal: `python -m services.shell JSON`, where JSON is what its words and options say.

Hears store.answer. Says store.order.
"""

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable

from bus.errors import EXIT_REFUSED, PianolaError
from bus.text.console import EXIT_BROKEN_PIPE, EXIT_INTERRUPTED, discard_output, open_outputs, tell_unwritten
from services.shell import complete, order, rows, search, tables
from services.shell.session import Session, joined

Command = Callable[[Session, Namespace], Awaitable[int]]

COMMANDS: dict[str, Command] = {
    "order": order.run,
    "rows": rows.run,
    "search": search.run,
    "complete": complete.run,
    "tables": tables.run,
}
INSTALLED_TABLES = "installed-tables"
"""The command that joins no bus."""


def main(arguments: list[str]) -> int:
    """Run it; return its exit code: 0 done, 1 nothing found, 3 refused."""
    open_outputs()
    given = Namespace(**json.loads(arguments[0]))
    try:
        code = carried_out(given)
        sys.stdout.flush()
    except PianolaError as problem:
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        discard_output()
        return EXIT_BROKEN_PIPE
    except OSError as problem:
        tell_unwritten(problem)
        return EXIT_REFUSED
    return code


def carried_out(given: Namespace) -> int:
    """Carry out a command; return its exit code."""
    if given.command == INSTALLED_TABLES:
        return tables.show_installed()
    return asyncio.run(_run(COMMANDS[given.command], given))


async def _run(command: Command, given: Namespace) -> int:
    async with joined(getattr(given, "profile", "")) as session:
        return await command(session, given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The command `pianola`: read the command line, and run one of the files in services/cli/commands."""

import errno
import importlib
import sys

from bus.errors import EXIT_REFUSED, PianolaError
from bus.text.console import EXIT_BROKEN_PIPE, discard_output, open_outputs
from services.cli.parser import parsed
from services.cli.terminal import hear_ctrl_c
from services.supervise.supervisor import NoSupervisor

EXIT_NOT_RUNNING = 4
COMPLETE = "--complete"
"""In front of the words of a command line that is being typed: see `services.cli.completion.typed`."""

WAYS_OUT = {
    errno.EMFILE: "Allow more open files with `ulimit -n 1024`, and try again.",
    errno.ENFILE: "The whole machine has too many open files. Close programs, and try again.",
    errno.ENOSPC: "The disk is full. Make room, and try again.",
}
"""What a user can do about errors of the operating system."""

OWN_FOLDERS = ("doctor", "service", "completion", "key", "new-listener", "mcp")
"""The commands with a folder of their own, whose module `command` runs."""
MODULES = dict.fromkeys(("order", "rows", "search"), "services.cli.data.handed_over") | {
    "sql": "services.cli.data.sql",
    "chat": "services.cli.talk.chat",
}
"""The modules of other commands that do not lie in the folder `commands`."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Exit codes: 0 done, 1 failed, 3 refused or not ready, 4 not running; more for `ask`."""
    open_outputs()
    hear_ctrl_c()
    try:
        code = carried_out(arguments)
    except NoSupervisor as problem:
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_NOT_RUNNING
    except PianolaError as problem:
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        discard_output()
        return EXIT_BROKEN_PIPE
    except OSError as problem:
        if problem.errno not in WAYS_OUT:
            raise
        sys.stderr.write(f"pianola: {problem}. {WAYS_OUT[problem.errno]}\n")
        return EXIT_REFUSED
    return code


def carried_out(arguments: list[str] | None) -> int:
    """Run the command and print all of it; return its exit code. Also help is printed to its end, or the pipe's."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if words[:1] == [COMPLETE]:
            from services.cli.completion import typed  # noqa: PLC0415 (only what is needed)

            return typed.run(words[1:])
        given = parsed(words)
        command = importlib.import_module(module_of(given.command))  # import only the command that is needed
        code: int = command.run(given)
    finally:
        sys.stdout.flush()
    return code


def module_of(command: str) -> str:
    """Return the module that runs a command."""
    if command in OWN_FOLDERS:
        return f"services.cli.{command.replace('-', '_')}.command"
    return MODULES.get(command, f"services.cli.commands.{command.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())

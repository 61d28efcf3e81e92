"""The command `pianola`: read the command line, and run one of the files in services/cli/commands."""

import argparse
import errno
import importlib
import sys

from bus.errors import EXIT_REFUSED, PianolaError
from services.supervise.console import discard_output, open_outputs
from services.supervise.supervisor import NoSupervisor

EXIT_NOT_RUNNING = 4
EXIT_BROKEN_PIPE = 141

WAYS_OUT = {
    errno.EMFILE: "Allow more open files with `ulimit -n 1024`, and try again.",
    errno.ENFILE: "The whole machine has too many open files. Close programs, and try again.",
    errno.ENOSPC: "The disk is full. Make room, and try again.",
}
"""What a user can do about errors of the operating system."""

EPILOG = "Settings: PIANOLA_HOME, PIANOLA_PORT, OLLAMA_HOST, PIANOLA_MODEL and others; see docs/settings.md."
APP_ACTIONS = {
    "enable": "show an app again that was hidden",
    "disable": "hide an app; its rows are kept",
    "remove": "remove an app; its rows are kept, and its file is moved away",
}
ASK_EXIT_CODES = (
    "Exit code: 0 answered, and all changes were made; 1 no whole answer; 3 the question could not be asked, or the "
    "system ended; 4 not running; 5 a change waits for your consent in the page; 6 a change was refused."
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    made = argparse.ArgumentParser(prog="pianola", description="Small web apps and a local model.", epilog=EPILOG)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start everything and run until Ctrl-C")
    up.add_argument("--no-browser", action="store_true", help="open no browser")
    up.add_argument("--reload", action="store_true", help="when code is saved, restart the processes that use it")
    up.add_argument("--verbose", action="store_true", help="print settings and workflow after each command of the page")
    up.add_argument("--lab", action="store_true", help="start JupyterLab too, with a notebook that joins the bus")
    commands.add_parser("down", help="stop everything that `pianola up` started")
    status = commands.add_parser("status", help="show the processes, the model and the bus")
    status.add_argument("--json", action="store_true", help="as JSON, for programs")
    commands.add_parser("url", help="print a link that opens the page once, within a minute")
    sessions = commands.add_parser("sessions", help="show the browsers that are signed in, or sign them out")
    sessions.add_argument("--revoke", metavar="ID", help="end the session of this id, or `all`")
    sessions.add_argument("--json", action="store_true", help="as JSON, for programs")
    tail = commands.add_parser("tail", help="show the messages on the bus as they come")
    tail.add_argument(
        "prefixes", nargs="*", metavar="PREFIX", help="show only topics that begin with this: llm. store.changed/todo"
    )
    tail.add_argument("--json", action="store_true", help="one JSON object per line")
    ask = commands.add_parser("ask", help="ask the assistant, in the conversation opened last", epilog=ASK_EXIT_CODES)
    ask.add_argument("text", help="what to ask; - reads it from the standard input")
    backup = commands.add_parser("backup", help="make a checked copy of all data, also while everything runs")
    backup.add_argument("file", nargs="?", default="", help="where to (default: a new file in the folder `backups`)")
    commands.add_parser("backups", help="list the backups")
    restore = commands.add_parser("restore", help="bring a backup back, after `pianola down`")
    restore.add_argument("file", help="the backup; what is there now is kept as a backup, too")
    new_app = commands.add_parser("new-app", help="create a new app: one file, which is there at once")
    new_app.add_argument("name", help="name of the app: letters a-z, digits and _")
    new_app.add_argument("--package", action="store_true", help="a folder for pip instead, here, with a test")
    app = commands.add_parser("app", help="list, hide, show or remove the apps that you made")
    actions = app.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show them, and what is wrong with them")
    listing.add_argument("--json", action="store_true", help="as JSON, for programs")
    for action, words in APP_ACTIONS.items():
        actions.add_parser(action, help=words).add_argument("name", help="name of the app")
    notebook = commands.add_parser("notebook-to-workflow", help="write a workflow app from a notebook")
    notebook.add_argument("file", help="the notebook (.ipynb); tags of its cells say what each step is")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Exit codes: 0 done, 1 failed, 3 refused or not ready, 4 not running; more for `ask`."""
    open_outputs()
    parsed = parser().parse_args(arguments)
    file = parsed.command.replace("-", "_")
    command = importlib.import_module(f"services.cli.commands.{file}")  # import only the command that is needed
    try:
        code: int = command.run(parsed)
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


if __name__ == "__main__":
    sys.exit(main())

"""The parser of the whole command line. Shell completion and the help of each command are made from it, too."""

import argparse
import sys
from typing import Any

from bus.code.folder import DOCS

EPILOG = f"Settings: PIANOLA_HOME, PIANOLA_PORT, OLLAMA_HOST, PIANOLA_MODEL and others; see {DOCS}/settings.md."
APP_ACTIONS = {
    "enable": "show an app again that was hidden",
    "disable": "hide an app; its rows are kept",
    "remove": "remove an app; its rows are kept, and its file is moved away",
}
ASK_EXIT_CODES = (
    "Exit code: 0 answered, and all changes were made; 1 no whole answer; 3 the question could not be asked, or the "
    "system ended; 4 not running; 5 a change waits for your consent in the page; 6 a change was refused."
)
AT_WORDS = (
    "Times: today 18:00, Friday, in 2 hours, every Monday 9:00, every month. A day without a time means 9:00.\n"
    "It is asked in the conversation in which `pianola ask` asks, while Pianola runs."
)
KEY_EXAMPLE = "pianola key add backup --read-only --tables todo,links --days 7"
PYTHON_MORE = "It is the Python that runs Pianola, with its packages."
SHELLS = ("bash", "zsh", "fish")
SERVICE_ACTIONS = {
    "install": "start Pianola now and whenever you log in, with this data folder",
    "remove": "stop it, and start it no more at login; all data stay",
}

Commands = Any
"""What `argparse` calls its private class of subparsers."""


class ShowVersion(argparse.Action):
    """The option `--version`: print the version, and leave."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it."""
        from bus.code.version import version  # noqa: PLC0415 (it reads a file)

        sys.stdout.write(f"pianola {version()}\n")
        parser.exit()


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return what the words of a command line say. What follows `python` is not ours, also where it has options."""
    if arguments[:1] == ["python"] and arguments[1:2] not in (["-h"], ["--help"]):
        arguments = ["python", "--", *arguments[1:]]
    return parser().parse_args(arguments)


def parser() -> argparse.ArgumentParser:
    """Return the parser."""
    made = argparse.ArgumentParser(prog="pianola", description="Small web apps and a local model.", epilog=EPILOG)
    made.add_argument("--version", action=ShowVersion, nargs=0, help="print the version")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_add_running, _add_looking, _add_talking, _add_keys, _add_data, _add_apps, _add_set_up):
        add(commands)
    return made


def _add(commands: Commands, name: str, about: str, example: str, more: str = "") -> argparse.ArgumentParser:
    """Add a command. `example`: a command line for its help; `more`: sentences behind it."""
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=f"Example: {example}" + (f"\n\n{more}" if more else ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="as JSON, for programs")


def _add_running(commands: Commands) -> None:
    up = _add(commands, "up", "start everything and run until Ctrl-C", "pianola up --background")
    up.add_argument("--background", action="store_true", help="return when everything is ready, and leave it running")
    up.add_argument("--no-browser", action="store_true", help="open no browser")
    up.add_argument("--reload", action="store_true", help="when code is saved, restart the processes that use it")
    up.add_argument("--verbose", action="store_true", help="print settings and workflow after each command of the page")
    up.add_argument("--lab", action="store_true", help="start JupyterLab too, with a notebook that joins the bus")
    _add(commands, "down", "stop everything that `pianola up` started", "pianola down")
    restart = _add(commands, "restart", "restart everything in the background, or one process", "pianola restart agent")
    restart.add_argument("process", nargs="?", default="", help="a process, as `pianola status` lists them")


def _add_looking(commands: Commands) -> None:
    _add_json(_add(commands, "status", "show the processes, the model and the bus", "pianola status"))
    doctor = _add(
        commands,
        "doctor",
        "check everything that keeps Pianola from working, and say what to do",
        "pianola doctor",
        "It changes nothing. Exit code: 0 all is well; 1 something is wrong.",
    )
    _add_json(doctor)
    tail = _add(commands, "tail", "show the messages on the bus as they come", "pianola tail llm. store.changed/todo")
    tail.add_argument("prefixes", nargs="*", metavar="PREFIX", help="show only topics that begin with this")
    tail.add_argument("--json", action="store_true", help="one JSON object per line")


def _add_talking(commands: Commands) -> None:
    about = "ask the assistant, in the conversation opened last"
    ask = _add(commands, "ask", about, 'pianola ask "add milk"', ASK_EXIT_CODES)
    ask.add_argument("text", help="what to ask; - reads it from the standard input")
    about = "ask the assistant at a time, once or again and again"
    at = _add(commands, "at", about, 'pianola at "tomorrow 8:00" "what is due?"', AT_WORDS)
    at.add_argument("when", help="a time in words, in English, German, French or Spanish")
    at.add_argument("text", help="what to ask")
    at.add_argument("--skip", action="store_true", help="leave it out if nothing runs then (else it is asked later)")
    _add(commands, "url", "print a link that opens the page once, within a minute", "pianola url")
    about = "show the browsers that are signed in, or sign them out"
    sessions = _add(commands, "sessions", about, "pianola sessions --revoke all")
    sessions.add_argument("--revoke", metavar="ID", help="end the session of this id, or `all`")
    _add_json(sessions)


def _add_keys(commands: Commands) -> None:
    key = _add(commands, "key", "make, list or revoke the keys of programs that come over HTTP", KEY_EXAMPLE)
    actions = key.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = _add(actions, "add", "make a key, and show it once", KEY_EXAMPLE, "docs/http.md says what a key opens.")
    add.add_argument("name", help="what the program is called: a-z, 0-9 and hyphens; the journal shows it")
    add.add_argument("--read-only", action="store_true", help="it may change nothing, and ask nothing")
    add.add_argument("--tables", default="", metavar="TABLE,…", help="it opens only these tables, and asks nothing")
    add.add_argument("--days", type=int, default=30, help="how long it is valid (default: %(default)s)")
    _add_json(_add(actions, "list", "list the keys, without the keys themselves", "pianola key list"))
    revoke = _add(actions, "revoke", "revoke a key: it opens nothing any more", "pianola key revoke backup")
    revoke.add_argument("name", help="name of the key")


def _add_data(commands: Commands) -> None:
    about = "make a checked copy of all data, also while everything runs"
    backup = _add(commands, "backup", about, "pianola backup /media/stick/")
    backup.add_argument("file", nargs="?", default="", help="where to (default: a new file in the folder `backups`)")
    _add(commands, "backups", "list the backups", "pianola backups")
    about = "bring a backup back, after `pianola down`"
    restore = _add(commands, "restore", about, "pianola restore pianola-daily-20260101-120000.db")
    restore.add_argument("file", help="the backup; what is there now is kept as a backup, too")


def _add_apps(commands: Commands) -> None:
    new_app = _add(commands, "new-app", "create a new app: one file, which is there at once", "pianola new-app plants")
    new_app.add_argument("name", help="name of the app: letters a-z, digits and _")
    new_app.add_argument("--package", action="store_true", help="a folder for pip instead, here, with a test")
    about = "write a program that listens to the bus, and that runs with the others"
    listener = _add(commands, "new-listener", about, "pianola new-listener weather")
    listener.add_argument("name", help="name of the listener: letters a-z, digits and _")
    app = _add(commands, "app", "list, hide, show or remove the apps that you made", "pianola app disable plants")
    actions = app.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_json(_add(actions, "list", "show them, and what is wrong with them", "pianola app list"))
    for action, words in APP_ACTIONS.items():
        _add(actions, action, words, f"pianola app {action} plants").add_argument("name", help="name of the app")
    about = "run Python so that it finds our code, for the tests of an app"
    python = _add(commands, "python", about, "pianola python -m pytest plants", PYTHON_MORE)
    python.add_argument("words", nargs=argparse.REMAINDER, metavar="...", help="what follows `python`")
    about = "write a workflow app from a notebook"
    notebook = _add(commands, "notebook-to-workflow", about, "pianola notebook-to-workflow review.ipynb")
    notebook.add_argument("file", help="the notebook (.ipynb); tags of its cells say what each step is")


def _add_set_up(commands: Commands) -> None:
    service = _add(commands, "service", "start Pianola at login, or do so no more", "pianola service install")
    actions = service.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, words in SERVICE_ACTIONS.items():
        _add(actions, action, words, f"pianola service {action}")
    completion = _add(
        commands,
        "completion",
        "print what makes a shell complete our commands",
        "pianola completion bash > ~/.local/share/bash-completion/completions/pianola",
        "Likewise: pianola completion zsh > ~/.zfunc/_pianola (~/.zfunc is in fpath before compinit);\n"
        "pianola completion fish > ~/.config/fish/completions/pianola.fish",
    )
    completion.add_argument("shell", choices=SHELLS, help="the shell")

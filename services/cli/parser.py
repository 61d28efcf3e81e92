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
CONTEXT_WORDS = 'What is piped in goes with the question, as quoted lines: git diff | pianola ask "what changed?"\n'
CHAT_WORDS = (
    "Ctrl-C stops the answer, twice it leaves, as Ctrl-D does. /help lists what else can be typed. Where a change\n"
    "waits for your consent, you are asked: y, or n."
)
ORDER_VERBS = ("insert", "update", "toggle", "delete", "move")
ORDER_WORDS = (
    "Rows are named by their ids or titles, or chosen by --where. What a value means depends on its field: tomorrow,\n"
    "2h 30m, 12.50 EUR, home,garden (tags), the title of a linked row, none. Everything can be undone in the page.\n"
    "Exit code: 0 done; 1 no row matches; 3 refused, and nothing was changed; 4 not running."
)
WHERE_HELP = "only rows with FIELD=VALUE, FIELD>=VALUE or FIELD<=VALUE; several: all must hold"
FORMATS = {
    "table": "aligned columns, for people (the default)",
    "csv": "a line of names, then a line for each row",
    "json": "one array of objects",
}
SQL_WORDS = (
    "It reads a snapshot that the store makes; the error output says how old it is. Everything the assistant did:\n"
    "  pianola sql \"select * from change_read where actor = 'model'\"\n"
    "Exit code: 0 done; 3 refused, or ended after --seconds; 4 not running."
)
MOST_SECONDS = 86_400
AT_WORDS = (
    "Times: today 18:00, Friday, in 2 hours, every Monday 9:00, every month. A day without a time means 9:00.\n"
    "It is asked in the conversation in which `pianola ask` asks, while Pianola runs."
)
KEY_EXAMPLE = "pianola key add backup --read-only --tables todo,graph --days 7"
CALENDAR_HELP = "it shows a calendar program what is due, and opens nothing else; its address is printed"
PYTHON_MORE = "It is the Python that runs Pianola, with its packages."
MCP_WORDS = (
    "Programs with an assistant of their own start this themselves, and talk with it over its standard input and\n"
    "output. docs/mcp.md says how each of them is told. Deletes and many rows wait for your consent in the page."
)
MCP_ADD_EXAMPLE = "pianola mcp add weather http://127.0.0.1:8080/mcp"
SHELLS = ("bash", "zsh", "fish")
SERVICE_ACTIONS = {
    "install": "start Pianola now and whenever you log in, with this data folder",
    "remove": "stop it, and start it no more at login; all data stay",
}

Commands = Any
"""What `argparse` calls its private class of subparsers."""


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return what the words of a command line say, or end with the sentence that is wrong with them.

    What follows `python` is not ours, also where it has options. The words of an order may stand around its options;
    `argparse` takes them only where they stand together.
    """
    if arguments[:1] == ["python"] and arguments[1:2] not in (["-h"], ["--help"]):
        arguments = ["python", "--", *arguments[1:]]
    made = parser()
    given, left = made.parse_known_args(arguments)
    if left and (given.command != "order" or any(word.startswith("-") for word in left)):
        made.error(f"unrecognized arguments: {' '.join(left)}")
    if left:
        given.words += left
    return given


class ShowVersion(argparse.Action):
    """The option `--version`: print the version, and leave."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it."""
        from bus.code.version import version  # noqa: PLC0415 (it reads a file)

        sys.stdout.write(f"pianola {version()}\n")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """Return the parser."""
    made = argparse.ArgumentParser(prog="pianola", description="Small web apps and a local model.", epilog=EPILOG)
    made.add_argument("--version", action=ShowVersion, nargs=0, help="print the version")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parts = (
        _add_running,
        _add_looking,
        _add_talking,
        _add_rows,
        _add_sql,
        _add_keys,
        _add_mcp,
        _add_data,
        _add_apps,
        _add_set_up,
    )
    for add in parts:
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
    ask = _add(commands, "ask", about, 'pianola ask "add milk"', CONTEXT_WORDS + ASK_EXIT_CODES)
    ask.add_argument("text", help="what to ask; - reads it from the standard input")
    _add_wants(ask)
    ask.add_argument("--json", action="store_true", help="print what came of it as JSON, at the end")
    about = "talk with the assistant in the terminal"
    _add_wants(_add(commands, "chat", about, "pianola chat --app todo", CHAT_WORDS))
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


def _add_rows(commands: Commands) -> None:
    about = "add, change, tick, delete or move rows of an app"
    order = _add(commands, "order", about, "pianola order todo insert title=milk due=tomorrow", ORDER_WORDS)
    _add_table(order)
    order.add_argument("verb", choices=ORDER_VERBS, help="what to do")
    order.add_argument("words", nargs="*", metavar="WORD", help="ids or titles of rows, and FIELD=VALUE")
    _add_where(order)
    _add_profile(order)
    order.add_argument("--json", action="store_true", help="print the answer of the store as JSON, for programs")
    rows = _add(commands, "rows", "print the rows of a table", "pianola rows todo --where done=false --order due")
    _add_table(rows)
    _add_where(rows)
    rows.add_argument("--order", default="", metavar="FIELD", help="sort by this")
    rows.add_argument("--reverse", action="store_true", help="sort the other way round")
    rows.add_argument("--limit", type=_count, default=0, metavar="N", help="print at most so many rows")
    rows.add_argument("--fields", default="", metavar="A,B", help="print only these fields")
    _add_profile(rows)
    _add_formats(rows)
    about = "find rows and messages that contain all words; a word may be only a beginning"
    search = _add(commands, "search", about, "pianola search bank tomorrow", "Exit code: 0 found; 1 nothing found.")
    search.add_argument("words", nargs="+", metavar="WORD", help="a word")
    search.add_argument("--in", dest="table", default="", metavar="TABLE", help="search only this table")
    search.add_argument("--limit", type=_count, default=0, metavar="N", help="print at most so many")
    _add_profile(search)
    _add_formats(search)


def _add_sql(commands: Commands) -> None:
    about = "query the data by SQL; they can only be read"
    sql = _add(commands, "sql", about, 'pianola sql "select title, due from todo"', SQL_WORDS)
    sql.add_argument("query", help="one query of SQLite; - reads it from the standard input")
    sql.add_argument("--seconds", type=_seconds, default=10.0, help="end it after so many seconds (default: 10)")
    sql.add_argument("--limit", type=_count, default=0, metavar="N", help="print at most so many rows")
    sql.add_argument(
        "--max-age",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="use a snapshot that is not older than this (default: 10; 0: make a new one)",
    )
    _add_formats(sql)


def _add_table(command: argparse.ArgumentParser) -> None:
    command.add_argument("table", metavar="TABLE", help="name or label of a table, or of its app")


def _add_where(command: argparse.ArgumentParser) -> None:
    command.add_argument("--where", action="append", default=[], metavar="CONDITION", help=WHERE_HELP)


def _add_profile(command: argparse.ArgumentParser) -> None:
    command.add_argument("--profile", default="", metavar="NAME", help="rows of this profile, not the one in view")


def _add_formats(command: argparse.ArgumentParser) -> None:
    kinds = command.add_mutually_exclusive_group()
    for kind, about in FORMATS.items():
        kinds.add_argument(f"--{kind}", dest="format", action="store_const", const=kind, default="table", help=about)


def _count(text: str) -> int:
    """Return a number of rows, or raise the error that `argparse` tells."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rows. Expected 0 (all), 1, 2 …")
    return int(text)


def _seconds(text: str) -> float:
    """Return a number of seconds, or raise the error that `argparse` tells."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds. Expected 0 to {MOST_SECONDS:,}")
    return seconds


def _add_wants(command: argparse.ArgumentParser) -> None:
    command.add_argument("--conversation", default="", metavar="ID", help="where to ask: an id, a title, or `new`")
    command.add_argument("--app", default="", metavar="APP", help="the app that it is about, not the open one")
    command.add_argument("--model", default="", metavar="MODEL", help="the model that answers, not the chosen one")


def _add_keys(commands: Commands) -> None:
    key = _add(commands, "key", "make, list or revoke the keys of programs that come over HTTP", KEY_EXAMPLE)
    actions = key.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = _add(actions, "add", "make a key, and show it once", KEY_EXAMPLE, "docs/http.md says what a key opens.")
    add.add_argument("name", help="what the program is called: a-z, 0-9 and hyphens; the journal shows it")
    add.add_argument("--read-only", action="store_true", help="it may change nothing, and ask nothing")
    add.add_argument("--tables", default="", metavar="TABLE,…", help="it opens only these tables, and asks nothing")
    add.add_argument("--calendar", action="store_true", help=CALENDAR_HELP)
    add.add_argument("--days", type=int, help="how long it is valid (default: 30; of a calendar: 3650)")
    _add_json(_add(actions, "list", "list the keys, without the keys themselves", "pianola key list"))
    revoke = _add(actions, "revoke", "revoke a key: it opens nothing any more", "pianola key revoke backup")
    revoke.add_argument("name", help="name of the key")


def _add_mcp(commands: Commands) -> None:
    about = "open a door for programs with an assistant of their own (MCP)"
    mcp = _add(commands, "mcp", about, "pianola mcp --read-only", MCP_WORDS)
    mcp.add_argument("--read-only", action="store_true", help="the program may change nothing, and ask nothing")
    mcp.add_argument("--tables", default="", metavar="TABLE,…", help="it sees only these tables, and asks nothing")
    actions = mcp.add_subparsers(dest="action", metavar="ACTION")
    about = "let the assistant use the tools of another program"
    add = _add(actions, "add", about, MCP_ADD_EXAMPLE, "It asks you before each call, until you allow a tool.")
    add.add_argument("--environment", action="append", default=[], metavar="NAME=VALUE", help="a variable for it")
    add.add_argument("name", help="what to call it: a-z, 0-9 and hyphens")
    add.add_argument("words", nargs=argparse.REMAINDER, metavar="...", help="its command, or its address")
    _add_json(_add(actions, "list", "list the servers of tools", "pianola mcp list"))
    remove = _add(actions, "remove", "forget a server of tools", "pianola mcp remove weather")
    remove.add_argument("name", help="name of the server")


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

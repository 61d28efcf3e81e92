"""`pianola chat`: a talk in the terminal. It shows in the page as well, and goes on there.

Each turn joins the bus again, so that a restart of Pianola between two questions is not noticed.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bus.bus import Bus
from bus.errors import PianolaError
from bus.message_line import plain
from bus.settings import Settings, load
from services.cli.bus_probe import check_bus
from services.cli.spoken import Output
from services.cli.talk import deciding
from services.cli.talk.conversations import NEW, conversation_called
from services.cli.talk.stop import stop_in
from services.cli.talk.wants import app_called, apps, model_called, models
from services.cli.turn import GREETING_SECONDS, STOPPED, Row, Turn

PROMPT = "> "
PREFIXES = {"refused": "Not done: ", "proposed": "Proposed: "}
UNDECIDED = "It waits for your consent in the page."
LEAVES = "Ctrl-C again leaves, as Ctrl-D does."
BROKEN_OFF = "Broken off; nothing was asked."
STOPPING = "Stopping; Ctrl-C again leaves."
HELP = """\
/app [NAME]     the app that the next questions are about; without a name: which one, and which there are
/model [NAME]   the model that answers them, likewise
/new            begin a new conversation
/stop           stop an answer that was asked for elsewhere
/undo           take back what the assistant has changed last
/help           this
Ctrl-C stops the answer; twice, or Ctrl-D, leaves."""

Result = TypeVar("Result")


class Left(Exception):
    """The user has left in the middle of an answer, which goes on in the page."""


def run(arguments: argparse.Namespace) -> int:
    """Talk until the user leaves; return 0."""
    settings = load()
    check_bus(settings)
    chat = Chat(settings)
    chat.wants["app"] = app_called(settings, arguments.app)
    chat.wants["model"] = chat.joined(lambda bus: model_called(bus, arguments.model))
    if arguments.conversation != NEW:
        chat.conversation = chat.joined(lambda bus: conversation_called(bus, arguments.conversation))
    try:
        chat.talk()
    except Left:
        print_line("\nThe answer goes on in the page.")
    return 0


@dataclass
class Chat:
    """A talk, and what was chosen for its next questions."""

    settings: Settings
    conversation: int = 0
    """0: one that begins with the next question."""
    wants: dict[str, str] = field(default_factory=dict)
    done: list[list[int]] = field(default_factory=list)
    """The revisions that each answer has made, for `/undo`; the newest answer last."""

    def talk(self) -> None:
        """Read lines, and answer each, until the end of the input."""
        if sys.stdin.isatty():
            import readline  # noqa: F401, PLC0415 (`input` then edits lines and knows earlier ones)

            print_line("/help lists what can be typed beside questions. Ctrl-D leaves.")
        while (line := self._read()) is not None:
            try:
                self._take(line.strip())
            except PianolaError as problem:
                print_problem(str(problem))
            except KeyboardInterrupt:  # before the question was asked, or while something else was done
                print_line(f"\n{BROKEN_OFF}")

    def _read(self) -> str | None:
        """Return the next line; None when the user leaves."""
        try:
            return read_line(PROMPT)
        except EOFError:
            end_line()
            return None
        except KeyboardInterrupt:
            print_line(f"\n{LEAVES}")
        try:
            return read_line(PROMPT)
        except (EOFError, KeyboardInterrupt):
            end_line()
            return None

    def _take(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        if line.startswith("/"):
            command = COMMANDS.get(name)
            if command is None:
                print_problem(f"there is no {name!r:.40}. /help lists what can be typed.")
                return
            command(self, rest.strip())
        elif line:
            self._ask(line)

    def _ask(self, text: str) -> None:
        entries = self.joined(lambda bus: self._turn(bus, text))
        changes = revisions(entries)
        for entry in entries:
            if entry["state"] == "proposed":
                changes += self._decide(entry)
        if changes:
            self.done.append(changes)

    async def _turn(self, bus: Bus, text: str) -> list[Row]:
        """Ask, and print the answer; return the entries of what was done. Ctrl-C stops it; twice raises `Left`."""
        self.conversation = self.conversation or await conversation_called(bus, NEW, text)
        turn = Turn(bus, self.conversation, Output(sys.stdout), print_problem, PREFIXES)
        taking = asyncio.ensure_future(turn.take(text, self.wants))
        stopping: list[asyncio.Future[None]] = []

        def interrupt() -> None:
            if stopping:
                taking.cancel()
            else:
                print_problem(STOPPING)
                stopping.append(asyncio.ensure_future(turn.stop()))

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, interrupt)
        try:
            await taking
        except asyncio.CancelledError:
            raise Left from None
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        return turn.entries

    def _decide(self, entry: Row) -> list[int]:
        """Ask whether a proposal is to be done; return the revisions that it made."""
        if not sys.stdin.isatty():
            print_line(UNDECIDED)
            return []
        try:
            said = read_line("Do it? [y/n] ").strip().lower()
        except (EOFError, KeyboardInterrupt):
            end_line()
            said = ""
        if said not in ("y", "yes", "n", "no"):
            print_line(UNDECIDED)
            return []
        row = self.joined(lambda bus: deciding.decide(bus, entry, agreed=said.startswith("y")))
        print_line(plain(row["text"]) if row["state"] == "applied" else deciding.said_of(row))
        return revisions([row])

    # --- the commands ---

    def choose_app(self, name: str) -> None:
        """Choose the app of the next questions, or say which there are."""
        if name:
            self.wants["app"] = app_called(self.settings, name)
            print_line(f"The next questions are about {self.wants['app']}.")
            return
        print_line(f"App: {self.wants['app'] or 'the one that is open in the page'}. {listed(apps(self.settings))}")

    def choose_model(self, name: str) -> None:
        """Choose the model that answers the next questions, or say which there are."""
        if name:
            self.wants["model"] = self.joined(lambda bus: model_called(bus, name))
            print_line(f"The next questions are answered by {self.wants['model']}.")
            return
        print_line(f"Model: {self.wants['model'] or 'the one chosen in the page'}. {listed(self.joined(models))}")

    def begin(self, _rest: str) -> None:
        """Begin a new conversation."""
        self.conversation = 0
        print_line("The next question begins a new conversation.")

    def stop(self, _rest: str) -> None:
        """Stop an answer that was asked for elsewhere: those of this talk are over when a line is read."""
        stopped = self.joined(lambda bus: stop_in(bus, self.conversation))
        print_line(STOPPED if stopped else "No answer is coming in this conversation.")

    def undo(self, _rest: str) -> None:
        """Take back what the newest answer that has changed anything has changed."""
        if not self.done:
            print_line("Nothing was changed in this talk. The journal in the page undoes what was done before.")
            return
        count = self.joined(lambda bus: deciding.undo(bus, self.done[-1]))
        self.done.pop()
        print_line(f"Undone: {count} change{'' if count == 1 else 's'}.")

    def help(self, _rest: str) -> None:
        """Print what can be typed."""
        print_line(HELP)

    def joined(self, work: Callable[[Bus], Coroutine[Any, Any, Result]]) -> Result:
        """Join the bus for a piece of work, and return its result."""
        return asyncio.run(self._joined(work))

    async def _joined(self, work: Callable[[Bus], Coroutine[Any, Any, Result]]) -> Result:
        bus = Bus("chat", self.settings, lambda sentence, _error: print_problem(sentence))
        bus.connect()
        try:
            await bus.greet(GREETING_SECONDS)
            return await work(bus)
        finally:
            bus.close()


COMMANDS = {
    "/app": Chat.choose_app,
    "/model": Chat.choose_model,
    "/new": Chat.begin,
    "/stop": Chat.stop,
    "/undo": Chat.undo,
    "/help": Chat.help,
}


def revisions(entries: list[Row]) -> list[int]:
    """Return the revisions that entries stand for."""
    return [change for row in entries for change in (row["detail"] or {}).get("changes") or ()]


def listed(names: list[str]) -> str:
    """Return names for people."""
    return f"There is: {', '.join(plain(name) for name in names)}."


def read_line(prompt: str) -> str:
    """Return a line; raise `EOFError` at the end. The prompt is for people alone."""
    if sys.stdin.isatty():
        return input(prompt)
    if line := sys.stdin.readline():
        return line
    raise EOFError


def end_line() -> None:
    """End the line of a prompt to which nothing was typed."""
    if sys.stdin.isatty():
        print_line("")


def print_line(text: str) -> None:
    """Print a line; raise `BrokenPipeError` when the reader is gone."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_problem(sentence: str) -> None:
    """Print a sentence for the user on the error output."""
    sys.stderr.write(f"pianola: {sentence}\n")

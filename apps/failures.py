"""Failures of apps: each process says its own as `app.failed`, and web collects those of all processes to show them."""

from collections.abc import Callable

from apps.registry import App, Registry
from bus.bus import Bus
from bus.messages import AppFailed, ServiceAsked, ServiceChanged
from bus.wire import Envelope

LONGEST_PROBLEM = 1_000

STORE = "store"
"""If the store cannot keep the tables of an app, all processes leave the app out."""


class Failures:
    """The failures in this process. The same failure of an app is said only once."""

    def __init__(self, bus: Bus, process: str, registry: Registry, log: Callable[[str], None]) -> None:
        """`log`: called with a sentence for each failure. Create it before the process is ready, then call `say`."""
        self._bus = bus
        self._process = process
        self._log = log
        self._registry = registry
        self._left_out_by: dict[str, str] = {}
        """By app: `sender` of the store's run that left it out."""
        self._problems = {app.name: app.problem for app in registry.apps.values() if app.problem}
        """By app; "" for one whose hooks work again."""
        for app in registry.apps.values():
            app.on_failure = self.note
        bus.hear(ServiceAsked, lambda _heard: self.say())
        if process != STORE:
            bus.hear(AppFailed, self._heard_failure)
            bus.hear(ServiceChanged, self._heard_store, STORE)

    def say(self) -> None:
        """Say all known failures, for processes that just started; and which are over, if that was not heard."""
        for app in self._problems:
            self._say(app)

    def adopt(self, app: App) -> None:
        """Hear what fails in an app that was loaded while the process runs; what failed in its last version is over."""
        app.on_failure = self.note
        self._left_out_by.pop(app.name, None)
        self.note(app.name, app.problem)

    def note(self, app: str, problem: str) -> None:
        """Remember and say why an app failed, unless that is known already; "": nothing is wrong with it any more."""
        if self._problems.get(app, "") != problem:
            self._problems[app] = problem
            self._log(f"the app {app} failed: {problem}" if problem else f"the app {app} works again")
            self._say(app)

    def _heard_failure(self, heard: Envelope) -> None:
        said: AppFailed = heard.message
        app = self._registry.sound.get(said.app)
        if said.process == STORE and said.problem and app:
            self._registry.leave_out(app, said.problem)
            self._left_out_by[app.name] = heard.header.sender

    def _heard_store(self, heard: Envelope) -> None:
        """Restore the apps that an earlier run of the store left out. If they still fail, the new run says so again."""
        for name, sender in list(self._left_out_by.items()):
            if sender != heard.header.sender:
                del self._left_out_by[name]
                if app := self._registry.apps.get(name):
                    self._registry.restore(app)

    def _say(self, app: str) -> None:
        if self._bus.connected:
            problem = self._problems[app][:LONGEST_PROBLEM]
            self._bus.say(AppFailed(app=app, process=self._process, problem=problem), app)


class Board:
    """The failures that all processes have said. Those of a process are dropped when it restarts."""

    def __init__(self, bus: Bus, changed: Callable[[], None]) -> None:
        """`changed`: called when the failures have changed."""
        self.problems: dict[tuple[str, str], str] = {}
        """By app and process."""
        self._changed = changed
        self._senders: dict[tuple[str, str], str] = {}
        bus.hear(AppFailed, self._heard_failure)
        bus.hear(ServiceChanged, self._heard_process)

    def of(self, app: str, but: str = "") -> tuple[str, ...]:
        """Return what is wrong with an app, as processes say, but for the process `but`."""
        return tuple(problem for (name, process), problem in self.problems.items() if name == app and process != but)

    def as_json(self) -> list[dict[str, str]]:
        """Return a map of app, process and problem for each failure."""
        return [
            {"app": app, "process": process, "problem": problem} for (app, process), problem in self.problems.items()
        ]

    def _heard_failure(self, heard: Envelope) -> None:
        said: AppFailed = heard.message
        place = said.app, said.process
        self._senders[place] = heard.header.sender
        if self.problems.get(place, "") == said.problem:
            return
        if said.problem:
            self.problems[place] = said.problem
        else:
            del self.problems[place]
        self._changed()

    def _heard_process(self, heard: Envelope) -> None:
        """Drop the failures of an earlier run of the process: the app may have been corrected."""
        said: ServiceChanged = heard.message
        stale = [
            place
            for place, sender in self._senders.items()
            if place[1] == said.process and sender != heard.header.sender
        ]
        for place in stale:
            self.problems.pop(place, None)
            del self._senders[place]
        if stale:
            self._changed()

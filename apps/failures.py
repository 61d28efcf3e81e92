"""Apps that fail: what a process met itself, said to all as `app.failed`; and what all of them said, to be shown."""

from collections.abc import Callable

from apps.registry import Registry
from bus.bus import Bus
from bus.messages import AppFailed, ServiceAsked, ServiceChanged
from bus.wire import Envelope

LONGEST_PROBLEM = 1_000


STORE = "store"
"""The process that has the last word: an app whose tables it does not keep is left out by all."""


class Failures:
    """What this process met. An app that fails in the same way again is said once."""

    def __init__(self, bus: Bus, process: str, registry: Registry, log: Callable[[str], None]) -> None:
        """`log`: gets each failure as a sentence. Make it before the process is ready, and call `say` when it is."""
        self._bus = bus
        self._process = process
        self._log = log
        self._registry = registry
        self._left_out_by: dict[str, str] = {}
        """By app: the run of the store that left it out."""
        self._problems = {app.name: app.problem for app in registry.apps.values() if app.problem}
        for app in registry.apps.values():
            app.on_failure = self.note
        bus.hear(ServiceAsked, lambda _heard: self.say())
        if process != STORE:
            bus.hear(AppFailed, self._heard_failure)
            bus.hear(ServiceChanged, self._heard_store, STORE)

    def say(self) -> None:
        """Say all that is known, for those who have just come."""
        for app in self._problems:
            self._say(app)

    def note(self, app: str, problem: str) -> None:
        """Remember why an app failed, and say so."""
        if self._problems.get(app) != problem:
            self._problems[app] = problem
            self._log(f"the app {app} failed: {problem}")
            self._say(app)

    def _heard_failure(self, heard: Envelope) -> None:
        said: AppFailed = heard.message
        app = self._registry.sound.get(said.app)
        if said.process == STORE and app:
            self._registry.leave_out(app, said.problem)
            self._left_out_by[app.name] = heard.header.sender

    def _heard_store(self, heard: Envelope) -> None:
        """Take back what an earlier run of the store left out: if it still does, the new one says so next."""
        for name, sender in list(self._left_out_by.items()):
            if sender != heard.header.sender:
                del self._left_out_by[name]
                self._registry.take_back(self._registry.apps[name])

    def _say(self, app: str) -> None:
        if self._bus.connected:
            problem = self._problems[app][:LONGEST_PROBLEM]
            self._bus.say(AppFailed(app=app, process=self._process, problem=problem), app)


class Board:
    """What every process said about apps that fail, as long as it lives."""

    def __init__(self, bus: Bus, changed: Callable[[], None]) -> None:
        """`changed`: called when there is something new to show."""
        self.problems: dict[tuple[str, str], str] = {}
        """By app and process."""
        self._changed = changed
        self._senders: dict[tuple[str, str], str] = {}
        bus.hear(AppFailed, self._heard_failure)
        bus.hear(ServiceChanged, self._heard_process)

    def of(self, app: str) -> str:
        """Return what is wrong with an app, "" for nothing."""
        return " ".join(dict.fromkeys(problem for (name, _), problem in self.problems.items() if name == app))

    def as_json(self) -> list[dict[str, str]]:
        """Return a map of app, process and problem for each failure."""
        return [
            {"app": app, "process": process, "problem": problem} for (app, process), problem in self.problems.items()
        ]

    def _heard_failure(self, heard: Envelope) -> None:
        said: AppFailed = heard.message
        place = said.app, said.process
        self._senders[place] = heard.header.sender
        if self.problems.get(place) != said.problem:
            self.problems[place] = said.problem
            self._changed()

    def _heard_process(self, heard: Envelope) -> None:
        """Forget what an earlier run of the process said: the app may have been mended."""
        said: ServiceChanged = heard.message
        stale = [
            place
            for place, sender in self._senders.items()
            if place[1] == said.process and sender != heard.header.sender
        ]
        for place in stale:
            del self.problems[place], self._senders[place]
        if stale:
            self._changed()

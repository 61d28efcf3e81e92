"""Load the apps of one process: only the files that it needs. Keeps what is wrong with an app."""

import importlib
import importlib.util
import inspect
import reprlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pluggy

from apps.calls.calls import HOOK_SECONDS, LOAD_SECONDS, Calls, Raised
from apps.core import CORE
from apps.hookspecs import AgentHooks, StoreHooks, WebHooks
from apps.installed import Installed, installed
from apps.migrations import Migration
from apps.mistakes import TooMuch
from apps.names import About, problem_of_app
from apps.shown.check import check_views
from apps.tables import BadValue, Table
from apps.work.declared import Job
from apps.work.workflows import Workflow
from bus.messages import StoreChanged

HOOKS = {"store": StoreHooks, "agent": AgentHooks, "web": WebHooks}

LONGEST = {"prompt": 10_000, "worth_a_comment": 1_000, "actions": 100}
"""The most that these hooks may return: characters of a text, entries of a list."""
MOST_TABLES = 100
MOST_FIELDS = 500
MOST_MIGRATIONS = 1_000
MOST_JOBS = 100
MOST_WORKFLOWS = 100

FAILED = object()
"""What `App.wait_for` returns when the hook failed."""


@dataclass(slots=True)
class App:
    """An installed app: its tables, and the hooks of its loaded files."""

    name: str
    tables: tuple[Table, ...] = ()
    hooks: Any = None
    """pluggy's `hook` object of this app. A call returns the app's result, None if it has none."""
    problem: str = ""
    """Why the app is left out; "" for an app that works."""
    origin: str = ""
    """The distribution that it came with; "" for apps that ship with Pianola."""
    label: str = ""
    """Its name for people; made from `name` if empty."""
    icon: str = ""
    """A character or two that stand before its name."""
    place: int = 0
    """Apps with a smaller one stand before it in the menu."""
    own: bool = False
    """It is a row of the table `app`: the user made it, and can change it while everything runs."""
    version: str = ""
    """For an app of one's own: which version of its file is loaded."""
    outdated: str = ""
    """For an app of one's own: why the newest version of its file is not used, so that an earlier one stands."""
    migrations: tuple[Migration, ...] = ()
    jobs: tuple[Job, ...] = ()
    """Its long work."""
    workflows: tuple[Workflow, ...] = ()
    """Its workflows."""
    withheld: tuple[Table, ...] = ()
    """Its tables, while the app is left out."""
    failing: dict[str, str] = field(default_factory=dict)
    """By hook that failed when it was called last: why."""
    calls: Calls = field(default_factory=Calls)
    on_failure: Callable[[str, str], None] = lambda _app, _problem: None
    """Called with the app's name and what is wrong with its hooks whenever that changes, "" for nothing; see
    `apps.failures`."""

    @property
    def title(self) -> str:
        """Its name for people."""
        words = self.label or self.name.replace("_", " ").capitalize()
        return f"{self.icon} {words}" if self.icon else words

    def has(self, hook: str) -> bool:
        """Return whether the app implements a hook, and is not left out."""
        return not self.problem and self.hooks is not None and bool(getattr(self.hooks, hook).get_hookimpls())

    def call(
        self,
        hook: str,
        expected: type,
        otherwise: Any,
        finish: Callable[[Any], Any] = lambda said: said,
        **arguments: Any,
    ) -> Any:
        """Return the result of a hook; `otherwise` if there is none, the hook fails, or the app is left out.

        It fails when it raises anything, takes too long, or returns too much, or what is not `expected`. `finish`:
        turns the result into what is needed; it is part of the call, because what an app returns can be code of its
        own. An error there counts as one of the hook.
        """
        if not self.has(hook):
            return otherwise
        try:
            said = self.calls.run(self.name, hook, HOOK_SECONDS, partial(self._said, hook, expected, finish, arguments))
        except BaseException as error:  # whatever it is, SystemExit too: an app must not end the process
            self._failed(hook, error)
            return otherwise
        self._worked(hook)
        return otherwise if said is None else said

    def _said(self, hook: str, expected: type, finish: Callable[[Any], Any], arguments: dict[str, Any]) -> Any:
        said: Any = getattr(self.hooks, hook)(**arguments)
        if said is None:
            return None
        if not isinstance(said, expected):
            raise TypeError(f"it returned {reprlib.repr(said):.60}, not {expected.__name__}")
        sized: Any = said
        if hook in LONGEST and len(sized) > LONGEST[hook]:
            unit = "characters" if expected is str else "entries"
            raise TooMuch(f"it returned {len(sized):,} {unit}, at most {LONGEST[hook]:,} fit")
        return finish(said)

    async def wait_for(self, hook: str, *passed_on: type[Exception], **arguments: Any) -> Any:
        """Return the result of a hook that is a coroutine; `FAILED` if it fails. `passed_on`: raised to the caller."""
        try:
            made = self.calls.run(
                self.name, hook, HOOK_SECONDS, partial(self._said, hook, object, lambda said: said, arguments)
            )
            if not inspect.iscoroutine(made):
                raise TypeError(f"it is no coroutine: write `async def {hook}`")
        except BaseException as error:
            self._failed(hook, error)
            return FAILED
        try:
            said = await self.calls.steps(self.name, hook, made)
        except Raised as raised:
            if isinstance(raised.error, passed_on):
                raise raised.error from None
            self._failed(hook, raised.error)
            return FAILED
        self._worked(hook)
        return said

    def _failed(self, hook: str, error: BaseException) -> None:
        problem = f"its hook `{hook}` failed: {self.calls.in_words(self.name, hook, error)}"
        if self.failing.get(hook) != problem:
            self.failing[hook] = problem
            self.on_failure(self.name, self.failures)

    def _worked(self, hook: str) -> None:
        if hook in self.failing:
            del self.failing[hook]
            self.on_failure(self.name, self.failures)

    @property
    def failures(self) -> str:
        """What is wrong with the hooks that failed when they were called last; "" for nothing."""
        return " ".join(self.failing.values())


@dataclass(slots=True)
class Registry:
    """All apps by name; all tables by name, of the core and of the apps that are not left out."""

    apps: dict[str, App] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=lambda: {table.name: table for table in CORE})

    @property
    def sound(self) -> dict[str, App]:
        """The apps that are not left out."""
        return {name: app for name, app in self.apps.items() if not app.problem}

    def app_of(self, table: str) -> App | None:
        """Return the app that shows a table; None for a table of the core that no app shows."""
        return next((app for app in self.sound.values() if any(one.name == table for one in app.tables)), None)

    def job(self, app: str, name: str) -> Job | None:
        """Return the declaration of an app's job; None if there is no such app or job."""
        jobs = self.sound[app].jobs if app in self.sound else ()
        return next((job for job in jobs if job.name == name), None)

    @property
    def workflows(self) -> dict[str, Workflow]:
        """The workflows of all apps that are not left out, by name."""
        return {one.name: one for app in self.sound.values() for one in app.workflows}

    def app_of_workflow(self, name: str) -> App | None:
        """Return the app that declares a workflow; None if there is no such workflow."""
        return next((app for app in self.sound.values() if any(one.name == name for one in app.workflows)), None)

    def fits(self, fact: StoreChanged) -> bool:
        """Return whether a fact is about one of our tables, and its rows could be rows of it.

        For an update `before` may be empty: both rows together may have been too long for one message. Of a row that
        was deleted for good no values are told.
        """
        table = self.tables.get(fact.table)
        if table is None:
            return False
        rows = {"insert": (fact.row,), "delete": (fact.before,), "update": (fact.row, fact.before or fact.row)}
        return all(table.fits(fact.id, row) for row in rows.get(fact.verb, ()))

    def add(self, app: App) -> None:
        """Add an app. If its name, or the name of one of its tables, is taken, it is left out."""
        if app.name in self.apps:
            taken = f"the name {app.name!r} is that of another app, {_whose(self.apps[app.name])}"
            app.problem = f"{taken}. Rename one of them, or uninstall it."
            app.name = f"{app.name} ({app.origin})"
        elif not app.problem:
            app.problem = self._problem_of_tables(app) or self._problem_of_workflows(app)
        self._take_in(app)

    def _take_in(self, app: App) -> None:
        if app.problem:
            app.tables = ()
        self.tables |= {table.name: table for table in app.tables}
        self.apps[app.name] = app

    def put(self, app: App) -> str:
        """Add an app of one's own, or replace its earlier version; return "", or why the earlier one stands."""
        before = self.apps.get(app.name)
        if before and not before.own:
            return f"the name {app.name!r} is that of another app, {_whose(before)}. Choose another name."
        self._remove_tables(before)
        problem = app.problem or self._problem_of_tables(app) or self._problem_of_workflows(app)
        stands = before if before and not before.problem else app
        if problem:
            app.problem = problem
        self._take_in(stands if problem else app)
        return problem

    def remove(self, name: str) -> None:
        """Remove an app of one's own, if it is there."""
        if name in self.apps and self.apps[name].own:
            self._remove_tables(self.apps.pop(name))

    def _remove_tables(self, app: App | None) -> None:
        for table in app.tables if app else ():
            if table not in CORE:
                del self.tables[table.name]

    def leave_out(self, app: App, problem: str) -> None:
        """Leave out an app that has worked until now."""
        self._remove_tables(app)
        app.problem, app.withheld, app.tables = problem, app.tables, ()

    def restore(self, app: App) -> None:
        """Restore an app that `leave_out` has left out."""
        app.problem, app.tables, app.withheld = "", app.withheld, ()
        self.tables |= {table.name: table for table in app.tables}

    def _problem_of_tables(self, app: App) -> str:
        for table in app.tables:
            present = self.tables.get(table.name)
            if present is None or (present in CORE and present is table):
                continue
            owner = self.app_of(table.name)
            whose = "the core" if present in CORE else f"the app {owner.name if owner else ''}"
            return f"its table {table.name} is named like one of {whose}. Choose another name for it."
        return ""

    def _problem_of_workflows(self, app: App) -> str:
        for one in app.workflows:
            owner = self.app_of_workflow(one.name)
            if owner and owner.name != app.name:
                return f"its workflow {one.name} is named like one of the app {owner.name}. Rename it."
        return ""


def load_apps(*files: str, calls: Calls | None = None) -> Registry:
    """Load `store.py` of each app, and the other `files` ("agent", "web"). A failing app is kept with its problem."""
    registry = Registry()
    for found in installed():
        registry.add(load(found, files, calls))
    return registry


def load(found: Installed, files: Iterable[str] = (), calls: Calls | None = None, seconds: float = LOAD_SECONDS) -> App:
    """Load one app. Any error in it becomes its `problem`. `files`: besides `store.py`. `seconds`: for each file."""
    calls = calls or Calls()
    app = App(found.name, origin=found.origin, problem=problem_of_app(found.name), calls=calls)
    app.problem = app.problem or calls.reason_against(app.name, _folder(found.package))
    if app.problem:
        return app
    manager = pluggy.PluginManager("pianola")
    try:
        for file in HOOKS if found.file else ("store", *files):
            manager.add_hookspecs(HOOKS[file])
        for file in (found.file,) if found.file else ("store", *files):
            load_file = partial(_register, manager, found.package, file)
            calls.run(app.name, f"{file}.py", seconds, load_file)
        app.hooks = manager.hook
        declared = calls.run(app.name, "tables", HOOK_SECONDS, partial(_declared, manager))
        about, app.tables, app.migrations, app.jobs, app.workflows = declared
        app.label, app.icon, app.place = about.label, about.icon, about.place
    except BaseException as error:  # whatever it is, SystemExit too: an app must not end the process
        app.problem = calls.in_words(app.name, "store.py", error)
    return app


def _folder(package: str) -> Path | None:
    """Return where a package lies, without importing any of it; None if it cannot be found."""
    top, *below = package.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    return Path(spec.submodule_search_locations[0], *below) if spec and spec.submodule_search_locations else None


def _register(manager: pluggy.PluginManager, package: str, file: str) -> None:
    name = f"{package}.{file}"
    if importlib.util.find_spec(name):
        manager.register(importlib.import_module(name))


Declared = tuple[About, tuple[Table, ...], tuple[Migration, ...], tuple[Job, ...], tuple[Workflow, ...]]
"""What `store.py` declares."""


def _declared(manager: pluggy.PluginManager) -> Declared:
    manager.check_pending()
    hook = manager.hook
    jobs = _jobs(hook.jobs())
    tables, migrations = _tables(hook.tables()), _migrations(hook.migrations())
    return _about(hook.about()), tables, migrations, jobs, _workflows(hook.workflows(), jobs)


def _about(said: Any) -> About:
    if said is not None and not isinstance(said, About):
        raise BadValue("bad_value", f"its hook `about` returns {reprlib.repr(said):.80}. Expected an About.")
    return said or About()


def _tables(said: Any) -> tuple[Table, ...]:
    tables = tuple(islice(said or (), MOST_TABLES + 1))
    if not tables or not all(isinstance(table, Table) for table in tables):
        returned = reprlib.repr(said)
        raise BadValue("bad_value", f"its hook `tables` returns {returned:.80}. Expected a list of at least one Table.")
    if len(tables) > MOST_TABLES:
        raise TooMuch(f"its hook `tables` returns more than {MOST_TABLES} tables. Declare fewer.")
    names = [table.name for table in tables]
    if len(set(names)) < len(names):
        raise BadValue("bad_value", f"its hook `tables` returns two tables of the same name: {', '.join(names)}.")
    if full := [table.name for table in tables if len(table.all_fields) > MOST_FIELDS]:
        raise TooMuch(f"its table {full[0]} has more than {MOST_FIELDS} fields. Divide it into several tables.")
    for table in tables:
        check_views(table)
    return tables


def _migrations(said: Any) -> tuple[Migration, ...]:
    migrations = tuple(islice(said or (), MOST_MIGRATIONS + 1))
    if len(migrations) > MOST_MIGRATIONS:
        raise TooMuch(f"its hook `migrations` returns more than {MOST_MIGRATIONS:,} functions.")
    names = [getattr(one, "__name__", "") for one in migrations]
    if not all(map(callable, migrations)) or "<lambda>" in names or len(set(names)) < len(names):
        raise BadValue("bad_value", "its hook `migrations` must return functions, each with a name of its own.")
    return migrations


def _jobs(said: Any) -> tuple[Job, ...]:
    jobs = tuple(islice(said or (), MOST_JOBS + 1))
    if len(jobs) > MOST_JOBS or not all(isinstance(job, Job) for job in jobs):
        raise BadValue("bad_value", f"its hook `jobs` must return a list of at most {MOST_JOBS} Jobs.")
    if len({job.name for job in jobs}) < len(jobs):
        raise BadValue("bad_value", "its hook `jobs` returns two jobs of the same name.")
    return jobs


def _workflows(said: Any, jobs: tuple[Job, ...]) -> tuple[Workflow, ...]:
    workflows = tuple(islice(said or (), MOST_WORKFLOWS + 1))
    if len(workflows) > MOST_WORKFLOWS or not all(isinstance(one, Workflow) for one in workflows):
        raise BadValue("bad_value", f"its hook `workflows` must return a list of at most {MOST_WORKFLOWS} Workflows.")
    if len({one.name for one in workflows}) < len(workflows):
        raise BadValue("bad_value", "its hook `workflows` returns two workflows of the same name.")
    for one in workflows:
        if missing := next((step.job.name for step in one.steps if step.job and step.job not in jobs), ""):
            raise BadValue(
                "bad_value", f"its workflow {one.name} runs the job {missing!r}, which `jobs` does not return."
            )
    return workflows


def _whose(app: App) -> str:
    return f"of the package {app.origin}" if app.origin else "which ships with Pianola"

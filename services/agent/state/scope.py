"""Which app is open, and which tables the model may touch there. Pure."""

from apps.core import DEFAULT_APP, JOB, PRIVATE
from apps.registry import App, Registry
from apps.tables import Row, Table
from apps.types.reader import reader_from
from services.agent.parse.instructions import Scope
from services.agent.parse.jobs import AppJob
from services.agent.state.wants import READER

DEFAULT_PROFILE = 1


def open_app(registry: Registry, settings: Row) -> App:
    """Return the open app: the one in the setting `app`, else todo, else any app that works."""
    sound = {name: app for name, app in registry.apps.items() if not app.problem}
    for name in (settings.get("app"), DEFAULT_APP, *sound):
        if type(name) is str and name in sound:
            return sound[name]
    return App("none")


def profile_of(settings: Row) -> int:
    """Return the profile in view."""
    profile = settings.get("profile")
    return profile if type(profile) is int else DEFAULT_PROFILE


def scope_of(registry: Registry, settings: Row) -> Scope:
    """Return where the model may act now: the open app, its tables, and the profile in view; and for whom."""
    app = open_app(registry, settings)
    apps = tuple(name for name, one in registry.apps.items() if not one.problem)
    elsewhere = tables_elsewhere(registry, app.name)
    jobs, others = jobs_here_and_elsewhere(registry, app)
    shown = {name: one.tables[0] for name, one in registry.sound.items() if one.tables}
    reader = reader_from(settings.get(READER))
    return Scope(app.name, app.tables, apps, profile_of(settings), elsewhere, jobs, others, shown, reader=reader)


def jobs_here_and_elsewhere(registry: Registry, app: App) -> tuple[tuple[AppJob, ...], tuple[AppJob, ...]]:
    """Return the jobs of the open app, and those of others. An app that only shows jobs shows all of them."""
    every = tuple(AppJob(name, job) for name, one in registry.sound.items() for job in one.jobs)
    if JOB in app.tables and not app.jobs:
        return every, ()
    return tuple(one for one in every if one.app == app.name), tuple(one for one in every if one.app != app.name)


def tables_elsewhere(registry: Registry, open_app_name: str) -> tuple[Table, ...]:
    """Return the tables of other apps that the model may read: those with rows of the profile in view.

    The history, the profiles, the schedules, the permissions and the morning page belong to the user: the model sees
    them in their app.
    """
    own = registry.apps[open_app_name].tables if open_app_name in registry.apps else ()
    others = (one for name, one in registry.apps.items() if name != open_app_name and not one.problem)
    found = (table for one in others for table in one.tables if table.scoped and not table.read_only)
    return tuple({table.name: table for table in found if table not in own and table not in PRIVATE}.values())

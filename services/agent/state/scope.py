"""Which app is open, and which tables the model may touch there. Pure."""

from apps.core import DEFAULT_APP
from apps.registry import App, Registry
from apps.tables import Row, Table
from services.agent.parse.instructions import Scope

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
    """Return where the model may act now: the open app, its tables, and the profile in view."""
    app = open_app(registry, settings)
    apps = tuple(name for name, one in registry.apps.items() if not one.problem)
    return Scope(app.name, app.tables, apps, profile_of(settings), tables_elsewhere(registry, app.name))


def tables_elsewhere(registry: Registry, open_app_name: str) -> tuple[Table, ...]:
    """Return the tables of other apps that the model may read: those with rows of the profile in view.

    The history and the profiles belong to the user; the model sees them only in an app that the user opened.
    """
    others = (one for name, one in registry.apps.items() if name != open_app_name and not one.problem)
    return tuple(table for one in others for table in one.tables if table.scoped and not table.read_only)

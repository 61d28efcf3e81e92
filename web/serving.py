"""Make the parts of the web process and connect them: hub, importer, app, gate, server. Then serve."""

import asyncio
import socket

from apps.calls.calls import Calls
from apps.core import CORE
from apps.failures import Failures
from apps.own.loading import OwnApps
from apps.registry import Registry, load_apps
from apps.tables import Table
from bus.errors import PianolaError
from bus.messages import ServiceAsked
from bus.service import Service
from bus.settings import in_force
from web.app import make_app
from web.event_stream.readers import Readers
from web.files.importer import Importer
from web.gate import Gate
from web.live.events import Events
from web.live.hub import Hub
from web.live.queries import scope
from web.live.reminders.desktop import DesktopReminders
from web.live.reminders.maker import ReminderMaker
from web.live.rows.clock import Clock
from web.served.files import check_page_files
from web.server import Server
from web.sign_in.clients import Clients
from web.sign_in.sessions import Sessions


class NoApp(PianolaError):
    """No app can be shown."""

    def __init__(self, registry: Registry) -> None:
        problems = "; ".join(f"{app.name}: {app.problem}" for app in registry.apps.values() if app.problem)
        super().__init__(f"no app in the folder `apps` can be shown ({problems or 'it is empty'}). Repair or add one.")


async def serve_pages(
    service: Service,
    listener: socket.socket,
    door: tuple[str, str],
    expected: tuple[str, ...],
    ready: asyncio.Task[None],
) -> None:
    """Serve until the service is told to stop. Pages are served even before the bus is there: they say what is missing.

    `door`: the token, and the page's own host name.
    `expected`: names of the processes that must be ready. `ready`: ends when the bus is there.
    """
    check_page_files()
    calls = Calls.of_process(service.settings.run, service.name)
    registry = load_apps("web", calls=calls)
    if not any(app.tables for app in registry.apps.values()):
        raise NoApp(registry)
    failures = Failures(service.bus, service.name, registry, lambda text: service.log("warning", text))
    own = OwnApps(registry, service.settings.apps, files=("web",), calls=calls, adopt=failures.adopt)
    importer = Importer(service.bus, registry, service.settings.home, service.attempt)
    hub = Hub(service, own, expected, on_loaded=importer.resume)
    Events(hub).listen(service.bus)
    importer.listen()
    service.spawn(hub.health.watch_code(), "code")
    service.spawn(join(service, hub, failures, ready), "join")
    clock = Clock(hub.tabs, hub.reader, hub.apps.table_in, lambda table: scope(table, hub.shared.settings))
    service.spawn(clock.run(), "clock")
    service.spawn(remind(service, hub, ready), "reminders")

    def log_error(text: str, error: BaseException) -> None:
        service.log("error", text, error)

    token, own_name = door
    sessions = Sessions(service.settings.sessions_file, token, lambda text: service.log("warning", text))
    clients = Clients(service.settings.clients_file, lambda text: service.log("warning", text))
    readers = Readers(service.bus, registry.tables)
    app = make_app(hub, importer, (sessions, clients), readers, log_error)
    server = Server(Gate(app, service.settings.port, token, own_name, sessions, clients))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        await service.stopped()
    finally:
        readers.stop()
        server.stop()
        await serving


async def remind(service: Service, hub: Hub, ready: asyncio.Task[None]) -> None:
    """Remind of what becomes due in any app: in the page, and on the desktop while no page is open."""
    await ready

    def is_wanted() -> bool:
        chosen = hub.shared.settings.get("desktop_reminders")
        return not list(hub.tabs) and bool(in_force(service.settings, "desktop_reminders", chosen))

    def due_tables() -> list[Table]:
        tables = (table for app in hub.registry.sound.values() for table in app.tables)
        return [table for table in tables if table.due_field and table not in CORE]

    desktop = DesktopReminders(is_wanted, service.attempt, lambda text: service.log("warning", text))
    await ReminderMaker(service.bus, hub.reader, due_tables, desktop.told).run()


async def join(service: Service, hub: Hub, failures: Failures, ready: asyncio.Task[None]) -> None:
    """Load what the store has, once it is certain that every later fact is heard."""
    await ready
    await service.bus.greet()  # again: the first greeting may have come back before the hub began to listen
    failures.say()
    service.bus.say(ServiceAsked())  # all processes beat now; their earlier beats were not heard
    hub.catch_up.load()

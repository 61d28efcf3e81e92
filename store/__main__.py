"""The store: hears `store.order`; says `store.answer`, and after the commit `store.changed` for each changed row.

It also makes backups: hears `store.back_up`, says `store.backed_up`. And it watches the files of own apps.
"""

import sys
from functools import partial

from apps.calls.calls import Calls
from apps.failures import Failures
from apps.own.loading import OwnApps
from apps.registry import load_apps
from bus.messages import StoreOrder
from bus.service import Service, run
from store.app_files import AppFiles
from store.cleaner import Cleaner
from store.file.opening import open_file
from store.own.tables import OwnTables
from store.pruner import prune_daily
from store.tables.chosen import chosen_value
from store.upkeep import Upkeep
from store.writer import Writer


async def serve(service: Service) -> None:
    """Open the file, bring it up to date, and serve orders until told to stop."""
    settings = service.settings
    calls = Calls.of_process(settings.run, service.name)
    registry = load_apps(calls=calls)
    own = OwnApps(registry, settings.apps, calls=calls)
    file = open_file(settings.database, settings.backups, own, lambda text: service.log("warning", text), service.fail)
    try:
        failures = Failures(service.bus, service.name, registry, lambda text: service.log("warning", text))
        own.adopt = failures.adopt
        tables = OwnTables(file.connection, own, settings.backups)
        writer = Writer(file.connection, registry.tables, service.bus, service.log, file.watch, own=tables)
        chosen = partial(chosen_value, file.connection, settings)
        upkeep = Upkeep(service, file.watch, partial(chosen, "backup_days"))
        cleaner = Cleaner(file.connection, writer, file.watch, service)
        service.bus.hear(StoreOrder, writer.take)
        service.bus.on_drained = writer.serve
        upkeep.listen()
        await service.ready()
        failures.say()
        upkeep.start(used=writer.revision > 0)
        service.spawn(cleaner.run(), "cleaner")
        service.spawn(prune_daily(writer, service, partial(chosen, "history_days")), "pruner")
        service.spawn(AppFiles(own, tables, writer, service).run(), "app files")
        await service.stopped()
        await upkeep.stopped()
        await cleaner.stop()
    finally:
        service.bus.on_drained = None  # an order that comes now waits for the next store
        file.close()


def main() -> int:
    """Run until SIGTERM."""
    return run("store", serve)


if __name__ == "__main__":
    sys.exit(main())

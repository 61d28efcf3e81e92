"""The store: hears `store.order`; says `store.answer`, and after the commit `store.changed` for each changed row."""

import sys

from apps.failures import Failures
from apps.registry import load_apps
from bus.messages import StoreOrder
from bus.service import Service, run
from store.cleaner import Cleaner
from store.file.database import open_database
from store.file.migrations import migrate
from store.pruner import prune_daily
from store.writer import Writer


async def serve(service: Service) -> None:
    """Open the file, bring it up to date, and serve orders until told to stop."""
    registry = load_apps()
    connection = open_database(service.settings.database)
    migrate(connection, registry, service.settings.home / "backups")
    failures = Failures(service.bus, service.name, registry, lambda text: service.log("warning", text))
    writer = Writer(connection, registry.tables, service.bus, service.log)
    cleaner = Cleaner(connection, writer, service)
    service.bus.hear(StoreOrder, writer.take)
    service.bus.on_drained = writer.serve
    await service.ready()
    failures.say()
    service.spawn(cleaner.run(), "cleaner")
    service.spawn(prune_daily(writer, service), "pruner")
    await service.stopped()
    await cleaner.stop()
    connection.close()


def main() -> int:
    """Run until SIGTERM."""
    return run("store", serve)


if __name__ == "__main__":
    sys.exit(main())

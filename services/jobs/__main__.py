"""jobs: runs the long work of apps, each job in a process of its own, and what is due. Hears job.run and job.cancel.

It says job.answered, job.progressed and time.due, and orders the store: each job is a row of the table `job` before it
starts, each schedule one of the table `schedule`. It loads no app: the job's own process does (`child.py`).
"""

import asyncio
import sys

from bus.messages import JobCancel, JobRun, ServiceAsked, ServiceChanged, StoreChanged
from bus.overflows import Overflows
from bus.processes.leftovers import end_left
from bus.service import Service, run
from bus.store_client import StoreClient
from services.jobs.chosen import Chosen
from services.jobs.cleaner import Cleaner
from services.jobs.folder import MARK
from services.jobs.orders import Orders
from services.jobs.queue import Queue
from services.jobs.rows import JobRows
from services.jobs.schedules.carry import Carrier
from services.jobs.schedules.timer import Timer

NAME = "jobs"


async def serve(service: Service) -> None:
    """Go on with the jobs that an earlier run left, and serve orders until told to stop."""

    def warn(text: str) -> None:
        service.log("warning", text)

    store = StoreClient(service.bus, warn)
    rows = JobRows(service.bus, store)
    queue = Queue(service, rows, Chosen(service.settings, store))
    orders = Orders(service.bus, rows, queue)
    timer = Timer(store, Carrier(service.bus, store), warn)
    cleaner = Cleaner(service.settings.jobs, store, queue.until_over)

    def read_again() -> None:
        queue.read_again()
        timer.read_again()

    service.bus.hear(JobRun, orders.run_asked)
    service.bus.hear(JobCancel, orders.cancel_asked)
    service.bus.hear(StoreChanged, queue.row_changed, "job")
    service.bus.hear(StoreChanged, queue.setting_changed, "setting")
    service.bus.hear(StoreChanged, cleaner.row_changed, "job")
    service.bus.hear(ServiceChanged, queue.store_heard, "store")
    service.bus.hear(StoreChanged, timer.schedule_changed, "schedule")
    service.bus.hear(ServiceChanged, timer.store_heard, "store")
    service.bus.hear(ServiceAsked, queue.tell_again)
    service.bus.on_reconnected = read_again
    Overflows(service.bus, read_again)
    await asyncio.to_thread(end_left, MARK, service.settings.jobs)  # an earlier run that was killed could not
    await service.ready()
    queue.read_again()
    service.spawn(cleaner.run(), "clean folders")
    service.spawn(timer.run(), "schedules")
    await service.stopped()
    await queue.stop()
    await asyncio.to_thread(end_left, MARK, service.settings.jobs)


def main() -> int:
    """Run until SIGTERM."""
    return run(NAME, serve)


if __name__ == "__main__":
    sys.exit(main())

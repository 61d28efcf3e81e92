"""jobs: runs the long work of apps, each job in a process of its own. Hears job.run and job.cancel.

It says job.answered and job.progressed, and orders the store: each job is a row of the table `job` before it starts.
It loads no app: the job's own process does (`child.py`).
"""

import sys

from bus.messages import JobCancel, JobRun, StoreChanged
from bus.service import Service, run
from services.jobs.queue import Queue

NAME = "jobs"


async def serve(service: Service) -> None:
    """Go on with the jobs that an earlier run left, and serve orders until told to stop."""
    queue = Queue(service)
    service.bus.hear(JobRun, queue.run_asked)
    service.bus.hear(JobCancel, queue.cancel_asked)
    service.bus.hear(StoreChanged, queue.row_changed, "job")
    await service.ready()
    service.attempt(queue.resume(), "resume")
    await service.stopped()
    await queue.stop()


def main() -> int:
    """Run until SIGTERM."""
    return run(NAME, serve)


if __name__ == "__main__":
    sys.exit(main())

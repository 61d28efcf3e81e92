"""The newest progress of each running job, as `job.progressed` told it. Their rows are older while they run."""

from collections import deque
from dataclasses import dataclass, field

from apps.tables import Row
from apps.work.words import Sample, remaining_seconds
from bus.messages import JobProgressed

MOST_JOBS = 200
"""More do not run at the same time. The one that was heard of first is forgotten first."""
SAMPLE_SECONDS = 1.0
MOST_SAMPLES = 60
"""The pace is that of the last minute."""


@dataclass(slots=True)
class Latest:
    """How far a running job is."""

    done: int
    total: int
    note: str
    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=MOST_SAMPLES))

    @property
    def remaining_seconds(self) -> float | None:
        """How long it still takes at the pace of the last minute; None when that is not known."""
        return remaining_seconds(self.samples, self.total)


class RunningJobs:
    """The newest progress, by the id of the job."""

    def __init__(self) -> None:
        """Nothing is known at first."""
        self._latest: dict[int, Latest] = {}

    def take(self, told: JobProgressed, at: float) -> int | None:
        """Keep a progress that was heard `at` (seconds); return the job's id, None if there is nothing to show."""
        job = int(told.job) if told.job.isascii() and told.job.isdecimal() else 0
        if not job or told.state != "running":
            self._latest.pop(job, None)
            return None
        latest = self._latest.setdefault(job, Latest(told.done, told.total, told.note))
        if told.done < latest.done:  # it goes on from an earlier checkpoint
            latest.samples.clear()
        latest.done, latest.total, latest.note = told.done, told.total, told.note
        self._sample(latest, at)
        while len(self._latest) > MOST_JOBS:
            del self._latest[next(iter(self._latest))]
        return job

    @staticmethod
    def _sample(latest: Latest, at: float) -> None:
        """Replace the newest sample until it is a second younger than the one before it."""
        samples = latest.samples
        if len(samples) > 1 and samples[-1][0] - samples[-2][0] < SAMPLE_SECONDS:
            samples.pop()
        samples.append((at, latest.done))

    def drop(self, job: int) -> None:
        """Forget a job that does not run any more."""
        self._latest.pop(job, None)

    def known(self, job: int) -> Latest | None:
        """Return what was heard last of a job that runs; None if nothing was."""
        return self._latest.get(job)

    def of(self, row: Row) -> Latest:
        """Return how far a job is: what was heard last while it runs, else what its row says."""
        known = self._latest.get(row["id"]) if row["state"] == "running" else None
        return known or Latest(row["done"], row["total"], row["note"])

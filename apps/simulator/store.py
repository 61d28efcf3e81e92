"""The simulated job, and its scenarios."""

from collections.abc import Sequence

from apps.core import JOB
from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.declared import Job

SCENARIOS = {
    "fast": "twenty chunks a second",
    "slow": "a chunk each second",
    "failing": "fails after half of the chunks; Retry goes on from there, and it does not fail again",
    "blocking": "blocks its own process for 2 seconds in each chunk: only it is slow to hear you",
    "endless": "never ends by itself, and does not say how much there is: cancel it",
    "crashing": "its process dies after half of the chunks, without a word; the job goes on by itself from there",
}
"""What each scenario does, by its name."""

SIMULATE = Job(
    "simulate",
    "Simulate",
    (
        Field("scenario", choices=tuple(SCENARIOS), default="slow"),
        Field("chunks", "integer", default=20),
    ),
    resumes=True,
    limits={"chunks": (1, 100_000)},
)


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of jobs: the simulator has no rows of its own."""
    return (JOB,)


@hook
def jobs() -> Sequence[Job]:
    """Return the one job."""
    return (SIMULATE,)

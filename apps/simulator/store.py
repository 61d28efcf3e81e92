"""The simulated job, and its scenarios."""

from collections.abc import Sequence

from apps.core import JOB
from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.declared import Job

SIMULATE = Job(
    "simulate",
    "Simulate",
    (
        Field("scenario", choices=("fast", "slow", "failing"), default="slow"),
        Field("chunks", "integer", default=20),
    ),
    resumes=True,
)


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of jobs: the simulator has no rows of its own."""
    return (JOB,)


@hook
def jobs() -> Sequence[Job]:
    """Return the one job."""
    return (SIMULATE,)

"""Which job is meant by an instruction that ends, pauses or continues one. Pure."""

from collections.abc import Iterable, Sequence

from apps.core import JOB_ACTIVE
from apps.names import compared
from apps.tables import Row
from services.agent.grounding.words import content_words, said, words_of
from services.agent.limits import TOLD_JOB_SECONDS
from services.agent.prompt.describe import one_line

ENDED_EARLY = ("failed", "cancelled")
FITTING = {
    "cancel": ((*JOB_ACTIVE, "paused"),),
    "pause": (JOB_ACTIVE, ("paused",)),
    "resume": (("paused",), ENDED_EARLY),
    "retry": (ENDED_EARLY, ("paused",)),
}
"""By operation on a job: the states of the jobs that it is about. Later ones count if no job is in the first ones."""
NOTHING_TO = {
    "cancel": "No job is waiting or running, so there is nothing to cancel.",
    "pause": "No job is waiting or running, so there is nothing to pause.",
    "resume": "No job is paused, and none ended early, so there is nothing to go on with.",
    "retry": "No job failed or was cancelled, so there is nothing to try again.",
}
CANNOT = {
    "cancel": "so there is nothing to cancel",
    "pause": "so there is nothing to pause",
    "resume": "and only one that is paused or ended early can go on",
    "retry": "and only one that failed, was cancelled or is paused can be tried again",
}
NAMED_JOBS = 5
"""Jobs that a sentence names."""

NO_SUCH = "There is no job {named!r:.80} in the profile in view. There are: {others}."
UNFIT = "The job {title} is {state}, {cannot}."
WHICH = "Which job? There are several: {jobs}."
"""What the user is asked."""


def is_over(state: str) -> bool:
    """Return whether a job in this state has ended, so that nothing of it is left to cancel."""
    return state not in (*JOB_ACTIVE, "paused")


def fitting(operation: str, rows: Iterable[Row], now: float) -> list[Row]:
    """Return the jobs that an operation may be about when none is named. `now`: Unix seconds.

    Of those that ended, the ones that ended lately, if there are any: the user has seen them end.
    """
    rows = list(rows)
    for states in FITTING[operation]:
        if found := [row for row in rows if row["state"] in states]:
            lately = [row for row in found if not is_over(row["state"]) or row["ended"] > now - TOLD_JOB_SECONDS]
            return lately or found
    return []


def with_name(rows: Sequence[Row], named: str) -> list[Row]:
    """Return the jobs that words name: by title, label or name; else by a part of the title, or by other forms of it.

    All, if there are no words.
    """
    wanted = compared(named).removeprefix("the ").removesuffix("job").removeprefix("job ").strip()
    if not wanted:
        return list(rows)
    same = [row for row in rows if wanted in (compared(row["title"]), compared(row["job"]), compared(row["app"]))]
    same = same or [row for row in rows if wanted in compared(row["title"])]
    return same or [row for row in rows if _has_all(content_words(wanted), row)]


def _has_all(wanted: Iterable[str], row: Row) -> bool:
    """Return whether the names of a job have all these words in some form: “simulation”, “Simulate: slow”."""
    names = words_of(f"{row['title']} {row['job']} {row['app']}")
    return all(said(word, names) for word in wanted)


def why_none(operation: str, named: int | str, rows: Sequence[Row], others: Sequence[Row]) -> str:
    """Return why an operation has no job. `rows`: those with this name. `others`: those that it may be about."""
    if rows and named:
        return UNFIT.format(title=title_of(rows[0]), state=rows[0]["state"], cannot=CANNOT[operation])
    return NO_SUCH.format(named=named, others=names_of(others)) if others else NOTHING_TO[operation]


def names_of(rows: Sequence[Row]) -> str:
    """Return jobs as `id 3 “Simulate: fast” (running, 4 of 900 done), id 4 …`."""
    few = [f"id {row['id']} {title_of(row)} ({_how_far(row)})" for row in rows[:NAMED_JOBS]]
    return ", ".join([*few, "…"] if len(rows) > NAMED_JOBS else few)


def title_of(row: Row) -> str:
    """Return the title of a job in quotation marks."""
    return f"“{one_line(row['title'], 80)}”"


def _how_far(row: Row) -> str:
    return f"{row['state']}, {row['done']:,} of {row['total']:,} done" if row["total"] else str(row["state"])

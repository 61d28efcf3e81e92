"""Undo a job that the assistant started: cancel it while it is active, and take back the rows that it made."""

from apps.core import JOB_ACTIVE
from bus.errors import Refused
from bus.messages import JobCancel
from web.commands import undo
from web.commands.command import BadCommand, Command
from web.commands.jobs.jobs import ask, changes_of, job_with
from web.live.outbox import Frame

CANCELLED = "?\n“{title:.80}” was cancelled. What it wrote outside of Pianola, and its files, stay."
UNDONE = "?\nThe rows that “{title:.80}” made were undone. The job itself, with its result and its files, stays."
NOTHING_LEFT = "“{title:.80}” is {state}, and made no rows (any more) that could be undone."


async def undo_job(command: Command, number: int) -> None:
    """Cancel a job, or undo all rows that it made, all or none. Raises `BadCommand` if nothing of it can be undone."""
    row = await job_with(command, number)
    if row["state"] in (*JOB_ACTIVE, "paused") and await is_cancelled(command, number):
        command.tab.push(Frame(CANCELLED.format(title=row["title"])))
        return
    row = await job_with(command, number)  # it may have ended meanwhile
    made = await changes_of(command, row)
    if all(change["undone_by"] for change in made):
        raise BadCommand(NOTHING_LEFT.format(title=row["title"], state=row["state"]))
    await undo.undo_changes(command, made)
    command.tab.push(Frame(UNDONE.format(title=row["title"])))


async def is_cancelled(command: Command, number: int, step: str = "") -> bool:
    """Cancel a job; return whether it was still active. `step`: tells several orders of a command apart."""
    try:
        await ask(command, JobCancel(job=number), step)
    except Refused as refused:
        if refused.code != "conflict":
            raise
        return False
    return True

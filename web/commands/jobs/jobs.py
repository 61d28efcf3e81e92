"""Jobs: run one, cancel, pause, go on, undo what it made, delete it, read its log.

Only the process `jobs` changes the state of a job; these commands ask it.
"""

import asyncio
import hashlib
import json

from apps.core import JOB_ACTIVE
from apps.tables import Row
from apps.work.declared import Job
from bus.errors import Refused
from bus.messages import JobAnswered, JobCancel, JobRun
from web.commands import undo
from web.commands.command import BadCommand, Command
from web.commands.jobs.log import last_lines
from web.html.jobs.log_dialog import log_dialog
from web.html.parts.dialogs import draw_dialog
from web.live.outbox import Frame
from web.state.form_values import from_form
from web.state.page_view import profile_in
from web.store_client import every_row

ANSWER_SECONDS = 5.0
"""How long the process of jobs, which asks the store, may take to answer."""


LONGEST_ONCE = 100
"""Characters of the name of what is to be begun once."""


async def run(command: Command) -> None:
    """Run a job of an app, with the arguments of its form, in the profile in view.

    Commands with the same `once` run one job, also when they come from several tabs at the same moment.
    """
    app, job = command.text("app"), declared(command)
    known = {one.name: one for one in job.fields}
    sent = {name: value for name, value in command.values.items() if name in known}
    reader = command.tab.reader
    arguments = job.checked({name: from_form(known[name], value, reader) for name, value in sent.items()})
    profile = profile_in(command.hub.shared.settings)
    order = JobRun(app=app, job=job.name, arguments=arguments, title=job.title(arguments), profile=profile)
    await ask(command, order, id=once(command, order) if "once" in command.values else "")


def once(command: Command, order: JobRun) -> str:
    """Return the id of an order that several tabs may send and that is carried out once."""
    name = command.text("once")
    if not 0 < len(name) <= LONGEST_ONCE:
        raise BadCommand(f"`once` of the command {command.name} has {len(name):,} characters. Expected 1 to 100.")
    what = json.dumps([order.app, order.job, order.profile, name])
    return f"job-once-{hashlib.sha256(what.encode()).hexdigest()[:32]}"


def declared(command: Command) -> Job:
    """Return the job that a form runs."""
    app, name = command.text("app"), command.text("job")
    if job := command.hub.registry.job(app, name):
        return job
    raise BadCommand(f"The app {app!r:.60} has no job {name!r:.60} (any more). Reload the page.")


async def cancel(command: Command) -> None:
    """End a job."""
    await ask(command, JobCancel(job=command.number("job")))


async def pause(command: Command) -> None:
    """Let a job end at its next checkpoint, to go on later."""
    row = await job_of(command)
    job = command.hub.registry.job(row["app"], row["job"])
    if job is None or not job.resumes:
        raise BadCommand(f"“{row['title']:.80}” cannot be paused: it could not go on where it was. Cancel it instead.")
    await ask(command, JobCancel(job=row["id"], pause=True))


async def again(command: Command) -> None:
    """Let a job go on, or try it again."""
    await ask(command, JobRun(again=command.number("job")))


async def undo_made(command: Command) -> None:
    """Undo all rows that a job made, all or none."""
    row = await job_of(command)
    made = await changes_of(command, row)
    if not made:
        raise BadCommand(f"“{row['title']:.80}” has made nothing (left) that could be undone.")
    if all(change["undone_by"] for change in made):
        raise BadCommand(f"What “{row['title']:.80}” made was undone already.")
    await undo.undo_changes(command, made)
    command.tab.push(Frame(f"?\nWhat “{row['title']:.80}” made was undone."))


async def delete(command: Command) -> None:
    """Delete a job that is over. The rows that it made stay."""
    row = await job_of(command)
    if row["state"] in JOB_ACTIVE:
        raise BadCommand(f"“{row['title']:.80}” is {row['state']}. Cancel it first.")
    await command.order(verb="delete", table="job", id=row["id"], where={"state": row["state"]})


async def show_log(command: Command) -> None:
    """Show the end of a job's log in this tab."""
    row = await job_of(command)
    lines = await asyncio.to_thread(last_lines, command.hub.process_settings.jobs / str(row["id"]))
    command.tab.push(Frame(draw_dialog(log_dialog(row, lines))))


async def ask(
    command: Command,
    order: JobRun | JobCancel,
    step: str = "",
    *,
    id: str = "",  # noqa: A002 (the header's)
) -> None:
    """Send an order to the process of jobs; raise its refusal, or `NoAnswer`.

    `step`: as in `Command.id`. `id`: of the order, if it is not that of this click.
    """
    key = order.app if isinstance(order, JobRun) else ""
    heard = await command.hub.bus.ask(order, key, id=id or command.id(step), seconds=ANSWER_SECONDS)
    answered: JobAnswered = heard.message
    if not answered.ok:
        raise Refused.by(answered.error)


async def job_of(command: Command) -> Row:
    """Return the job that a command names."""
    return await job_with(command, command.number("job"))


async def job_with(command: Command, number: int) -> Row:
    """Return a job; raise `BadCommand` if it is gone."""
    if rows := await every_row(command.hub.bus, "job", {"id": number}):
        return rows[0]
    raise BadCommand(f"There is no job {number} (any more). Rows that it made can be undone in the journal.")


async def changes_of(command: Command, row: Row) -> list[Row]:
    """Return the changes of the rows that a job made."""
    return await every_row(command.hub.bus, "change", {"id": row["changes"]}) if row["changes"] else []

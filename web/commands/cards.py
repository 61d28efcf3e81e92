"""The cards of what the assistant did: undo one, an answer, or everything since a moment. And its notes: edit one."""

from fastcore.xml import FT

from apps.tables import Row
from apps.types.unix_time import SECONDS, date_and_time
from web.commands import undo
from web.commands.chat import get_message
from web.commands.command import BadCommand, Command
from web.commands.jobs.undo import is_cancelled, undo_job
from web.html.chat.notes import note_dialog
from web.html.parts.dialogs import dialog, draw_dialog
from web.html.parts.elements import Button, Footer, Li, P, Ul, commands
from web.live.outbox import Frame
from web.why.reasons import change_of, sentences_of
from web.why.standing import active_jobs_of, active_jobs_since, standing_of, standing_since

NAMED = 5
"""Changes, and jobs, that are listed in the question before a large undo."""
NOTHING_SINCE = "Nothing that the assistant did since then still stands."


# --- undo ---


async def undo_card(command: Command) -> None:
    """Undo the changes of a card, all or none; of a job that was started, the job and the rows that it made."""
    row = await get_message(command)
    changes = (row["detail"] or {}).get("changes") or []
    if row["state"] == "applied" and (job := (row["detail"] or {}).get("job")):
        await undo_job(command, job)
        return
    if row["state"] != "applied" or not changes:
        raise BadCommand("There is nothing (left) of this card that could be undone.")
    if len(changes) > 1:
        await command.order(verb="undo", table="", values={"changes": changes})
    else:
        await undo.undo_one(command, changes[0])


async def undo_answer(command: Command) -> None:
    """Undo all changes that an answer made, all or none, and cancel the jobs that it started."""
    answer = await get_message(command)
    active = await active_jobs_of(command.hub.reader, answer)
    for job in active:
        await is_cancelled(command, job, f"job-{job}")
    done = await standing_of(command.hub.reader, answer)
    if active and not done:
        return
    if not done:
        raise BadCommand("There is nothing (left) of this answer that could be undone.")
    await undo.undo_changes(command, done)


async def ask_undo_since(command: Command) -> None:
    """Show how much the assistant did since a change, and ask whether to undo all of it."""
    since = (await change_of(command.hub, command.number("change")))["at"]
    reader = command.hub.reader
    done, jobs = await standing_since(reader, since), await active_jobs_since(reader, since)
    if not done and not jobs:
        raise BadCommand(NOTHING_SINCE)
    named = await sentences_of(command.hub, done[: -NAMED - 1 : -1])
    command.tab.push(Frame(draw_dialog(since_question(since, done, named, jobs))))


def since_question(since: float, done: list[Row], named: list[str], jobs: list[Row]) -> FT:
    """Return the dialog that asks before the undo. `named`: the newest changes, in words; `jobs`: that would end."""
    moment = date_and_time(since, SECONDS)
    many = f"{len(done):,} changes" if len(done) > 1 else "1 change"
    several = len(done) + len(jobs) > 1
    changes = (
        P(f"Since {moment} the assistant made {many} that still stand{'' if len(done) > 1 else 's'}. The newest:"),
        Ul(*(Li(one) for one in named), cls="bullets"),
        P(f"… and {len(done) - NAMED:,} more.", cls="note") if len(done) > NAMED else None,
        P("All of them are undone, or none. What you did yourself stays.", cls="note"),
    )
    return dialog(
        "undo-since",
        "Undo what the assistant did?",
        *(changes if done else ()),
        *(_ending_jobs("It also started:" if done else f"Since {moment} the assistant started:", jobs) if jobs else ()),
        Footer(
            Button(
                f"Undo {'all of them' if several else 'it'}",
                type="button",
                id="undo-since-all",
                cls="danger",
                **commands("undo-since", since=since),
            ),
            Button("Leave it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )


def _ending_jobs(words: str, jobs: list[Row]) -> tuple[FT | None, ...]:
    """Return what is said of jobs that have not ended. `words`: stand before them."""
    named = (Li(f"“{job['title']:.80}” is {job['state']}: it is cancelled.") for job in jobs[:NAMED])
    return (
        P(words),
        Ul(*named, cls="bullets"),
        P(f"… and {len(jobs) - NAMED:,} more.", cls="note") if len(jobs) > NAMED else None,
        P("What a job wrote outside of Pianola, and its files, stay.", cls="note"),
    )


async def undo_since(command: Command) -> None:
    """Cancel all jobs that the assistant started since a moment, and undo everything that it did, all or none."""
    try:
        since = float(command.text("since"))
    except ValueError:
        raise BadCommand(f"`since` is {command.values['since']!r:.60}. Expected Unix seconds.") from None
    if not since >= 0:
        raise BadCommand(f"`since` is {since}. Expected Unix seconds.")
    reader = command.hub.reader
    jobs = await active_jobs_since(reader, since)
    for job in jobs:
        await is_cancelled(command, job["id"], f"job-{job['id']}")
    if done := await standing_since(reader, since):  # read after it: a job may have ended by itself meanwhile
        await undo.undo_changes(command, done)
    elif not jobs:
        raise BadCommand(NOTHING_SINCE)


# --- notes ---


async def ask_note(command: Command) -> None:
    """Show the form that edits a note."""
    command.tab.push(Frame(draw_dialog(note_dialog(await get_note(command)))))


async def write_note(command: Command) -> None:
    """Replace the text of a note, unless it has changed since the form was shown."""
    row = await get_note(command)
    where = {"purpose": "note", "text": command.text("before")}
    values = {"text": command.text("text").replace("\r\n", "\n")}
    await command.order(verb="update", table="message", id=row["id"], values=values, where=where)


async def get_note(command: Command) -> Row:
    """Return the note that a command is about."""
    row = await get_message(command)
    if row["purpose"] != "note" or row["state"] == "streaming":
        raise BadCommand("Only a summary that is finished can be edited.")
    return row

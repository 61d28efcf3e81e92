"""The keys that jobs need: set one, change it, remove it.

What a command carries may be a key. It goes into its file (`web/server_files.py`) and nowhere else: not into a message
of the bus, a log, a sentence or the page.
"""

from apps.work.declared import Job
from bus.errors import PianolaError
from web.commands.command import BadCommand, Command
from web.commands.jobs.jobs import declared
from web.commands.models.servers import field_of, files_of, key_problems
from web.html.jobs.keys import DIALOG, draw_key_problems, job_key_dialog
from web.html.parts.dialogs import draw_dialog, draw_end
from web.live.outbox import Frame


async def ask_key(command: Command) -> None:
    """Show the dialog in which a key of a job is set."""
    job, key = key_of(command)
    is_set = key in files_of(command).known.keys
    command.tab.push(Frame(draw_dialog(job_key_dialog(command.text("app"), job, key, is_set=is_set))))


async def set_key(command: Command) -> None:
    """Set, change or remove a key of a job."""
    _, key = key_of(command)
    secret = field_of(command, "secret")
    problems = key_problems(command, secret)
    if not problems:
        try:
            files_of(command).set_key(key, secret.strip())
        except PianolaError as bad:
            problems = {"": str(bad)}
    command.tab.push(Frame(draw_key_problems(problems)))
    if not problems:
        command.tab.push(Frame(draw_end(DIALOG)))
        for tab in command.hub.tabs:
            if tab.app == command.text("app"):
                tab.refresh("app")


def key_of(command: Command) -> tuple[Job, str]:
    """Return the job and the name of the key that a command is about; no other key can be set with it."""
    job, key = declared(command), command.text("key")
    if key not in job.keys:
        raise BadCommand(f"“{job.label}” needs no key {key!r:.60} (any more). Reload the page.")
    return job, key

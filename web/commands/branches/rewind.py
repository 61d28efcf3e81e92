"""Rewind: undo all that was done in the apps since a message, whoever did it, as one change that can be undone."""

from collections import Counter

from fastcore.xml import FT

from apps.core import CORE, PROFILE
from apps.tables import Row
from bus.limits import MAX_CHANGED_ROWS
from web.commands import undo
from web.commands.chat import get_message
from web.commands.command import BadCommand, Command
from web.html.parts.dialogs import dialog, draw_dialog
from web.html.parts.elements import Button, Footer, Li, P, Ul, commands
from web.live.outbox import Frame
from web.why.reasons import sentences_of
from web.why.standing import without_undone

NAME = "rewind"
NAMED = 8
"""Changes that the question names, the newest."""
TOO_OLD = "The history does not go back to this message any more, so it is not known how the apps were then."
NOTHING = "There is nothing to take back: no change of an app since this message is in effect."


async def ask_rewind(command: Command) -> None:
    """Show what would be undone in all apps, and ask."""
    row = await get_message(command)
    made = await command.hub.reader.read("change", 1, {"subject": "message", "row": row["id"], "verb": "insert"}, "id")
    if not made.rows:
        raise BadCommand(TOO_OLD)
    begin = made.rows[0]["id"]
    done = await changes_between(command, begin)
    if not done:
        raise BadCommand(NOTHING)
    named = await sentences_of(command.hub, done[: -NAMED - 1 : -1])
    apps = Counter(app.title for one in done if (app := command.hub.registry.app_of(one["subject"])))
    command.tab.push(Frame(draw_dialog(question(begin, done, apps, named))))


async def rewind(command: Command) -> None:
    """Undo what was listed, all or none."""
    done = await changes_between(command, command.number("begin"), command.number("end"))
    if not done:
        raise BadCommand(NOTHING)
    await undo.undo_changes(command, done)


async def changes_between(command: Command, begin: int, end: int = 0) -> list[Row]:
    """Return the changes of rows of apps from one revision to another that still stand, the oldest first.

    `end`: 0 for the newest revision.
    """
    hub = command.hub
    tables = [one.name for one in hub.registry.tables.values() if one not in CORE or one is PROFILE]
    where = {"subject": tables, "id": {"from": begin} | ({"to": end} if end else {})}
    found = await hub.reader.read("change", MAX_CHANGED_ROWS, where, "id")
    if found.more:
        most = f"At most {MAX_CHANGED_ROWS:,} are undone at once"
        raise BadCommand(f"{found.total:,} changes were made since this message. {most}: rewind to a later one.")
    return without_undone(found.rows)


def question(begin: int, done: list[Row], apps: Counter[str], named: list[str]) -> FT:
    """Return the dialog that asks before the rewind. `apps`: titles, with changes in each; `named`: the newest ones."""
    many = f"{len(done):,} changes, yours and the assistant’s" if len(done) > 1 else "1 change"
    places = ", ".join(f"{app} {count:,}" for app, count in apps.most_common())
    return dialog(
        NAME,
        "Rewind the apps to before this message?",
        P(f"This undoes {many}: {places}. The newest:"),
        Ul(*(Li(one) for one in named), cls="bullets"),
        P(f"… and {len(done) - NAMED:,} more.", cls="note") if len(done) > NAMED else None,
        P("All of them are undone in one step, or none. The talk stays. The journal can undo the step.", cls="note"),
        Footer(
            Button(
                "Rewind",
                type="button",
                id="rewind-all",
                cls="danger",
                **commands("rewind", begin=begin, end=done[-1]["id"]),
            ),
            Button("Leave it", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )

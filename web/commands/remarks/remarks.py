"""Remarks: show the earlier ones, dismiss one, take one into the talk, want no more of them."""

import time

from apps.tables import Row
from apps.talk.remarks import is_remark
from apps.talk.silence import SILENCE, Silence, end_of_day, silence_in
from bus.errors import Refused
from bus.messages import LlmCancel, StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.live.outbox import Frame
from web.live.streams import generation_of

GONE = "The remark is not there any more. Choose Cancel above the message, and send it by itself."


async def show_earlier(command: Command) -> None:
    """Show the last remarks on the app, not only the newest."""
    strip = command.tab.strip
    if not strip.whole:
        strip.whole = True
        command.tab.refresh("remarks")


async def dismiss(command: Command) -> None:
    """Delete a remark; end it if it is being written."""
    number = command.number("message")
    row = await _remark(command, number)
    if row is None:
        return  # another tab did so before
    if row["state"] == "streaming":
        command.hub.bus.say(LlmCancel(generation=generation_of(row)), row["conversation"])
    await command.order(verb="delete", table="message", id=number)


async def answered(command: Command) -> Row | None:
    """Return the remark that a message answers; None if it answers none."""
    if not command.values.get("remark"):
        return None
    row = await _remark(command, command.number("remark"))
    if row is None:
        raise BadCommand(GONE)
    if row["state"] == "streaming":
        raise BadCommand("The remark is still being written. Send the message when it is complete.")
    return row


async def _remark(command: Command, number: int) -> Row | None:
    """Return a remark that is in no conversation; None if there is none with this id."""
    try:
        answer = await ask_store(command.hub.bus, StoreOrder(verb="get", table="message", id=number))
    except Refused as refused:
        if refused.code != "not_found":
            raise
        return None
    return answer.rows[0] if is_remark(answer.rows[0]) else None


# --- no more of them ---


async def silence(command: Command) -> None:
    """Want no more remarks: about an app, today, or for good (the mode quiet)."""
    scope, wish = command.text("scope"), silence_in(command.hub.shared.settings)
    if scope == "app":
        app = _app(command)
        await _set(command, wish.with_app(app))
        _say(command, f"No more remarks about {command.hub.apps.title(app)}. The menu Settings allows them again.")
    elif scope == "today":
        await _set(command, Silence(wish.apps, end_of_day(time.time())))
        _say(command, "No more remarks today. The menu Settings allows them again.")
    elif scope == "good":
        await command.set("mode", "quiet")
        _say(command, "No more remarks: the mode is Quiet now. Choose another one in the bar to have them again.")
    else:
        raise BadCommand(f"{scope!r:.60} is not possible here. Expected app, today or good.")


async def lift(command: Command) -> None:
    """Allow remarks again."""
    scope, wish = command.text("scope"), silence_in(command.hub.shared.settings)
    if scope == "app":
        await _set(command, wish.without_app(command.text("app")))
    elif scope == "today":
        await _set(command, Silence(wish.apps))
    else:
        raise BadCommand(f"{scope!r:.60} is not possible here. Expected app or today.")


def _app(command: Command) -> str:
    app = command.text("app")
    if app not in command.hub.apps:
        raise BadCommand(f"There is no app {app!r:.60}. There are: {', '.join(command.hub.apps.problems)}.")
    return app


async def _set(command: Command, wish: Silence) -> None:
    await command.set(SILENCE, wish.as_value())


def _say(command: Command, sentence: str) -> None:
    command.tab.push(Frame(f"?\n{sentence}"))

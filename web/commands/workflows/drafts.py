"""Let the model draft the text of a step: a question whose answer the agent puts into the run.

Question and answer stand in a conversation of the run's own, so that the talk in view goes on undisturbed.
"""

from apps.core import CONVERSATION, MESSAGE
from apps.tables import Row
from apps.work.runs import asked_for
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.chat import use_app_of_tab
from web.commands.command import BadCommand, Command
from web.commands.workflows.current import change, newest_change, open_step


async def draft(command: Command) -> None:
    """Ask the model for a draft of the current step's text."""
    state = await newest_change(command)
    now, step = await open_step(command)
    run = now.run
    if not step.prompt:
        raise BadCommand(f"The model drafts nothing in the step “{step.title}”.")
    if await is_asked(command, run):
        raise BadCommand("The model is asked for this draft already. Wait for it, or stop it.")
    text = asked_for(now.workflow, run, step)
    MESSAGE.all_fields["text"].checked(text)
    await use_app_of_tab(command)
    talk = await talk_of(command, run, state)
    drafts = {"run": run["id"], "step": step.id, "turn": run["turn"]}
    detail = {"drafts": drafts, "reader": command.tab.reader.as_values}
    values = {"conversation": talk, "role": "user", "text": text, "detail": detail}
    order = StoreOrder(verb="insert", table="message", values=values)
    # the same id for the same state of the run: two tabs that ask at once ask one question
    asked = await ask_store(command.hub.bus, order, id=f"workflow-draft-{run['id']}-{state}")
    command.hub.catch_up.expect(asked.revision)
    await change(command, run, {"asked": asked.rows[0]["id"], "conversation": talk}, "asked")


async def talk_of(command: Command, run: Row, state: int) -> int:
    """Return the conversation of a run; make it if there is none, or it was deleted. `state`: as `newest_change`."""
    bus = command.hub.bus
    if run["conversation"]:
        there = StoreOrder(verb="list", table=CONVERSATION.name, where={"id": run["conversation"]}, limit=1)
        if (await ask_store(bus, there)).rows:
            return int(run["conversation"])
    values = {"title": run["title"][: CONVERSATION.all_fields["title"].limit], "run": run["id"]}
    order = StoreOrder(verb="insert", table=CONVERSATION.name, values=values)
    return int((await ask_store(bus, order, id=f"workflow-talk-{run['id']}-{state}")).rows[0]["id"])


async def is_asked(command: Command, run: Row) -> bool:
    """Return whether the model is still asked for the draft of this run."""
    if not run["asked"]:
        return False
    where = {"reply_to": run["asked"], "purpose": "chat"}
    rows = (await ask_store(command.hub.bus, StoreOrder(verb="list", table="message", where=where, limit=1))).rows
    return not rows or rows[0]["state"] == "streaming"

"""Let the model draft the text of a step: a question in the chat, whose answer the agent puts into the run."""

from apps.core import MESSAGE
from apps.tables import Row
from apps.work.runs import asked_for
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.chat import conversation_for, use_app_of_tab
from web.commands.command import BadCommand, Command
from web.commands.workflows.current import change, open_step


async def draft(command: Command) -> None:
    """Ask the model for a draft of the current step's text, in the conversation in view."""
    now, step = await open_step(command)
    run = now.run
    if not step.prompt:
        raise BadCommand(f"The model drafts nothing in the step “{step.title}”.")
    if await is_asked(command, run):
        raise BadCommand("The model is asked for this draft already. Wait for it, or stop it in the chat.")
    text = asked_for(now.workflow, run, step)
    MESSAGE.all_fields["text"].checked(text)
    await use_app_of_tab(command)
    conversation = await conversation_for(command, f"{run['title']}: {step.title}")
    drafts = {"run": run["id"], "step": step.id, "turn": run["turn"]}
    values = {"conversation": conversation, "role": "user", "text": text, "detail": {"drafts": drafts}}
    order = StoreOrder(verb="insert", table="message", values=values)
    # the same id for the same state of the run: two tabs that ask at once ask one question
    asked = await ask_store(command.hub.bus, order, id=f"workflow-draft-{run['id']}-{run['turn']}-{run['asked']}")
    command.hub.catch_up.expect(asked.revision)
    await change(command, run, {"asked": asked.rows[0]["id"]}, "asked")


async def is_asked(command: Command, run: Row) -> bool:
    """Return whether the model is still asked for the draft of this run."""
    if not run["asked"]:
        return False
    where = {"reply_to": run["asked"], "purpose": "chat"}
    rows = (await ask_store(command.hub.bus, StoreOrder(verb="list", table="message", where=where, limit=1))).rows
    return not rows or rows[0]["state"] == "streaming"

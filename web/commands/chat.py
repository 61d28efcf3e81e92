"""The chat: say something, stop or retry an answer, agree to a proposal or decline it."""

from typing import Any

from apps.core import MESSAGE
from apps.tables import Row
from apps.talk.remarks import orders_to_take
from bus.errors import NoAnswer, Refused
from bus.messages import LlmCancel, LlmRecalled, StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.commands.remarks import remarks
from web.commands.talks import waiting
from web.html.chat.lines import line_keys, question_about
from web.live.streams import generation_of
from web.live.tab import ChatWindow
from web.state.filters import TALK, talk_of

TITLE_CHARACTERS = 60
DECIDED = "This was decided meanwhile, perhaps in another tab. Look at the card again."
STOP_SECONDS = 0.4
"""How long the worker may take to answer; after that the page is free, whatever the worker does."""


async def say(command: Command) -> None:
    """Add the user's message, or let it wait for the answer that is coming; begin a conversation if none is in view."""
    text = command.text("text")
    if not text.strip():
        raise BadCommand("The message is empty. Write something first.")
    MESSAGE.all_fields["text"].checked(text)
    talk, remark = await talk_in(command), await remarks.answered(command)
    await use_app_of_tab(command)
    conversation = talk or await conversation_for(command, text)
    about = detail_of(command)
    if talk and await waiting.has_to_wait(command, talk):
        await waiting.put(command, talk, text, about | ({"remark": remark["id"]} if remark else {}))
        return
    values = {"conversation": conversation, "role": "user", "text": text, "detail": about}
    if remark is None:
        await command.order(verb="insert", table="message", values=values)
    else:
        orders = [
            *orders_to_take(remark, conversation),
            {"verb": "insert", "table": "message", "values": values},
        ]
        await command.order(verb="batch", table="message", values={"orders": orders})


async def talk_in(command: Command) -> int:
    """Return the conversation that the page showed when the command was sent; 0 for a new one.

    It may show another one by now, if the command waited until there was a connection.
    """
    shown = command.tab.chat.conversation
    sent = talk_of(str(command.values.get(TALK, ""))) or shown
    if sent != shown:
        await ask_store(command.hub.bus, StoreOrder(verb="get", table="conversation", id=sent))
    return sent


def detail_of(command: Command) -> Row:
    """Return what a message keeps beside its text: who reads the page, and which proposal it changes, if it does.

    A proposal that is changed is then declined.
    """
    amends = {"amends": command.number("amends")} if command.values.get("amends") else {}
    return {"reader": command.tab.reader.as_values, **amends}


async def use_app_of_tab(command: Command) -> None:
    """Let the assistant act in the app of this tab, also if another tab opened another app since."""
    hub, app = command.hub, command.tab.app
    if app != hub.shared.app and app in hub.apps.tables:
        await command.set("app", app)


async def conversation_for(command: Command, text: str) -> int:
    """Return the conversation of the tab; begin one if it shows none. Of two quick messages only the first does."""
    async with command.tab.beginning:
        return command.tab.chat.conversation or await begin(command, text)


async def begin(command: Command, text: str) -> int:
    """Make a conversation, with the first words as its title, and show it; return its id."""
    title = " ".join(text.split())[:TITLE_CHARACTERS]
    rows = await command.order("conversation", verb="insert", table="conversation", values={"title": title})
    conversation: int = rows[0]["id"]
    command.tab.show_chat(ChatWindow(conversation))
    await command.set("conversation", conversation)
    return conversation


async def stop(command: Command) -> None:
    """Stop the generation of a message."""
    row = await get_message(command)
    if row["state"] != "streaming":
        return
    state = await cancel(command, row)
    if state in ("unknown", "lost"):
        await end(command, row)
    command.acted("stopped", message=row["id"], state=state)


async def cancel(command: Command, row: Row) -> str:
    """Cancel the generation of a message. Return the state in which the worker has it, see `LlmRecalled`.

    `unknown`: it waits for its turn, and the agent drops it then; or the worker does not answer.
    """
    order = LlmCancel(generation=generation_of(row))
    try:
        heard = await command.hub.bus.ask(order, row["conversation"], id=command.id(), seconds=STOP_SECONDS)
    except NoAnswer:
        return "unknown"
    recalled: LlmRecalled = heard.message
    return recalled.state


async def end(command: Command, row: Row) -> None:
    """Store that a message was stopped, with the text so far: nobody else will do so soon."""
    stream = command.hub.streams.of(row["conversation"]).get(row["id"])
    texts = {"text": stream.text, "thinking": stream.transcript.thinking} if stream else {}
    values = {"state": "stopped", "generation": generation_of(row), **texts}
    unchanged = {"state": "streaming", "attempt": row["attempt"]}
    try:
        await command.order("end", verb="update", table="message", id=row["id"], values=values, where=unchanged)
    except Refused as refused:
        if refused.code != "conflict":  # else it has ended by itself meanwhile
            raise


async def retry(command: Command) -> None:
    """Generate an answer again."""
    await start_attempt(command, text="", thinking="")


async def resume(command: Command) -> None:
    """Continue an answer that was cut off."""
    await start_attempt(command)


async def start_attempt(command: Command, **values: Any) -> None:
    """Have the agent generate again; the new attempt begins with the text that the row then has."""
    row = await get_message(command)
    if row["role"] != "assistant" or row["state"] == "streaming":
        raise BadCommand("Only an answer that has ended can be tried again.")
    values = {"state": "streaming", "attempt": row["attempt"] + 1, "problem": "", **values}
    unchanged = {"state": row["state"], "attempt": row["attempt"]}
    await command.order(verb="update", table="message", id=row["id"], values=values, where=unchanged)


async def agree(command: Command) -> None:
    """Let the assistant do what it proposed."""
    await decide(command, "agreed")


async def decline(command: Command) -> None:
    """Drop what the assistant proposed."""
    await decide(command, "declined")


async def decide(command: Command, state: str) -> None:
    """Decide a proposal that is still open: all of it, or one of its lines."""
    if line := str(command.values.get("line", "")):
        await decide_line(command, line, state)
    else:
        await decide_whole(command, state)


async def decide_whole(command: Command, state: str) -> None:
    """Decide all of a proposal."""
    number = command.number("message")
    await command.order(verb="update", table="message", id=number, values={"state": state}, where={"state": "proposed"})


async def decide_line(command: Command, line: str, state: str) -> None:
    """Decide one line of a proposal: it becomes a card of its own, and the others stay proposed."""
    row = await get_message(command)
    detail = row["detail"] or {}
    lines = line_keys(detail) if row["state"] == "proposed" else []
    if line not in lines:
        raise BadCommand(DECIDED)
    if len(lines) == 1:
        await decide_whole(command, state)
        return
    at, tables = lines.index(line), command.hub.registry.tables
    others = [place for place in range(len(lines)) if place != at]
    own, rest = part_of(detail, [at]), part_of(detail, others)
    kept = {name: row[name] for name in ("conversation", "role", "reply_to", "generation")}
    decided = {**kept, "state": state, "text": question_about(own["would"], tables), "detail": own}
    left = {"text": question_about(rest["would"], tables), "detail": rest}
    same = {"state": "proposed", "text": row["text"]}
    orders = [
        {"verb": "update", "table": "message", "id": row["id"], "values": left, "where": same},
        {"verb": "insert", "table": "message", "values": decided},
    ]
    try:
        await command.order(verb="batch", table="message", values={"orders": orders})
    except Refused as refused:
        raise BadCommand(DECIDED) if refused.code == "conflict" else refused from None


def part_of(detail: Row, places: list[int]) -> Row:
    """Return the `detail` of a proposal of some of the lines only."""
    instructions, would = ([detail[name][place] for place in places] for name in ("instructions", "would"))
    return {**detail, "instructions": instructions, "would": would, "instruction": instructions[0]}


async def get_message(command: Command) -> Row:
    """Return the message that a command is about."""
    order = StoreOrder(verb="get", table="message", id=command.number("message"))
    answer = await ask_store(command.hub.bus, order)
    return answer.rows[0]

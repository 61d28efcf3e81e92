"""The built-in player: no model, a table of rules that answers and plays simple orders, and says that it is no model.

So that everything can be seen working in the first minute, before there is an Ollama.
"""

import asyncio
import json
import re
import zlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from bus.messages import LlmGenerate, Values
from llm_worker.pieces import Piece

TOKENS_PER_SECOND = 30.0
FIRST_DELAY_SECONDS = 0.12
LONGEST_QUOTE = 60
LONGEST_ORDER = 500
"""Characters; whoever writes more does not mean one of our rules."""

WHAT_IT_IS = (
    "I am the rehearsal player: not a model, just a few rules that keep the bench warm. "
    "For a real one, install Ollama and run `ollama pull qwen3:4b`: I make room within seconds, without a restart."
)
WHAT_IT_CAN = "Until then I understand “add milk”, “tick milk”, “rename milk to oat milk” and “delete milk”."


async def rehearse(order: LlmGenerate) -> AsyncGenerator[Piece, None]:
    """Yield the answer word by word, as a model would."""
    await asyncio.sleep(FIRST_DELAY_SECONDS)
    words = re.findall(r"\s*\S+", answer(order))
    for word in words:
        yield Piece(text=word)
        await asyncio.sleep(1 / TOKENS_PER_SECOND)
    yield Piece(end="stop", tokens=len(words))


def answer(order: LlmGenerate) -> str:
    """Return the whole answer, or what is left of it when the prompt ends with its beginning (continue)."""
    said = last_said(order.messages)
    comments = order.purpose == "comment"
    whole = remark(said) if comments else reply(" ".join(said.split()), visible_rows(order.messages))
    return whole.removeprefix(begun(order.messages))


# --- what was said, and what is to be seen ---


@dataclass(frozen=True, slots=True)
class Row:
    """A row that the prompt shows."""

    id: int
    title: str


def last_said(messages: list[Values]) -> str:
    """Return the last paragraph that came from the user: sayings that follow each other come as one message."""
    said = [str(message.get("content", "")) for message in messages if message.get("role") == "user"]
    return said[-1].strip().rpartition("\n\n")[2] if said else ""


def begun(messages: list[Values]) -> str:
    """Return the beginning of the answer, with which the prompt may end."""
    last = messages[-1] if messages else {}
    return str(last.get("content", "")) if last.get("role") == "assistant" else ""


def visible_rows(messages: list[Values]) -> list[Row]:
    """Return the rows that stand in the system prompt, in lines like `id 3: title (done: no)`."""
    prompt = "\n".join(str(message.get("content", "")) for message in messages if message.get("role") == "system")
    found = re.findall(r"^\W*id (\d{1,15}): (.+?)(?: \(\w+: [^()]*\))?$", prompt, re.MULTILINE)
    return [Row(int(id), title.strip()) for id, title in found]  # noqa: A001


def find(rows: list[Row], title: str) -> Row | None:
    """Return the row that is meant: the one of that title, else the first that contains it."""
    wanted = title.casefold()
    same = (row for row in rows if row.title.casefold() == wanted)
    similar = (row for row in rows if wanted in row.title.casefold())
    return next(same, None) or next(similar, None)


def quoted(text: str) -> str:
    """Return a text as it may stand in an answer: letters, digits and plain punctuation, not too long."""
    kept = "".join(character if character.isalnum() or character in " .,:;!?'-" else " " for character in text)
    kept = " ".join(kept.split())
    return f"“{kept[:LONGEST_QUOTE].rstrip()}{'…' if len(kept) > LONGEST_QUOTE else ''}”"


# --- orders ---


def play(sentence: str, instruction: Values) -> str:
    """Return one sentence and the instruction that the agent carries out."""
    written = json.dumps(instruction, ensure_ascii=False).replace("<", "\\u003c").replace("`", "\\u0060")
    return f"{sentence}\n\n```json\n{written}\n```"


def add(found: re.Match[str], _rows: list[Row]) -> str:
    """Play an insert."""
    title = found["title"]
    instruction = {"operation": "insert", "table": "todo", "values": {"title": title}}
    return play(f"On the list it goes: {quoted(title)}.", instruction)


def change(sentence: str, instruction: Values) -> Callable[[re.Match[str], list[Row]], str]:
    """Return the rule that plays an instruction on the row that was named; the text after "to" is its new title."""

    def rule(found: re.Match[str], rows: list[Row]) -> str:
        row = find(rows, found["title"])
        if row is None:
            return f"I cannot see {quoted(found['title'])} on the list, so I leave it alone."
        values = {"title": found["new"]} if "new" in found.groupdict() else instruction.get("values", {})
        complete = {**instruction, "id": row.id} | ({"values": values} if values else {})
        return play(sentence.format(title=quoted(row.title)), complete)

    return rule


TICK: Values = {"operation": "update", "table": "todo", "values": {"done": True}}
UNTICK: Values = {"operation": "update", "table": "todo", "values": {"done": False}}
RENAME: Values = {"operation": "update", "table": "todo"}
DELETE: Values = {"operation": "delete", "table": "todo"}


def tell(text: str) -> Callable[[re.Match[str], list[Row]], str]:
    """Return the rule that always says the same."""
    return lambda _found, _rows: text


def recite(_found: re.Match[str], rows: list[Row]) -> str:
    """Say what is on the list."""
    if not rows:
        return "I see an empty list. Enjoy it while it lasts."
    return f"I see {len(rows)} on the list: {', '.join(quoted(row.title) for row in rows[:10])}."


TITLE = r"(?P<title>[^“”\"]{1,500}?)"
LIST = r"(?: (?:to|on|from|off|in) (?:the|my) (?:list|todos?|todo list))?"
AS_DONE = r"(?: (?:as )?(?:done|off|finished))?"
END = r"[.!?\s]*$"

RULES = [
    (rf"(?:add|put|note|remember|write down|remind me to) [“\"]?{TITLE}[”\"]?{LIST}{END}", add),
    (rf"(?:untick|uncheck|reopen) [“\"]?{TITLE}[”\"]?{LIST}{END}", change("Open again: {title}.", UNTICK)),
    (
        rf"(?:tick|check|complete|finish|mark)(?: off)? [“\"]?{TITLE}[”\"]?{LIST}{AS_DONE}{END}",
        change("Ticked, with feeling: {title}.", TICK),
    ),
    (rf"(?:delete|remove|drop|erase) [“\"]?{TITLE}[”\"]?{LIST}{END}", change("Away with {title}.", DELETE)),
    (
        rf"(?:rename|change) [“\"]?{TITLE}[”\"]? (?:to|into) [“\"]?(?P<new>.{{1,500}}?)[”\"]?{END}",
        change("A new name for {title}.", RENAME),
    ),
    (r"(?:list|show|read|what(?:'s| is| do i have)).*\b(?:list|todos?|open)\b", recite),
    (r"(?:hello|hi|hey|good (?:morning|evening|day))\b", tell(f"Hello! {WHAT_IT_IS} {WHAT_IT_CAN}")),
    (r"(?:thanks|thank you)\b", tell("You are welcome. I only press the keys; the tune is yours.")),
    (r".*\b(?:who|what|are you|help|model|ollama|can you)\b", tell(f"{WHAT_IT_IS} {WHAT_IT_CAN}")),
]
"""What the user may say, after an optional "please", and what plays then. The first rule that fits is taken."""


def reply(said: str, rows: list[Row]) -> str:
    """Return the answer to what the user said."""
    for pattern, rule in RULES if len(said) <= LONGEST_ORDER else ():
        if found := re.match(rf"(?:please |can you |could you )?{pattern}", said, re.IGNORECASE):
            return rule(found, rows)
    if not said:
        return f"I heard nothing. {WHAT_IT_CAN}"
    return f"I heard {quoted(said)}, and no rule of mine knows what to say to that. {WHAT_IT_IS} {WHAT_IT_CAN}"


# --- remarks ---

REMARKS = [
    (
        r"\b(?:add|insert|new|wrote)",
        (
            "{thing}? The list grows; nobody asked the list.",
            "{thing}. Noted, in ink of air.",
            "{thing}: another one that thinks it is urgent.",
        ),
    ),
    (r"\b(?:untick|reopen)", ("{thing} is back. I never believed it was gone.",)),
    (
        r"\b(?:tick|done|complet|finish)",
        (
            "{thing}: done. A small drum roll.",
            "{thing} is off your hands. Play on.",
            "{thing}, ticked. That felt easy.",
        ),
    ),
    (r"\b(?:delet|remov)", ("{thing} is gone. We shall not speak of it.", "No more {thing}. The page breathes.")),
    (r"\bopen", ("A change of scene. I brought no sheet music.",)),
    (r"", ("I saw that.", "Duly noted, from the piano stool.", "Something happened, and I have no notes for it.")),
]
"""What happened, and what may be said about it; `{thing}` is what it happened to."""


def remark(told: str) -> str:
    """Return a short dry remark about what the first line tells. The same happening gets the same remark."""
    told = told.partition("\n")[0]
    named = re.search(r"[“\"']([^”\"']{1,200})[”\"']", told)
    thing = quoted(named[1]) if named else "That"
    choices = next(choices for pattern, choices in REMARKS if re.search(pattern, told[:1000], re.IGNORECASE))
    return choices[zlib.crc32(told.encode()) % len(choices)].format(thing=thing)

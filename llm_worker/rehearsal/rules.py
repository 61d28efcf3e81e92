"""The built-in player: a table of rules that answers and carries out simple orders. It says that it is not a model.

It shows everything working in the first minute, before Ollama is installed.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from bus.messages import LlmGenerate, Values
from bus.servers.tables import RECOMMENDED_MODEL
from llm_worker.rehearsal.clauses import clauses, quoted
from llm_worker.rehearsal.comments import comment
from llm_worker.rehearsal.drafts import draft, is_for_a_draft
from llm_worker.rehearsal.jobs import about_jobs
from llm_worker.rehearsal.open_app import OpenTable, about_app, open_table, system_of
from llm_worker.rehearsal.own_apps import about_own_app
from llm_worker.rehearsal.row_values import row_in
from llm_worker.rehearsal.views import SHOW, apps_in, opening
from llm_worker.stream.pieces import Counts, Piece

TOKENS_PER_SECOND = 30.0
FIRST_DELAY_SECONDS = 0.12
LONGEST_ORDER = 500
"""Characters. A longer text is not meant as one of these orders."""

WHAT_IT_IS = (
    "I am the rehearsal player: not a model, just a few fixed rules. "
    f"For a real one, install Ollama and run `ollama pull {RECOMMENDED_MODEL}`. It takes over within seconds, without "
    "a restart."
)
WHAT_IT_CAN = (
    "Until then I understand “add milk and eggs”, “tick milk”, “rename milk to oat milk”, “delete milk”, and several "
    "of these in one sentence."
)
NO_LIST = "This app has no list that I could change. Open another one, such as todo."
DIFFERENT = "that are different now"
"""The last words of a heading above rows that have changed since they were shown."""
NOTHING_DONE = "Nothing of it was done, because: "
"""The first words of the message that tells a player what is wrong with its instructions."""
WHAT_CAME = "What came of your instructions"
"""The first words of the message that tells a player the results of its instructions."""


async def rehearse(order: LlmGenerate) -> AsyncGenerator[Piece, None]:
    """Yield the answer word by word, as a model would."""
    await asyncio.sleep(FIRST_DELAY_SECONDS)
    words = re.findall(r"\s*\S+", answer(order))
    for word in words:
        yield Piece(text=word)
        await asyncio.sleep(1 / TOKENS_PER_SECOND)
    yield Piece(end="stop", counts=Counts(tokens=len(words)))


def answer(order: LlmGenerate) -> str:
    """Return the whole answer. When the prompt ends with its beginning (Continue), return only the rest."""
    said = last_said(order.messages)
    if order.purpose == "comment":
        whole = comment(said)
    elif order.purpose == "step":
        whole = go_on(last_message(order.messages))
    elif of_app := about_own_app(" ".join(said.split()), order.messages, play):
        whole = of_app
    elif is_for_a_draft(words := whole_said(order.messages)):
        whole = draft(words)
    else:
        said = " ".join(said.split())
        of_jobs = about_jobs(said, order.messages, play) if len(said) <= LONGEST_ORDER else ""
        whole = of_jobs or reply(said, seen_in(order.messages))
    return whole.removeprefix(begun(order.messages))


# --- what the prompt contains: the user's words and the visible rows ---


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is listed in the prompt."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the prompt shows: the rows, the table that orders are about (None: there is none), and the app in words."""

    rows: list[Row]
    table: OpenTable | None
    app: str
    apps: tuple[str, ...] = ()
    """Names of the apps that can be opened."""


def seen_in(messages: list[Values]) -> Seen:
    """Return what the prompt shows."""
    return Seen(visible_rows(messages), open_table(messages), about_app(messages), tuple(apps_in(system_of(messages))))


SAID = "# The user says\n"
"""The line before the user's words, when rows stand before them."""


def last_said(messages: list[Values]) -> str:
    """Return the last paragraph from the user: consecutive user messages arrive as one, in paragraphs."""
    said = [str(message.get("content", "")) for message in messages if message.get("role") == "user"]
    return said[-1].rpartition(SAID)[2].strip().rpartition("\n\n")[2] if said else ""


def whole_said(messages: list[Values]) -> str:
    """Return all paragraphs of what the user said last."""
    said = [str(message.get("content", "")) for message in messages if message.get("role") == "user"]
    return said[-1].rpartition(SAID)[2].strip() if said else ""


def last_message(messages: list[Values]) -> str:
    """Return the whole last message."""
    return str(messages[-1].get("content", "")) if messages else ""


def begun(messages: list[Values]) -> str:
    """Return the beginning of the answer, if the prompt ends with one; else ""."""
    last = messages[-1] if messages else {}
    return str(last.get("content", "")) if last.get("role") == "assistant" else ""


def visible_rows(messages: list[Values]) -> list[Row]:
    """Return the rows that the prompt has shown: a list of all of them, and then what was different later."""
    rows: dict[int, Row] = {}
    for message in messages:
        if message.get("role") == "user":
            for block in re.split(r"^(?=# Rows of )", str(message.get("content", "")), flags=re.MULTILINE)[1:]:
                head, _, lines = block.partition("\n")
                rows = rows if head.endswith(DIFFERENT) else {}
                rows |= {row.id: row for row in rows_in(lines)}
                gone = re.search(r"^gone: id ([\d, ]+)$", lines, re.MULTILINE)
                for number in gone[1].split(", ") if gone else ():
                    rows.pop(int(number), None)
    return list(rows.values())


def rows_in(text: str) -> list[Row]:
    """Return the rows in a text that has one row per line, like `id 3: "milk", done: no`."""
    found = re.findall(r'^id (\d{1,15}): ("(?:[^"\\]|\\.)*")', text.partition("\n# ")[0], re.MULTILINE)
    return [Row(int(id), json.loads(title, strict=False).strip()) for id, title in found]  # noqa: A001


def find(rows: list[Row], title: str) -> Row | None:
    """Return the row with this title, else the first whose title contains it."""
    wanted = title.casefold().removeprefix("the ")
    same = (row for row in rows if row.title.casefold() == wanted)
    similar = (row for row in rows if wanted in row.title.casefold())
    return next(same, None) or next(similar, None)


# --- orders ---


Rule = Callable[[re.Match[str], Seen], str]


def play(sentence: str, instruction: Values) -> str:
    """Return one sentence and an instruction, which the agent reads and carries out or proposes."""
    written = json.dumps(instruction, ensure_ascii=False).replace("<", "\\u003c").replace("`", "\\u0060")
    return f"{sentence}\n\n```json\n{written}\n```"


def add(found: re.Match[str], seen: Seen) -> str:
    """Return the answer that adds a row."""
    title, table = found["title"], seen.table
    if table is None or not table.title:
        return NO_LIST
    instruction = {"operation": "insert", "table": table.name, "values": {table.title: title}}
    return play(f"Adding {quoted(title)} to the list.", instruction)


def change(sentence: str, operation: str, *, ticked: bool | None = None) -> Rule:
    """Return a rule that changes the named row. The text after "to", if any, is its new title.

    `ticked`: what becomes of its box; None: nothing.
    """

    def rule(found: re.Match[str], seen: Seen) -> str:
        row, table = find(seen.rows, found["title"]), seen.table
        if row is None:
            return f"I cannot see {quoted(found['title'])} on the list, so I change nothing."
        if table is None or (ticked is not None and not table.tick):
            return NO_LIST if table is None else f"The rows of {table.name} have no box to tick."
        values: Values = {table.title: found["new"]} if "new" in found.groupdict() else {}
        values |= {} if ticked is None else {table.tick: ticked}
        instruction: Values = {"operation": operation, "table": table.name, "id": row.id}
        return play(sentence.format(title=quoted(row.title)), instruction | ({"values": values} if values else {}))

    return rule


def look(_found: re.Match[str], seen: Seen) -> str:
    """Return the answer that reads the rows that are not ticked."""
    if seen.table is None:
        return NO_LIST
    where = {"where": {seen.table.tick: False}} if seen.table.tick else {}
    return play("Let me look at the list.", {"operation": "list", "table": seen.table.name, **where})


def show(found: re.Match[str], seen: Seen) -> str:
    """Return the answer that shows the rows in another way."""
    return play(f"Here it is as a {found['view'].lower()}.", opening(found, list(seen.apps)))


def tell(text: str) -> Rule:
    """Return a rule that always says the same."""
    return lambda _found, _seen: text


def describe(_found: re.Match[str], seen: Seen) -> str:
    """Answer with what the prompt says of the open app."""
    return seen.app or WHAT_IT_IS


def recite(_found: re.Match[str], seen: Seen) -> str:
    """Answer with the titles on the list."""
    rows = seen.rows
    if not rows:
        return "I see an empty list. Enjoy it while it lasts."
    return f"I see {len(rows)} on the list: {', '.join(quoted(row.title) for row in rows[:10])}."


TITLE = r"(?P<title>[^“”\"]{1,500}?)"
LIST = r"(?: (?:to|on|from|off|in) (?:the|my) (?:list|todos?|todo list))?"
AS_DONE = r"(?: (?:as )?(?:done|off|finished))?"
END = r"[.!?\s]*$"

POLITE = r"(?:please |can you |could you |then |also )*"

# A new verb also belongs into `clauses.py`, where a sentence is split into orders.
ORDERS: list[tuple[str, Rule]] = [
    (rf"(?:add|put|note|remember|write down|remind me to) [“\"]?{TITLE}[”\"]?{LIST}{END}", add),
    (
        rf"(?:untick|uncheck|reopen) [“\"]?{TITLE}[”\"]?{LIST}{END}",
        change("Unticking {title}.", "update", ticked=False),
    ),
    (
        rf"(?:tick|check|complete|finish|mark)(?: off)? [“\"]?{TITLE}[”\"]?{LIST}{AS_DONE}{END}",
        change("Ticking {title}.", "update", ticked=True),
    ),
    (rf"(?:delete|remove|drop|erase) [“\"]?{TITLE}[”\"]?{LIST}{END}", change("Deleting {title}.", "delete")),
    (
        rf"(?:rename|change) [“\"]?{TITLE}[”\"]? (?:to|into) [“\"]?(?P<new>.{{1,500}}?)[”\"]?{END}",
        change("Renaming {title}.", "update"),
    ),
    (SHOW, show),
    (r"(?:list|show|read|what(?:'s| is| do i have)).*\b(?:list|todos?|open|left)\b", recite),
]
RULES: list[tuple[str, Rule]] = [
    *ORDERS,
    (r"(?:hello|hi|hey|good (?:morning|evening|day))\b", tell(f"Hello! {WHAT_IT_IS} {WHAT_IT_CAN}")),
    (r"what is this (?:page|app)\b", describe),
    (r"(?:thanks|thank you)\b", tell("You are welcome. I only press the keys. The tune is yours.")),
    (r".*\b(?:who|what|are you|help|model|ollama|can you)\b", tell(f"{WHAT_IT_IS} {WHAT_IT_CAN}")),
]
"""Pairs: a pattern for what the user says, after an optional "please", and the rule for it. The first match counts."""


def add_with_values(said: str, table: OpenTable | None) -> str:
    """Return the answer that adds a row with values for its fields: "add Fern, room: bath"; "" for another sentence."""
    found = row_in(said, table.fields, table.title) if table and table.title else None
    if table is None or found is None:
        return ""
    title, values = found
    instruction = {"operation": "insert", "table": table.name, "values": {table.title: title, **values}}
    return play(f"Adding {quoted(title)} to the list.", instruction)


def reply(said: str, seen: Seen) -> str:
    """Return the answer to what the user said. A sentence with several orders gets an answer to each."""
    if whole := add_with_values(said, seen.table) if len(said) <= LONGEST_ORDER else "":
        return whole
    orders = clauses(said, [row.title for row in seen.rows]) if len(said) <= LONGEST_ORDER else []
    rules = [matching(one) for one in orders]
    if len(orders) < 2 or not all(rules) or rules[0] is None or rules[0][1] is recite:
        return reply_to_one(said, seen)
    played = [(look if rule is recite else rule)(found, seen) for found, rule in filter(None, rules)]
    return "\n\n".join(played)


def matching(said: str) -> tuple[re.Match[str], Rule] | None:
    """Return the match and the rule for an order; None when it is not an order."""
    for pattern, rule in ORDERS:
        if found := re.match(rf"{POLITE}{pattern}", said, re.IGNORECASE):
            return found, rule
    return None


def go_on(told: str) -> str:
    """Return the answer to the results of an instruction that read rows, or to what is wrong with it."""
    if told.startswith(NOTHING_DONE):
        return f"That cannot be done. {told.removeprefix(NOTHING_DONE).splitlines()[0]}"
    if not told.startswith(WHAT_CAME):
        return "I have only a few rules, and none of them fits here."
    rows = rows_in(told)
    return f"Left: {', '.join(quoted(row.title) for row in rows[:20])}." if rows else "Nothing is left. Enjoy it."


def reply_to_one(said: str, seen: Seen) -> str:
    """Return the answer to a sentence taken as one order or one question."""
    for pattern, rule in RULES if len(said) <= LONGEST_ORDER else ():
        if found := re.match(rf"{POLITE}{pattern}", said, re.IGNORECASE):
            return rule(found, seen)
    if not said:
        return f"I heard nothing. {WHAT_IT_CAN}"
    return f"I heard {quoted(said)}, but I have no rule for that. {WHAT_IT_IS} {WHAT_IT_CAN}"

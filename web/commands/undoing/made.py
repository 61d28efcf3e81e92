"""What the orders of a command changed, in words: “Deleted “milk””. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.core import CONVERSATION, MACRO, MESSAGE, PERMISSION, PROFILE, SETTING
from apps.sentences import kind_of, shortened, title_of
from apps.tables import Row, Table
from web.state.words import count

LONGEST_TITLE = 60
"""Characters of a row's title in the words."""

DONE = {"insert": "Added", "update": "Changed", "toggle": "Changed", "delete": "Deleted", "sort": "Moved"}
NAMED_BY_KIND = (CONVERSATION.name, PROFILE.name, PERMISSION.name, MACRO.name)
"""Tables whose rows are called by what they are: “Deleted the conversation “Paris””."""
BESIDE = (MESSAGE.name, SETTING.name)
"""Tables that only follow what the user did to another one: a conversation is deleted with its messages."""

SETTINGS = {
    "mode": "how much the assistant says",
    "theme": "the colours",
    "model": "the model",
    "remark_model": "the model of remarks",
    "general_model": "the model of questions",
    "hand_over": "when a player hands a question over",
    "persona": "the persona",
    "ask": "when the assistant asks",
    "comments_per_minute": "the limit of remarks",
    "comment_tokens_per_hour": "the limit of remarks",
    "title_seconds": "when conversations get titles",
    "backup_days": "how long backups are kept",
    "history_days": "how long the history is kept",
    "jobs_at_once": "how many jobs run at once",
    "job_memory_mb": "how much memory a job has",
    "desktop_reminders": "reminders on the desktop",
}
"""What people call a setting."""


@dataclass(frozen=True, slots=True)
class Made:
    """An order of a command that was carried out, and what it changed."""

    id: str
    verb: str
    table: str
    values: Row = field(repr=False)
    rows: Sequence[Row] = field(repr=False)
    """As in the answer of the store: of a batch one row for each of its orders."""
    changes: int
    """How many rows it changed."""


def words_of(made: Sequence[Made], tables: Mapping[str, Table]) -> str:
    """Return in words what orders did, the last of them foremost. `made`: at least one, each with changes."""
    last = made[-1]
    changed = sum(one.changes for one in made)
    if last.verb == "undo":
        return f"Undid {count(changed, 'change')}"
    if last.verb == "batch":
        return _of_batch(last, changed, tables)
    if changed > 1 and last.table not in (*NAMED_BY_KIND, SETTING.name):
        return f"{DONE.get(last.verb, 'Changed')} {count(changed, 'row')}"
    return _of_row(last.verb, last.table, last.values, last.rows[0] if last.rows else {}, tables)


def _of_batch(batch: Made, changed: int, tables: Mapping[str, Table]) -> str:
    """Return the words for orders that were carried out together."""
    orders: list[Row] = batch.values["orders"]
    pairs = list(zip(orders, batch.rows, strict=False))
    for order, row in pairs:
        if order["verb"] == "delete" and order["table"] in NAMED_BY_KIND:
            return _of_row("delete", order["table"], {}, row, tables)
    mine = [(order, row) for order, row in pairs if order["table"] not in BESIDE]
    verbs = {order["verb"] for order, _ in mine}
    if verbs == {"undo"}:
        return f"Undid {count(changed, 'change')}"
    if len(mine) == 1 and changed <= 1 + len(pairs) - len(mine):
        order, row = mine[0]
        return _of_row(order["verb"], order["table"], order.get("values", {}), row, tables)
    return f"{DONE.get(verbs.pop(), 'Changed') if len(verbs) == 1 else 'Changed'} {count(changed, 'row')}"


def _of_row(verb: str, table: str, values: Row, row: Row, tables: Mapping[str, Table]) -> str:
    if table == SETTING.name:
        return f"Changed {SETTINGS.get(str(row.get('id')), 'a setting')}"
    title = shortened(title_of(row, tables.get(table)), LONGEST_TITLE)
    named = f"“{title}”" if title else kind_of({"subject": table}, tables.get(table))
    if table in NAMED_BY_KIND and title:
        named = f"{kind_of({'subject': table}, tables.get(table))} {named}"
    if verb == "toggle":
        return f"{'Ticked' if row.get(values.get('field', '')) else 'Unticked'} {named}"
    return f"{DONE.get(verb, 'Changed')} {named}"

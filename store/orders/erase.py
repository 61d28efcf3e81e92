"""Delete for good: remove every word of a row from all tables. That something was deleted stays, without words.

It runs in the transaction of the order. The words are then still in free parts of the SQLite file and in other files;
`store/cleaner.py` removes them there. docs/decisions/erasing.md says what is removed, and why so.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.core import CONVERSATION, CORE, JOB, MESSAGE, PROFILE, WAITING
from apps.tables import BadValue
from bus.messages import StoreOrder
from store.orders.redact import Copies, texts_of
from store.tables.history import RowRef
from store.tables.recorder import Recorder
from store.tables.rows import Rows
from store.tables.traces import Traces

QUOTED_CHARACTERS = 30
"""Of a long text, a remark repeats only the beginning."""
ERASABLE = (MESSAGE, WAITING, CONVERSATION, PROFILE, JOB)
"""Tables of the core whose rows can be deleted for good; of apps, all can."""


def erase(order: StoreOrder, tables: dict[str, Rows], recorder: Recorder, traces: Traces) -> None:
    """Delete a row for good, with what belongs to it. A row that was deleted before loses its history."""
    check(order, tables, traces)
    refs = Belongings(tables, traces).of((order.table, order.id))
    since = traces.since(refs)
    copies = Copies(tables, traces, recorder, refs)
    for ref in refs:
        rows = tables[ref[0]]
        row = rows.get(ref[1])
        if row is not None or ref == refs[0]:
            recorder.erase(rows, ref[1], row)
        traces.empty_history(ref)
    traces.forget_prompts(since)
    copies.redact(since)
    traces.forget_errors()
    for table in {table for table, _ in refs}:
        traces.forget_samples(table)
    traces.owe(recorder.changes[-1].revision, time.time())


def check(order: StoreOrder, tables: dict[str, Rows], traces: Traces) -> None:
    """Raise `BadValue` if the order cannot be carried out."""
    if order.actor != "user":
        raise BadValue("bad_value", f"Only the user deletes for good. The actor of this order is {order.actor!r}.")
    rows = tables.get(order.table)
    if rows is None:
        raise BadValue("unknown_table", f"There is no table {order.table!r:.60}. There are: {', '.join(tables)}.")
    if rows.table.read_only or (rows.table in CORE and rows.table not in ERASABLE):
        raise BadValue("bad_value", f"Rows of `{order.table}` cannot be deleted for good.")
    ref = (order.table, order.id)
    if not order.id or (rows.get(order.id) is None and not traces.revisions(ref)):
        raise BadValue("not_found", f"There is no {order.table} with id {order.id!r:.60}, and no history of one.")
    if rows.table == PROFILE and rows.get(order.id) is not None and rows.count({}) == 1:
        raise BadValue("bad_value", "This is the only profile, so it stays. Create another one first.")


def quoted_part(text: str) -> str:
    """Return the beginning of a text, as a remark repeats it."""
    return " ".join(text.split())[:QUOTED_CHARACTERS].strip()


@dataclass(frozen=True, slots=True)
class Belongings:
    """Finds what belongs to a row and goes with it, whether it still exists or only its history does."""

    tables: dict[str, Rows]
    traces: Traces
    found: dict[RowRef, None] = field(default_factory=dict)

    def of(self, ref: RowRef) -> list[RowRef]:
        """Return the row and what belongs to it, the row first."""
        self.found[ref] = None
        table, key = ref
        if table == CONVERSATION.name:
            versions = self._versions([int(key)])
            self._add(CONVERSATION.name, versions)
            self._add(MESSAGE.name, self._messages("conversation", [key, *versions]))
            self._add(WAITING.name, self._in_field(WAITING.name, "conversation", [key, *versions]))
        elif table == PROFILE.name:
            self._add_rows_of_profile(int(key))
        elif table == MESSAGE.name:
            self._add(MESSAGE.name, self._later_notes(int(key)))
        self._add_remarks()
        self._add_remarks_that_quote()
        self._add_remarks_in_talks()
        self._add_replies()
        self._add_waiting()
        return list(self.found)

    def _add(self, table: str, keys: Iterable[int | str]) -> None:
        self.found.update(dict.fromkeys((table, key) for key in keys))

    def _messages(self, field_name: str, values: list[int | str]) -> list[int]:
        return self._in_field(MESSAGE.name, field_name, values)

    def _in_field(self, table: str, field_name: str, values: list[int | str]) -> list[int]:
        """Return the ids of rows that have one of the values in a field, or had it when they were deleted."""
        rows = self.tables[table]
        present = [row["id"] for value in values for row in rows.each({field_name: value}, "id", -1)]
        deleted = (one for one in self.traces.once_in(table, field_name, values) if rows.get(one) is None)
        return sorted({*present, *deleted})

    def _versions(self, conversations: list[int]) -> list[int]:
        """Return the versions that branched from conversations, from these, and so on; also deleted ones."""
        found: list[int] = []
        rows, new = self.tables[CONVERSATION.name], conversations
        while new:
            present = [row["id"] for parent in new for row in rows.each({"parent": parent, "version": True}, "id", -1)]
            gone = [one for one in self.traces.once_in(CONVERSATION.name, "parent", new) if self._was_version(one)]
            new = sorted({*present, *gone} - {*found, *conversations})
            found += new
        return found

    def _was_version(self, conversation: int) -> bool:
        """Return whether a conversation that was deleted was a version."""
        if self.tables[CONVERSATION.name].get(conversation) is not None:
            return False
        return any(one.get("version") for one in self.traces.versions((CONVERSATION.name, conversation)))

    def _add_rows_of_profile(self, profile: int) -> None:
        for name, rows in self.tables.items():
            if rows.table.scoped:
                present = [row["id"] for row in rows.each({"profile": profile}, "id", -1)]
                gone = [key for key in self.traces.deleted_in_profile(name, profile) if rows.get(key) is None]
                self._add(name, sorted({*present, *gone}))

    def _later_notes(self, message: int) -> list[int]:
        """Return the summaries that may tell what the message says: of its conversation, and of branches from it."""
        rows = self.tables[MESSAGE.name]
        if (row := rows.get(message)) is None:
            return []
        notes = (
            note
            for conversation in self._branches_with(row["conversation"])
            for note in rows.each({"conversation": conversation, "purpose": "note"}, "id", -1)
        )
        return [note["id"] for note in notes if note["id"] > message]

    def _branches_with(self, conversation: int) -> list[int]:
        """Return a conversation, and all that branched from it."""
        found, new = [conversation], [conversation]
        while new:
            children = (
                row["id"] for parent in new for row in self.tables[CONVERSATION.name].each({"parent": parent}, "id", -1)
            )
            new = [one for one in dict.fromkeys(children) if one not in found]
            found += new
        return found

    def _add_remarks(self) -> None:
        """Add the assistant's remarks on changes of the rows."""
        orders = [f"remark-{revision}" for ref in self.found for revision in self.traces.revisions(ref)]
        self._add(MESSAGE.name, self.traces.made_by(orders))

    def _add_remarks_that_quote(self) -> None:
        """Add remarks that repeat a text of the rows: one remark may be about several changes, and names the last."""
        texts = {quoted_part(text) for ref in self.found for text in texts_of(self.tables, self.traces, ref)}
        rows = self.tables[MESSAGE.name]
        for row in rows.each({"purpose": "comment"}, "id", -1) if texts else ():
            said = f"{row['text']} {row['thinking']} {(row['detail'] or {}).get('happened', '')}"
            if any(text in said for text in texts):
                self._add(MESSAGE.name, [row["id"]])

    def _add_remarks_in_talks(self) -> None:
        """Add remarks that were taken into a talk, and the rows that they were before."""
        for pair in self.traces.remarks_in_talks():
            if any((MESSAGE.name, key) in self.found for key in pair):
                self._add(MESSAGE.name, pair)

    def _add_replies(self) -> None:
        """Add the answers to messages, the cards of these answers, and so on."""
        new = [key for table, key in self.found if table == MESSAGE.name]
        while new:
            replies = self._messages("reply_to", new)
            new = [key for key in replies if (MESSAGE.name, key) not in self.found]
            self._add(MESSAGE.name, new)

    def _add_waiting(self) -> None:
        """Add the rows in which messages waited for their turn: their history repeats the words."""
        pairs = self.traces.messages_that_waited()
        self._add(WAITING.name, [waited for key, waited in pairs if (MESSAGE.name, key) in self.found])

"""Remove what the chat copied of rows that are deleted for good: on cards, in the answers they belong to, in titles."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from apps.core import CONVERSATION, CORE, MESSAGE
from apps.tables import Row
from store.file.types import written
from store.tables.history import RowRef
from store.tables.recorder import Recorder
from store.tables.rows import Rows
from store.tables.traces import Traces

ERASED_TEXT = "Deleted for good."
PARTLY_ERASED_TEXT = "Changed several rows. Some of them were deleted for good."
SHORTEST_MASKED = 3
"""Characters of the shortest text that is masked in an answer."""
MASK = "█"
"""Stands for each character that was removed, so that places in the text (`detail.spans`) stay right."""
KEPT_OF_CARD = ("app", "profile", "generation", "index")


class Copies:
    """The copies that the chat has of some rows. Make it before the rows are deleted: it reads them."""

    def __init__(self, tables: dict[str, Rows], traces: Traces, recorder: Recorder, refs: Sequence[RowRef]) -> None:
        """`refs`: the rows that are deleted for good."""
        self._tables = tables
        self._traces = traces
        self._recorder = recorder
        self._refs = set(refs)
        self._revisions = {revision for ref in refs for revision in traces.revisions(ref)}
        self._texts = [text for ref in refs for text in texts_of(tables, traces, ref)]
        self._titled = {ref: versions(tables, traces, ref) for ref in refs if ref[0] == MESSAGE.name}

    def redact(self, since: float) -> None:
        """Remove the copies. `since`: no row was made before (Unix seconds)."""
        messages = self._tables[MESSAGE.name]
        answers: set[int] = set()
        for key in self._traces.messages_changed_since(since):
            row = messages.get(key)
            if row and row["role"] == "action" and self._is_about(row):
                self._apply(messages, row, self._emptied(row))
                answers.add(row["reply_to"])
        for key in sorted(answers):
            if (row := messages.get(key)) is not None:
                self._mask(messages, row)
        self._clear_titles()

    # --- cards ---

    def _is_about(self, card: Row) -> bool:
        """Return whether a card names one of the rows: by a revision, as its row, or in a proposal."""
        detail = card["detail"] or {}
        named = [(detail.get("table"), detail.get("row"))]
        named += [(one.get("table"), one.get("row")) for one in detail.get("would") or ()]
        instructions = [detail.get("instruction"), *(detail.get("instructions") or ())]
        named += [(one.get("table"), one.get("id")) for one in instructions if isinstance(one, dict)]
        changed = self._revisions.intersection(detail.get("changes") or ())
        return bool(changed) or any(self._is_one(ref) for ref in named)

    def _is_one(self, ref: Any) -> bool:
        table, key = ref
        return isinstance(key, int | str) and isinstance(table, str) and (table, key) in self._refs

    def _emptied(self, card: Row) -> Row:
        """Return the values of a card without words. It keeps the changes of rows that were not deleted."""
        detail = card["detail"] or {}
        left = [change for change in detail.get("changes") or () if change not in self._revisions]
        operation = (detail.get("instruction") or {}).get("operation", "")
        kept = {name: detail[name] for name in KEPT_OF_CARD if name in detail}
        emptied = {**kept, "instruction": {"operation": operation}, "changes": left, "change": max(left, default=0)}
        partly = card["state"] == "applied" and left
        state, text = (card["state"], PARTLY_ERASED_TEXT) if partly else ("erased", ERASED_TEXT)
        return {"state": state, "text": text, "problem": "", "detail": emptied}

    def _apply(self, rows: Rows, row: Row, values: Row) -> None:
        self._recorder.redact(rows, row, values)
        self._traces.rewrite_history(
            (rows.table.name, row["id"]), lambda old: {name: values.get(name, value) for name, value in old.items()}
        )

    # --- answers ---

    def _mask(self, rows: Rows, row: Row) -> None:
        """Mask the texts of the rows in an answer: its instructions repeat them."""
        mask = masking(self._texts)
        masked = {name: mask(row[name]) for name in ("text", "thinking", "detail")}
        if any(masked[name] != row[name] for name in masked):
            self._recorder.redact(rows, row, masked)
        self._traces.rewrite_history((MESSAGE.name, row["id"]), mask)

    # --- titles ---

    def _clear_titles(self) -> None:
        """Clear titles of conversations that the model made, or that are the beginning of an erased message."""
        conversations = self._tables[CONVERSATION.name]
        for found in self._titled.values():
            texts = [" ".join(one["text"].split()) for one in found if one.get("text")]
            for key in {one["conversation"] for one in found if "conversation" in one}:
                self._clear_title(conversations, key, texts)

    def _clear_title(self, conversations: Rows, key: int, texts: list[str]) -> None:
        def without(values: Row) -> Row:
            title = str(values.get("title", ""))
            by_model = values.get("titled") == "model"
            derived = title != "" and (by_model or any(text.startswith(title) for text in texts))
            return {**values, "title": ""} if derived else values

        row = conversations.get(key)
        if row and without(row) != row:
            self._recorder.redact(conversations, row, {"title": ""})
        self._traces.rewrite_history((CONVERSATION.name, key), without)


def texts_of(tables: dict[str, Rows], traces: Traces, ref: RowRef) -> list[str]:
    """Return the texts that a row of an app has, or had, in its fields; short ones are left out."""
    table = tables[ref[0]].table
    if table in CORE:
        return []
    names = [one.name for one in table.fields if one.kind.is_text and not one.choices]
    texts = {version.get(name) for version in versions(tables, traces, ref) for name in names}
    return [text for text in texts if isinstance(text, str) and len(text) >= SHORTEST_MASKED]


def versions(tables: dict[str, Rows], traces: Traces, ref: RowRef) -> list[Row]:
    """Return what is known of a row: its values now, and those before and after its changes."""
    present = tables[ref[0]].get(ref[1])
    return [*traces.versions(ref), *([present] if present else [])]


def masking(texts: Sequence[str]) -> Callable[[Any], Any]:
    """Return a function that masks texts in any JSON value, also where they are written as JSON in a text."""
    forms = {form for text in texts for form in (text, written(text)[1:-1], json.dumps(text)[1:-1])}
    longest_first = sorted(forms, key=len, reverse=True)

    def mask(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: mask(one) for name, one in value.items()}
        if isinstance(value, list):
            return [mask(one) for one in value]
        if isinstance(value, str):
            for form in longest_first:
                value = value.replace(form, MASK * len(form))
        return value

    return mask

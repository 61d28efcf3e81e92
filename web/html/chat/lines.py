"""The lines of a proposal: each is one change, which the user may decide by itself. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from apps.sentences import label_of
from apps.tables import Row, Table
from apps.types.reader import HERE
from web.html.chat.changes import VERBS, in_words, name_of, place_of, shown_fields

KEY_CHARACTERS = 16


def line_keys(detail: Row) -> list[str]:
    """Return a name for each line of a proposal. It does not depend on which other lines are still there.

    `detail`: of the card. [] where instructions and changes do not belong together, so that no line stands alone.
    """
    instructions, would = detail.get("instructions") or [], detail.get("would") or []
    if len(instructions) != len(would):
        return []
    return [_key(pair) for pair in zip(instructions, would, strict=True)]


def _key(pair: tuple[Row, Row]) -> str:
    written = json.dumps(pair, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:KEY_CHARACTERS]


def question_about(would: Sequence[Row], tables: Mapping[str, Table]) -> str:
    """Return the question whether to make changes: one sentence, or a list. `would`: see `detail` in docs/agent.md."""
    texts = [_sentence(one, tables.get(one["table"])) for one in would]
    return f"{texts[0]}?" if len(texts) == 1 else "\n".join([several(would), *(f"- {text}" for text in texts)])


def several(would: Sequence[Row]) -> str:
    """Return the question in short."""
    return f"Do these {len(would)} changes?"


def _sentence(one: Row, table: Table | None) -> str:
    before, after = one["before"], one["after"]
    named = name_of(before or after)
    what = f"“{named}”" if named else place_of(one)
    match one["operation"]:
        case "insert":
            return f"Add {what} to {one['table']}"
        case "delete":
            return f"Delete {what} from {one['table']}"
        case "sort":
            return f"Move {what}"
    fields = table.all_fields if table else {}
    differing = (
        f"{label_of(name, fields)}: {in_words(before.get(name), fields.get(name), HERE)} → "
        f"{in_words(after.get(name), fields.get(name), HERE)}"
        for name in shown_fields(before, after)
    )
    return f"{VERBS.get(one['operation'], 'Change')} {what} ({', '.join(differing) or 'no difference'})"

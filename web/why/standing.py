"""The changes that were not undone: those of one answer, of the assistant since a moment, or of everybody.

What the assistant did is listed by its cards.
"""

from collections.abc import Iterable, Sequence

from apps.core import JOB_ACTIVE
from apps.tables import Row
from bus.limits import MAX_ANSWER_ROWS, MAX_CHANGED_ROWS
from web.live.queries import Reader


async def standing_of(reader: Reader, message: Row) -> list[Row]:
    """Return the changes by an answer that still stand, the oldest first. `message`: any message of the answer."""
    return await _standing(reader, {"reply_to": await _steps(reader, message)}, {})


async def active_jobs_of(reader: Reader, message: Row) -> list[int]:
    """Return the ids of the jobs that an answer started and that have not ended."""
    return await _started(reader, {"reply_to": await _steps(reader, message)})


async def active_jobs_since(reader: Reader, since: float) -> list[Row]:
    """Return the jobs that the assistant has started since then (Unix seconds) and that have not ended."""
    started = await _started(reader, {})
    begun = {"subject": "job", "verb": "insert", "at": {"from": since}}
    found: list[Row] = []
    for some in _parts(started):
        changes = await reader.read("change", MAX_ANSWER_ROWS, begun | {"row": some})
        where = {"id": [one["row"] for one in changes.rows], "state": [*JOB_ACTIVE, "paused"]}
        found += (await reader.read("job", MAX_ANSWER_ROWS, where)).rows if changes.rows else ()
    return found


async def standing_since(reader: Reader, since: float) -> list[Row]:
    """Return the assistant's changes since then (Unix seconds) that still stand, the oldest first."""
    return await _standing(reader, {}, {"at": {"from": since}})


async def standing_of_cards(reader: Reader, cards: Iterable[Row]) -> list[Row]:
    """Return the changes of cards that still stand, the oldest first."""
    revisions = sorted(revision for card in cards for revision in (card["detail"] or {}).get("changes", ()))
    return await _standing_among(reader, revisions, {})


def without_undone(changes: Sequence[Row]) -> list[Row]:
    """Return the changes whose undo brings the rows back to what they were before all of them. Pure.

    `changes`: all that were made since then, the oldest first. Of a change, its undo, the undo of that undo and so on,
    only the last one counts, and only if the others have not taken it back.
    """
    known = {one["id"]: one for one in changes}
    undone = {one["undoes"] for one in changes}

    def takes_effect(change: Row) -> bool:
        count = 0
        while change:
            count += 1
            change = known.get(change["undoes"], {})
        return count % 2 == 1

    return [one for one in changes if one["id"] not in undone and takes_effect(one)]


async def _started(reader: Reader, of_cards: Row) -> list[int]:
    """Return the ids of the jobs that cards say were started, and not that they have ended."""
    applied = {"role": "action", "state": "applied"}
    cards = await reader.read("message", MAX_CHANGED_ROWS, applied | of_cards, "-id")
    details = [card["detail"] or {} for card in cards.rows]
    return [one["job"] for one in details if one.get("job") and not one.get("ended")]


async def _steps(reader: Reader, message: Row) -> list[int]:
    """Return the ids of all messages of an answer: the model may have answered in several steps."""
    question = message["reply_to"]
    if not question:
        return [message["id"]]
    where = {"role": "assistant", "reply_to": question, "conversation": message["conversation"]}
    answers = await reader.read("message", MAX_ANSWER_ROWS, where)
    return [row["id"] for row in answers.rows]


async def _standing(reader: Reader, of_cards: Row, of_changes: Row) -> list[Row]:
    applied = {"role": "action", "state": "applied"}
    cards = await reader.read("message", MAX_CHANGED_ROWS, applied | of_cards, "-id")
    revisions = sorted(revision for card in cards.rows for revision in (card["detail"] or {}).get("changes", ()))
    return await _standing_among(reader, revisions, of_changes)


async def _standing_among(reader: Reader, revisions: list[int], of_changes: Row) -> list[Row]:
    return [
        change
        for named in _parts(revisions)
        for change in (
            await reader.read("change", MAX_ANSWER_ROWS, {"id": named, "undone_by": 0} | of_changes, "id")
        ).rows
    ]


def _parts(revisions: list[int]) -> Iterable[list[int]]:
    return (revisions[start : start + MAX_ANSWER_ROWS] for start in range(0, len(revisions), MAX_ANSWER_ROWS))

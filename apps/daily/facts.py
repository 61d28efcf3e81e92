"""A day at a glance as lines for the assistant, which writes three lines about it. Pure."""

import json
from collections.abc import Iterable, Sequence

from apps.daily.changed import Changed
from apps.daily.due import Due
from apps.daily.reading import Day
from apps.due.near import near
from apps.sentences import shortened
from apps.types.reader import HERE

MOST_LINES = 12
"""Lines of one part."""
LONGEST_TITLE = 120


def told(day: Day) -> str:
    """Return what the day has, part by part; "" if there is nothing at all."""
    now = day.now.replace(tzinfo=None)
    parts = (
        part("Overdue", [due_line(one, near(one.at, now, HERE)) for one in day.overdue]),
        part("Due today", [due_line(one, near(one.at, now, HERE)) for one in day.today]),
        part("Due in the next days", [due_line(one, near(one.at, now, HERE)) for one in day.coming]),
        part("Changed since yesterday", map(changed_line, day.changes)),
        part("Waits for the user's yes", [quoted(card["text"]) for card in day.waiting]),
    )
    return "\n".join(filter(None, parts))


def part(heading: str, lines: Iterable[str]) -> str:
    """Return lines under a heading; "" for none."""
    every: Sequence[str] = list(lines)
    more = len(every) - MOST_LINES
    rest = [f"(and {more} more)"] if more > 0 else []
    return "\n".join([f"# {heading}", *(f"- {one}" for one in every[:MOST_LINES]), *rest]) if every else ""


def due_line(one: Due, when: str) -> str:
    """Return a row that is due."""
    return f"{quoted(one.title)} of {one.table.table.name}, due {when}"


def changed_line(one: Changed) -> str:
    """Return changes of one kind."""
    who = {"You": "The user", "The assistant": "You"}.get(one.who, shortened(one.who, LONGEST_TITLE))
    named = ", ".join(quoted(title) for title in one.titles[:3] if title)
    return f"{who} {one.did} {one.what}{f': {named}' if named else ''}"


def quoted(text: str) -> str:
    """Return a text in quotes and in one line, so that it cannot pass for one of ours."""
    return json.dumps(shortened(text, LONGEST_TITLE), ensure_ascii=False)

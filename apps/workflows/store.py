"""The table of runs, and the weekly review."""

from collections.abc import Sequence

from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.runs import RUN
from apps.work.workflows import Rows, Step, Workflow

DRAFT_SUMMARY = """\
Write a summary of my week for my weekly review, in at most 80 words, in the first person, in plain words and in the \
language of my notes. Use only what stands here, and invent nothing. Write nothing but the summary.

What I finished:
{done.rows}

What went well: {look_back.well}

What was hard: {look_back.hard}"""

REPORT = """\
# {run.title}

## Summary

{summary.text}

## Done

{done.rows}

## What went well

{look_back.well}

## What was hard

{look_back.hard}

## Next week

{next.rows}
"""

WEEKLY_REVIEW = Workflow(
    "weekly_review",
    "Weekly review",
    "Look back on your todos of the last seven days, and choose what matters next week. You get a short report.",
    (
        Step(
            "done",
            "What you finished",
            "The todos that you ticked in the last seven days. Leave out what does not matter.",
            rows=Rows("todo", {"done": True}, days=7),
        ),
        Step(
            "look_back",
            "Look back",
            "A few words are enough.",
            fields=(
                Field("well", required=True, limit=5_000, label="What went well"),
                Field("hard", limit=5_000, label="What was hard"),
            ),
        ),
        Step(
            "summary",
            "Summary",
            "Write it yourself, or let the model write a draft that you then edit.",
            prompt=DRAFT_SUMMARY,
        ),
        Step(
            "next",
            "Next week's three",
            "Choose at most three todos, which are put at the top of your list. New ones come to its end.",
            rows=Rows("todo", {"done": False}, chosen=False, most=3, adds=True, first=True),
        ),
        Step("report", "Report", "Copy or download it.", result=REPORT),
    ),
)


@hook
def tables() -> Sequence[Table]:
    """Return the table of runs."""
    return (RUN,)


@hook
def workflows() -> Sequence[Workflow]:
    """Return the workflow that ships."""
    return (WEEKLY_REVIEW,)

"""A job as HTML: how far it is, what became of it, and what can be done with it. Pure."""

from collections.abc import Iterator, Mapping

from fastcore.xml import FT

from apps.core import JOB_ACTIVE
from apps.sentences import shortened
from apps.tables import Row
from apps.types.unix_time import date_and_time, iso_time
from apps.work.words import how_far, remaining_words, result_words
from web.html.parts.elements import (
    H3,
    A,
    Article,
    Button,
    Dd,
    Div,
    Dl,
    Dt,
    Footer,
    Header,
    P,
    Progress,
    Span,
    Time,
    commands,
    sentence,
)
from web.state.jobs.running import Latest
from web.state.words import size_in_words

LONGEST_NOTE = 300
"""Characters of what a job says that it does now."""
BADGES = {"done": "badge good", "failed": "badge warning"}


def card_id(job: int) -> str:
    """Return the id of a job's element."""
    return f"job-{job}"


def job_card(row: Row, latest: Latest, *, resumes: bool) -> FT:
    """Return a job. `latest`: how far it is; `resumes`: it can be paused."""
    name = card_id(row["id"])
    return Article(
        Header(
            H3(row["title"], id=f"{name}-title", dir="auto"),
            Span(row["state"], cls=BADGES.get(row["state"], "badge")),
            cls="job-head",
        ),
        *progress_of(row, latest),
        P(*sentence(row["problem"]), cls="problem") if row["problem"] and row["state"] == "failed" else None,
        result_of(row),
        files_of(row),
        times(row),
        Footer(*buttons(row, resumes=resumes), cls="tools"),
        id=name,
        cls="job",
        data_id=str(row["id"]),
        data_state=row["state"],
        aria_labelledby=f"{name}-title",
    )


# --- how far it is ---


def progress_of(row: Row, latest: Latest) -> Iterator[FT]:
    """Yield the bar and the line of words below it. `web/static/jobs.js` changes both while the job runs."""
    name, words = card_id(row["id"]), progress_words(latest)
    known = {"value": str(min(latest.done, latest.total)), "max": str(latest.total)} if latest.total else {}
    if not known and row["state"] != "running":
        known = {"value": "0", "max": "1"}  # a bar without a value moves for ever
    if row["state"] != "done":
        yield Progress(**known, id=f"{name}-bar", aria_label=f"Progress of {row['title']}")
    yield P(words, id=f"{name}-words", cls="job-words", dir="auto", hidden=not words)


def progress_words(latest: Latest) -> str:
    """Return "12 of 20 · 60 % · chunk 13 · about 10 seconds left"."""
    far = how_far({"done": latest.done, "total": latest.total})
    parts = far, shortened(latest.note, LONGEST_NOTE), remaining_words(latest.remaining_seconds)
    return " · ".join(part for part in parts if part)


def draw_progress(jobs: Mapping[int, Latest]) -> str:
    """Draw how far jobs are: not as HTML, because it comes often. See `web/html/parts/fragments.py`."""
    lines = (
        f"{job}\n{min(one.done, one.total) if one.total else one.done} {one.total}\n{progress_words(one)}"
        for job, one in jobs.items()
    )
    return f"#{chr(10).join(lines)}" if jobs else ""


# --- what became of it ---


def result_of(row: Row) -> FT | None:
    """Return what the job returned, in words."""
    if row["state"] != "done" or not (found := result_words(row["result"])):
        return None
    return Dl(*(Div(Dt(name), Dd(value, dir="auto")) for name, value in found), cls="job-result")


def files_of(row: Row) -> FT | None:
    """Return the links that save what the job has made."""
    if row["state"] in JOB_ACTIVE or not row["files"]:
        return None
    links = (file_link(row["id"], one["name"], one["bytes"]) for one in row["files"])
    return P("Save: ", *(part for link in links for part in (link, " ")), cls="note")


def file_link(job: int, name: str, size: int) -> FT:
    """Return the link that saves a file of a job. `size`: in bytes."""
    return Span(A(name, href=f"/jobs/{job}/{name}", download=True), f" ({size_in_words(size)})")


def times(row: Row) -> FT:
    """Return when it began and ended, and whether what it made was undone."""
    ended = (" – ", moment(row["ended"])) if row["ended"] and row["state"] not in JOB_ACTIVE else ()
    again = f" · attempt {row['attempt']}" if row["attempt"] > 1 else ""
    undone = " · what it made was undone" if row["undone"] else ""
    return P(moment(row["created"]), *ended, again, undone, cls="note job-times")


def moment(at: float) -> FT:
    """Return a time of day, with its date as a tooltip."""
    return Time(date_and_time(at, "%H:%M:%S"), datetime=iso_time(at), title=date_and_time(at, "%c"))


# --- what can be done ---


def buttons(row: Row, *, resumes: bool) -> Iterator[FT]:
    """Yield the buttons that the state of a job allows."""
    state = row["state"]
    if state in JOB_ACTIVE and resumes:
        yield button(row, "Pause", "job-pause")
    if state == "paused":
        yield button(row, "Go on", "job-again", cls="primary")
    if state in ("failed", "cancelled"):
        yield button(row, "Retry", "job-again", cls="primary")
    if state in (*JOB_ACTIVE, "paused"):
        yield button(row, "Cancel", "job-cancel")
    if row["changes"] and not row["undone"]:
        yield button(row, "Undo what it made", "job-undo")
    yield button(row, "Log", "job-log")
    if state not in JOB_ACTIVE:
        yield button(row, "Delete", "job-delete")


def button(row: Row, label: str, do: str, cls: str = "") -> FT:
    """Return a button about a job. It has an id, with which it keeps the focus when the job is drawn again."""
    return Button(
        label,
        type="button",
        id=f"{do}-{row['id']}",
        cls=cls or None,
        aria_label=f"{label}: {row['title']}",
        **commands(do, job=row["id"]),
    )

"""The jobs of the profile in view, one line each, as the model is told. Pure."""

from collections.abc import Iterable, Sequence

from apps.core import JOB_ACTIVE
from apps.tables import Row
from services.agent.limits import MAX_TOLD_ACTIVE_JOBS, MAX_TOLD_ENDED_JOBS, MAX_VALUE, TOLD_JOB_SECONDS
from services.agent.prompt.describe import one_line, value_text
from services.agent.prompt.row_lines import quoted, with_id


def job_lines(jobs: Iterable[Row], now: float) -> tuple[str, ...]:
    """Return the lines of the jobs that are active or ended lately. `jobs`: the newest first. `now`: Unix seconds."""
    jobs = list(jobs)
    active = [row for row in jobs if row["state"] in (*JOB_ACTIVE, "paused")]
    ended = [row for row in jobs if row not in active and row["ended"] > now - TOLD_JOB_SECONDS]
    hidden = len(active) - MAX_TOLD_ACTIVE_JOBS
    rest = [f"({hidden} further jobs are not shown here)"] if hidden > 0 else []
    told = [*active[:MAX_TOLD_ACTIVE_JOBS], *ended[:MAX_TOLD_ENDED_JOBS]]
    return (*(_line(row) for row in told), *rest)


def new_lines(lines: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the lines to tell: those that were told before, only if their jobs are active."""
    before = set(known)
    return tuple(line for line in lines if line not in before or _is_active(line))


def _is_active(line: str) -> bool:
    return any(f'", {state}' in line for state in (*JOB_ACTIVE, "paused"))


def _line(row: Row) -> str:
    parts = [quoted(one_line(row["title"])), row["state"], _how_far(row)]
    if row["state"] in (*JOB_ACTIVE, "paused") and row["note"]:
        parts.append(f"note: {quoted(one_line(row['note']))}")
    if row["problem"]:
        parts.append(f"problem: {quoted(one_line(row['problem']))}")
    if row["result"]:
        parts.append(f"result: {one_line(value_text(row['result']), MAX_VALUE)}")
    return with_id(row["id"], ", ".join(part for part in parts if part))


def _how_far(row: Row) -> str:
    if row["total"]:
        return f"{row['done']} of {row['total']} done"
    return f"{row['done']} done" if row["done"] else ""

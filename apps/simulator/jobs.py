"""The simulated job: chunk by chunk, with a checkpoint after each."""

import asyncio
import os
import time

from apps.tables import Row
from apps.work.progress import Progress

SECONDS = {"fast": 0.05, "slow": 1.0, "failing": 0.3, "blocking": 0.5, "endless": 0.2, "crashing": 0.3}
"""Time for a chunk, by scenario."""
BLOCKED_SECONDS = 2.0


async def simulate(progress: Progress, scenario: str, chunks: int) -> Row:
    """Do nothing, chunk by chunk; what goes wrong on the way the scenario says (`store.py`)."""
    total = 0 if scenario == "endless" else chunks
    done = progress.saved or 0
    while not total or done < total:
        progress.at(done, total, f"chunk {done + 1:,}")
        print(f"chunk {done + 1:,} begins", flush=True)  # noqa: T201 (it goes into the job's log)
        await asyncio.sleep(SECONDS[scenario])
        if done >= chunks // 2:
            go_wrong(progress, scenario, done + 1)
        if scenario == "blocking":
            time.sleep(BLOCKED_SECONDS)  # noqa: ASYNC251 (that is what it shows)
        done += 1
        progress.checkpoint(done)
    progress.at(total, total, "")
    return {"scenario": scenario, "chunks": total}


def go_wrong(progress: Progress, scenario: str, chunk: int) -> None:
    """Once in the life of the job, fail or let the process die, if the scenario wants it."""
    mark = progress.folder / "went-wrong"
    if scenario not in ("failing", "crashing") or mark.exists():
        return
    mark.touch()
    if scenario == "failing":
        raise RuntimeError(f"chunk {chunk:,} fails, as the scenario wants")
    print(f"chunk {chunk:,}: the process ends itself", flush=True)  # noqa: T201 (it goes into the job's log)
    os._exit(1)

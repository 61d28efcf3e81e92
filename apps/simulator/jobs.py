"""The simulated job: chunk by chunk, with a checkpoint after each."""

import asyncio

from apps.tables import Row
from apps.work.progress import Progress

SECONDS = {"fast": 0.05, "slow": 1.0, "failing": 0.3}
"""Time for a chunk, by scenario."""


async def simulate(progress: Progress, scenario: str, chunks: int) -> Row:
    """Do nothing, chunk by chunk; in the scenario `failing`, fail after half of them."""
    for done in range(progress.saved or 0, chunks):
        progress.at(done, chunks, f"chunk {done + 1}")
        await asyncio.sleep(SECONDS[scenario])
        if scenario == "failing" and done + 1 > chunks // 2:
            raise RuntimeError(f"chunk {done + 1} fails, as the scenario wants")
        progress.checkpoint(done + 1)
    progress.at(chunks, chunks, "done")
    return {"chunks": chunks}

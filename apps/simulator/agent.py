"""What the assistant knows about the simulator."""

from apps.hookspecs import hook
from apps.simulator.store import SIMULATE


@hook
def prompt() -> str:
    """Return the prompt: what the job is for, and its scenarios."""
    scenarios = ", ".join(SIMULATE.fields[0].choices)
    return (
        "The user looks at the simulator. Its job `simulate` does nothing, chunk by chunk, to show how long work is "
        f"started, paused and cancelled. `scenario` is one of: {scenarios}. `chunks` is a number up to "
        f"{SIMULATE.limits['chunks'][1]:,}."
    )

"""What long work costs: processor time of ten jobs that report 100 times a second, and the way of a job's progress.

    python -m bench.jobs [--seconds 20] [--samples 100]

The first part runs all processes, and ten jobs that report; then ten that do the same but report nothing, whose time is
their own and not ours. The second part sends a job's progress and a token's text with the time in them to one
subscriber: from `progress.at` and from the write of a model server. Linux only: times are read from /proc.
"""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import percentiles
from bench.footprint import cpu_seconds, family
from bus.messages import JobCancel, JobProgressed, JobRun, LlmFinished, LlmGenerate, LlmToken
from tests.support.browser import WITH_JOBS
from tests.support.installed_apps import install
from tests.support.ollama_double import Done, OllamaDouble, Reply
from tests.support.system import Guest, System

JOBS = 10
RATE = 100.0
"""Reports a second."""
SLOW_SECONDS = 0.15
"""Between two samples of the way: longer than progress is held back."""

APP = {
    "store": """
from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.declared import Job


@hook
def tables():
    return (Table("reporter", (Field("title", required=True),)),)


@hook
def jobs():
    return (Job("report", "Report", (Field("rate", "real"), Field("silent", "boolean"))),)
""",
    "jobs": """
import asyncio
import time


async def report(progress, rate, silent):
    progress.at(1, 2, "begun")
    while True:
        await asyncio.sleep(1 / rate)
        if not silent:
            progress.at(1, 2, repr(time.time()))
""",
}


@dataclass
class Stamps:
    """A step of the model server's script: tokens that hold the time of their writing."""

    count: int

    async def play(self, reply: Reply) -> None:
        for _ in range(self.count):
            await asyncio.sleep(SLOW_SECONDS)
            await reply.say(f"{time.time()!r} ")


async def start(guest: Guest, *, rate: float, silent: bool) -> int:
    """Start a job, and wait until its function runs."""
    order = JobRun(app="reporter", job="report", arguments={"rate": rate, "silent": silent})
    job: int = (await guest.bus.ask(order, "reporter")).message.job
    await guest.until(lambda heard: isinstance(heard.message, JobProgressed) and _is_begun(heard.message, job))
    return job


def _is_begun(message: JobProgressed, job: int) -> bool:
    return message.job == str(job) and bool(message.note)


async def end(guest: Guest, jobs: list[int]) -> None:
    """Cancel the jobs, and wait until the processes are gone."""
    for job in jobs:
        await guest.bus.ask(JobCancel(job=job), "reporter")
    await asyncio.sleep(4)


async def share(system: System, guest: Guest, seconds: float, *, silent: bool, jobs: int = JOBS) -> float:
    """Return the share of a core that all our processes and these jobs use."""
    begun = [await start(guest, rate=RATE, silent=silent) for _ in range(jobs)]
    await asyncio.sleep(2)
    pids = [pid for process in system.processes.values() for pid in family(process.pid)]
    before = {pid: cpu_seconds(pid) for pid in pids}
    names = {pid: name for name, process in system.processes.items() for pid in [process.pid]}
    await asyncio.sleep(seconds)
    used = {pid: (cpu_seconds(pid) - before[pid]) / seconds for pid in pids}
    parts: dict[str, float] = {}
    for pid, part in used.items():
        name = names.get(pid, "their processes")
        parts[name] = parts.get(name, 0.0) + part
    print("  " + "  ".join(f"{name} {part:.1%}" for name, part in parts.items()))
    await end(guest, begun)
    return sum(used.values())


async def way(guest: Guest, samples: int) -> None:
    """Print how long a job's progress takes to a subscriber, and a token."""
    progress: list[float] = []
    tokens: list[float] = []

    def heard_progress(message: JobProgressed) -> None:
        if message.state == "running" and message.note.startswith("1"):
            progress.append((time.time() - float(message.note)) * 1000)

    guest.bus.hear(JobProgressed, lambda heard: heard_progress(heard.message))
    guest.bus.hear(LlmToken, lambda heard: tokens.append((time.time() - float(heard.message.text)) * 1000))
    job = await start(guest, rate=1 / SLOW_SECONDS, silent=False)
    order = LlmGenerate(generation="1.1", conversation=1, messages=[{"role": "user", "content": "go"}])
    await guest.bus.ask(order, 1)
    await guest.until(lambda heard: isinstance(heard.message, LlmFinished), seconds=samples * SLOW_SECONDS * 2 + 60)
    await end(guest, [job])
    print("progress, from the job to a subscriber, ms:     ", percentiles(progress))
    print("a token, from the server's write to it, ms:     ", percentiles(tokens))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--samples", type=int, default=100)
    options = parser.parse_args()

    async def measure(system: System, double: OllamaDouble) -> None:
        async with system.guest("bench") as guest:
            await asyncio.sleep(5)
            idle = await share(system, guest, options.seconds, silent=True, jobs=0)
            silent = await share(system, guest, options.seconds, silent=True)
            loud = await share(system, guest, options.seconds, silent=False)
            print(f"nothing to do: {idle:.1%} of a core; {JOBS} silent jobs: {silent:.1%}; reporting: {loud:.1%}")
            print(f"what {JOBS * RATE:.0f} reports a second cost: {loud - silent:.1%} of a core")
            double.play([Stamps(options.samples), Done()])
            await way(guest, options.samples)

    with tempfile.TemporaryDirectory() as folder, OllamaDouble() as double:
        apps = install(Path(folder), reporter=APP)
        with System({"PYTHONPATH": apps, "OLLAMA_HOST": double.url}) as system:
            system.start(*WITH_JOBS)
            asyncio.run(measure(system, double))


if __name__ == "__main__":
    main()

"""From a job to the page, and what ten jobs cost the chat: one browser, one page that shows the jobs and the chat.

    python -m bench.job_page [--rounds 3]

Progress: from just before the job's function says it until the page's text has it, for a job that says it 8 times a
second. Tokens: as in `bench.tokens`, first without jobs, then while ten jobs each report 100 times a second, by turns.
The aims: progress p50 at most 2 ms more than a token's; tokens with ten jobs at most 1.5 times those without.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.figures import percentile, percentiles
from bench.tokens import Contender, process
from tests.support.browser import EVERYTHING, FLAGS, Chromium
from tests.support.installed_apps import install
from tests.support.system import System, free_port

PROBE = (Path(__file__).parent / "job_probe.js").read_text()
CLOCK = {
    "store": """
from apps.core import JOB
from apps.hookspecs import hook
from apps.tables import Field
from apps.work.declared import Job

TICK = Job("tick", "Tick", (Field("a_second", "integer", default=8), Field("times", "integer", default=200)))


@hook
def tables():
    return (JOB,)


@hook
def jobs():
    return (TICK,)
""",
    "jobs": """
import asyncio
import time


async def tick(progress, a_second, times):
    began = time.monotonic()
    for number in range(times):
        progress.at(number, times, f"{time.time():.6f}")
        await asyncio.sleep(max(0, began + (number + 1) / a_second - time.monotonic()))
""",
    "web": """
from fastcore.xml import Div

from apps.hookspecs import hook
from bus.messages import StoreOrder
from side_clock.store import TICK


@hook
async def read(view):
    return (await view.ask(StoreOrder(verb="list", table="job", where={"state": ["waiting", "running"]}))).rows


@hook
def concerned(fact):
    return fact.table == "job"


@hook
def view(view):
    return Div(view.pieces.run_form(TICK), *(view.pieces.progress(row) for row in view.read))
""",
}
"""An app whose job says what time it is."""
JOBS, A_SECOND = 10, 100
TIMES = 200


@dataclass
class Found:
    """The measurements, in milliseconds."""

    progress: list[float] = field(default_factory=list)
    tokens: list[float] = field(default_factory=list)
    tokens_beside_jobs: list[float] = field(default_factory=list)
    progress_of_ten: list[float] = field(default_factory=list)


@contextmanager
def pianola(folder: Path) -> Iterator[Contender]:
    """Run the whole system with the app."""
    port = free_port()
    environment = {"PYTHONPATH": install(folder, clock=CLOCK)}
    with (
        process("bench.ollama", str(port), port=port) as ollama,
        System({"OLLAMA_HOST": ollama, **environment}) as system,
    ):
        system.start(*EVERYTHING, "jobs")
        token = system.settings.token_file.read_text().strip()
        answers = "#chat-log article[data-role=assistant]"
        yield Contender(
            f"http://{system.settings.host_file.read_text().strip()}:{system.port}/?token={token}",
            f"{answers} .text",
            f"document.querySelectorAll('{answers}[data-state=done]').length",
            ollama,
        )


def run_job(page: Page, a_second: int, times: int) -> None:
    """Run the job by its form, and wait until it is in the page."""
    before = page.locator(".job").count()
    page.fill("#run-clock-tick-a_second", str(a_second))
    page.fill("#run-clock-tick-times", str(times))
    page.click("#run-clock-tick-run")
    page.wait_for_function("n => document.querySelectorAll('.job').length > n", arg=before)


def ages(page: Page) -> list[float]:
    """Return how old each progress was that the page has shown since it was asked last."""
    found: list[float] = page.evaluate("jobProbe.ages.splice(0)")
    return found


def measure(ours: Contender, page: Page, rounds: int) -> Found:
    """Measure by turns: one job, the tokens alone, the tokens beside ten jobs."""
    found = Found()
    for _ in range(rounds):
        run_job(page, 8, TIMES // rounds)
        page.wait_for_function("!document.querySelector('.job')", timeout=120_000)
        found.progress += ages(page)
        found.tokens += ours.ask(page, "steady")[0]
        for _ in range(JOBS):
            run_job(page, A_SECOND, 100_000)
        ages(page)
        found.tokens_beside_jobs += ours.ask(page, "steady")[0]
        found.progress_of_ten += ages(page)
        for job in page.locator(".job").evaluate_all("all => all.map(one => one.id)"):
            page.click(f"#{job.replace('job', 'job-cancel')}")
        page.wait_for_function("!document.querySelector('.job')", timeout=120_000)
    return found


def report(found: Found) -> None:
    """Print the measurements and what they are compared by."""
    print("progress of one job, ms   ", percentiles(found.progress))
    print("token, ms                 ", percentiles(found.tokens))
    print(f"  p50 of progress beyond   {percentile(found.progress, 0.5) - percentile(found.tokens, 0.5):.2f} ms")
    print(f"token beside {JOBS} jobs, ms  ", percentiles(found.tokens_beside_jobs))
    for share in (0.5, 0.99):
        ratio = percentile(found.tokens_beside_jobs, share) / percentile(found.tokens, share)
        print(f"  ratio p{share * 100:.0f}                {ratio:.2f}")
    print(f"progress of {JOBS} jobs, ms   ", percentiles(found.progress_of_ten))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(pianola(folder))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=Chromium.path(), args=FLAGS)
        context = browser.new_context(bypass_csp=True)
        context.add_init_script(PROBE)
        page = ours.open(context)
        page.get_by_role("radio", name="Quiet").check()
        page.goto(f"{page.url.split('/apps')[0]}/apps/clock")
        page.wait_for_selector("#run-clock-tick")
        report(measure(ours, page, chosen.rounds))
        browser.close()


if __name__ == "__main__":
    main()

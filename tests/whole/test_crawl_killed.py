"""A crawl whose processes are killed: it goes on, from its last checkpoint if need be, and has each page once."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from apps.links.graph.files import lines
from bus.messages import JobAnswered, JobProgressed, JobRun, StoreOrder
from services.jobs.folder import OUTCOME
from tests.support.link_site import LinkSite
from tests.support.system import PATIENCE_SECONDS, Guest, System, message_of

PAGES = 300


async def start_crawl(guest: Guest, url: str) -> int:
    arguments = {"url": url, "pages": 5_000, "depth": 20, "per_second": 100, "private": True}
    heard = await guest.bus.ask(JobRun(app="links", job="crawl", arguments=arguments), "links", id="crawl-1")
    answered: JobAnswered = heard.message
    assert answered.ok, answered.error
    return answered.job


def farther_than(done: int) -> Callable[[Any], bool]:
    return lambda heard: isinstance(heard.message, JobProgressed) and heard.message.done >= done


async def until_done(guest: Guest) -> list[dict[str, Any]]:
    await guest.until(message_of(JobProgressed, state="done"))
    heard = await guest.bus.ask(StoreOrder(verb="list", table="graph"), "graph", id="list-graphs")
    return list(heard.message.rows)


def step(work: Callable[..., Awaitable[Any]], *arguments: Any) -> Callable[[Guest], Awaitable[Any]]:
    return lambda guest: work(guest, *arguments)


def pid_of_job(system: System) -> int:
    """Return the process of the only job."""
    parent = system.processes["jobs"].pid
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=True)
    return int(re.findall(r"\d+", found.stdout)[0])


def until_outcome(folder: Path) -> None:
    """Wait until `jobs` has kept how a crawl ended, which it cannot store yet."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (folder / OUTCOME).exists():
        assert time.monotonic() < deadline, f"{folder} has no outcome"
        time.sleep(0.02)  # without a store nothing is said of it


def test_a_crawl_outlives_kill_9_of_each_process_and_has_each_page_once():
    with LinkSite(pages=PAGES) as site, System() as system:
        site.release()
        system.start("broker", "store", "jobs", "web")
        job = system.visit(step(start_crawl, site.url))
        folder = system.settings.jobs / str(job)
        for done, killed in ((30, "web"), (60, "broker"), (90, "store"), (120, "jobs")):
            system.visit(step(Guest.until, farther_than(done)))
            system.kill(killed)
            system.start(killed)
        system.visit(step(Guest.until, farther_than(160)))
        system.kill("store")
        until_outcome(folder)
        system.start("store")
        graphs = system.visit(until_done)

        keys = [line[0] for line in lines(folder, "pages")]
        urls = [line[0] for line in lines(folder, "urls")]

    assert len(keys) == len(set(keys))
    assert len(urls) == len(set(urls))
    assert {f"{site.url}/page/{number}" for number in range(PAGES)} <= {urls[key] for key in keys}
    assert [(row["job"], row["pages"]) for row in graphs] == [(job, len(urls))]
    assert sum(count - 1 for path, count in site.counts.items() if path.startswith("/page/")) < 2 * 150


@pytest.mark.long
def test_a_crawl_outlives_kill_9_of_its_own_process():
    async def kill(guest: Guest) -> list[dict[str, Any]]:
        await guest.until(farther_than(60))
        os.kill(pid_of_job(system), signal.SIGKILL)
        return await until_done(guest)

    with LinkSite(pages=PAGES) as site, System() as system:
        site.release()
        system.start("broker", "store", "jobs")
        job = system.visit(step(start_crawl, site.url))
        graphs = system.visit(kill)
        keys = [line[0] for line in lines(system.settings.jobs / str(job), "pages")]

    assert site.counts["/robots.txt"] == 2
    assert len(keys) == len(set(keys)) >= PAGES
    assert len(graphs) == 1

"""A crawl whose processes are killed: it goes on, from its last checkpoint if need be, and has each page once."""

import asyncio
import json
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
from bus.bus import new_id
from bus.messages import JobAnswered, JobProgressed, JobRun, StoreOrder
from services.jobs.folder import OUTCOME
from tests.support.link_site import LinkSite
from tests.support.system import PATIENCE_SECONDS, Guest, System

PAGES = 300


async def start_crawl(guest: Guest, url: str) -> int:
    arguments = {"url": url, "pages": 5_000, "depth": 20, "per_second": 100, "private": True}
    heard = await guest.bus.ask(JobRun(app="links", job="crawl", arguments=arguments), "links", id="crawl-1")
    answered: JobAnswered = heard.message
    assert answered.ok, answered.error
    return answered.job


def farther_than(done: int) -> Callable[[Any], bool]:
    return lambda heard: isinstance(heard.message, JobProgressed) and heard.message.done >= done


async def until_done(guest: Guest, job: int) -> list[dict[str, Any]]:
    """Wait for the row of the job, which may have ended before the guest came; return the graphs."""
    order = StoreOrder(verb="get", table="job", id=job)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            heard = await guest.bus.ask(order, "job", id=new_id())
            if heard.message.rows[0]["state"] == "done":
                break
            await asyncio.sleep(0.05)  # between two questions
    heard = await guest.bus.ask(StoreOrder(verb="list", table="graph"), "graph", id="list-graphs")
    return list(heard.message.rows)


def step(work: Callable[..., Awaitable[Any]], *arguments: Any) -> Callable[[Guest], Awaitable[Any]]:
    return lambda guest: work(guest, *arguments)


def pages_in(folder: Path) -> int:
    """Return how many pages a crawl has kept."""
    try:
        return sum(1 for _ in lines(folder, "pages"))
    except (FileNotFoundError, json.JSONDecodeError):  # not begun, or a line is being written
        return 0


def pid_of_job(system: System) -> int:
    """Return the process of the only job."""
    parent = system.processes["jobs"].pid
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=True)
    return int(re.findall(r"\d+", found.stdout)[0])


def until(done: Callable[[], bool], expected: str) -> None:
    """Wait for what stands in the folder of a job. Nobody says it where the process that would say it was killed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"not so after {PATIENCE_SECONDS} s: {expected}"
        time.sleep(0.02)


def test_a_crawl_outlives_kill_9_of_each_process_and_has_each_page_once():
    """The last pages wait until the last process was killed: the crawl does not end before."""
    with LinkSite(pages=PAGES, held_from=16) as site, System() as system:
        system.start("broker", "store", "jobs", "web")
        job = system.visit(step(start_crawl, site.url))
        folder = system.settings.jobs / str(job)
        for crawled, killed in ((30, "web"), (60, "broker"), (90, "store"), (120, "jobs")):
            until(lambda crawled=crawled: pages_in(folder) >= crawled, f"{crawled} pages in {folder}")
            system.kill(killed)
            system.start(killed)
        until(lambda: site.counts["/robots.txt"] == 2, "the crawl goes on in another process")
        system.kill("store")
        site.release()
        until((folder / OUTCOME).exists, f"an outcome in {folder}")
        system.start("store")
        graphs = system.visit(step(until_done, job))

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
        return await until_done(guest, job)

    with LinkSite(pages=PAGES) as site, System() as system:
        site.release()
        system.start("broker", "store", "jobs")
        job = system.visit(step(start_crawl, site.url))
        graphs = system.visit(kill)
        keys = [line[0] for line in lines(system.settings.jobs / str(job), "pages")]

    assert site.counts["/robots.txt"] == 2
    assert len(keys) == len(set(keys)) >= PAGES
    assert len(graphs) == 1

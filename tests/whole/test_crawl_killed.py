"""A crawl whose processes are killed: it goes on from its last checkpoint, and the graph has each page once."""

import os
import re
import signal
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from apps.links.graph.files import lines
from bus.messages import JobAnswered, JobProgressed, JobRun, StoreOrder
from tests.support.link_site import LinkSite
from tests.support.system import Guest, System, message_of

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


def test_a_crawl_outlives_kill_9_of_jobs_and_has_each_page_once():
    with LinkSite(pages=PAGES) as site, System() as system:
        site.release()
        system.start("broker", "store", "jobs")
        job = system.visit(step(start_crawl, site.url))
        system.visit(step(Guest.until, farther_than(60)))
        system.kill("jobs")
        system.start("jobs")
        system.visit(step(Guest.until, farther_than(150)))
        system.kill("jobs")
        system.start("jobs")
        graphs = system.visit(until_done)

        folder = system.settings.jobs / str(job)
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

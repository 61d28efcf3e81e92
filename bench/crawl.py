"""A crawl of the tests' site of 2,000 pages beside a bare httpx script with the same pace, and its memory.

Run `python -m bench.crawl` in a checkout. Both ask for the same pages, with at most eight requests at one time, as fast
as `PER_SECOND` allows; the bare script keeps nothing but the addresses. They take turns, because other work on the
machine slows both.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from urllib.parse import urljoin, urlsplit

import httpx

from apps.links.crawl.crawler import Limits, crawl_site
from apps.links.crawl.fetch import AT_ONCE
from apps.links.graph.artefacts import finish
from apps.work.progress import Progress
from tests.support.link_site import LinkSite
from tests.support.system import ROOT

PER_SECOND = 1_000
ROUNDS = 3
MOST_PAGES = 1_000
"""Between a small crawl and the whole site: memory does not grow with it."""


class Links(HTMLParser):
    """The addresses in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


async def bare(start: str, most: int) -> None:
    """Crawl with httpx alone."""
    known, waiting, running, begun = {start}, [start], set(), 0
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=15) as client:
        while waiting or running:
            while waiting and len(running) < AT_ONCE and begun < most:
                begun += 1
                running.add(asyncio.create_task(client.get(waiting.pop(0))))
                await asyncio.sleep(1 / PER_SECOND)
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                answer = task.result()
                page = Links()
                page.feed(answer.text)
                for link in page.found:
                    url = urljoin(str(answer.url), link)
                    if urlsplit(url).netloc == urlsplit(start).netloc and url not in known:
                        known.add(url)
                        waiting.append(url)


async def ours(start: str, most: int) -> None:
    """Crawl as the job does, with its files, checkpoints, findings and picture."""
    progress = Progress(1, Path(tempfile.mkdtemp()), lambda _: None, {}, lambda: False)
    finish(progress, "crawl", await crawl_site(progress, start, Limits(most, 100, PER_SECOND, private=True)))


def main() -> None:
    """Measure one of both in this process (`bare URL PAGES`), or both in turns."""
    if len(sys.argv) == 4:
        begun = time.monotonic()
        asyncio.run((bare if sys.argv[1] == "bare" else ours)(sys.argv[2], int(sys.argv[3])))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        processor = time.process_time()
        print(json.dumps({"seconds": time.monotonic() - begun, "processor": processor, "peak_mb": peak}))
        return
    with LinkSite(robots="", odd=False) as site:
        for pages in (500, MOST_PAGES, 2_000):
            found: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
            for _ in range(ROUNDS):
                for name, rounds in found.items():
                    rounds.append(measured(name, site.url, pages))
            for name, rounds in found.items():
                figures = {key: round(median(one[key] for one in rounds), 2) for key in rounds[0]}
                print(f"{name:5} {pages:5,} pages: {figures}", flush=True)


def measured(name: str, url: str, pages: int) -> dict[str, float]:
    """Run one of both in a process of its own."""
    command = [sys.executable, "-m", "bench.crawl", name, url, str(pages)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()

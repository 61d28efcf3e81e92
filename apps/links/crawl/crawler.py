"""Crawl a site: ask for its pages in the order of their distance, and write down what they link to."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

from apps.links.crawl.addresses import names_private, normal, site_of, start_address
from apps.links.crawl.fetch import AT_ONCE, Answer, Fetcher
from apps.links.crawl.frontier import UNKNOWN, Frontier
from apps.links.crawl.html import TYPES, Page, read_page
from apps.links.crawl.network import Unreachable
from apps.links.crawl.rate import Rate
from apps.links.crawl.site import Rules
from apps.links.graph.files import LINK, MOST_EDGES, NOFOLLOW, NOT_ASKED, REDIRECT, GraphFiles
from apps.work.progress import JobFailed, Progress

CHECKPOINT_SECONDS = 1.0
LARGE_BYTES = 128 * 1024
MOST_HOSTS = 5
"""Hosts that the start may lead to by redirects, say from example.com to www.example.com."""
BUSY = (429, 503)
"""Answers with which a server asks for a pause."""
LONGEST_PAUSE = 30.0
"""Seconds that a server can ask to wait (Retry-After)."""
FORBIDDEN = "robots.txt forbids it"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a crawl goes, and how fast."""

    pages: int
    depth: int
    per_second: int
    private: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """What asking for a page brought. Either `answer` or `problem` is there."""

    key: int
    answer: Answer | None = None
    problem: str = ""
    page: Page | None = None


class Crawler:
    """One run of one crawl."""

    def __init__(self, progress: Progress, url: str, limits: Limits, fetcher: Fetcher) -> None:
        """Goes on where an earlier run has saved."""
        saved = progress.saved or {}
        self.start = start_address(url)
        self._progress = progress
        self._limits = limits
        self._fetcher = fetcher
        self._rules = Rules(fetcher)
        self._files = GraphFiles(progress.folder, saved.get("offsets", {}))
        self._files.sync()
        self._frontier = Frontier(self._files)
        self._hosts: list[str] = saved.get("hosts", [site_of(self.start)])
        self._edges: int = saved.get("edges", 0)
        self._rate = Rate(1 / limits.per_second)
        self._running: set[asyncio.Task[Visit]] = set()
        self._saved_at = time.monotonic()

    async def run(self) -> None:
        """Crawl until there is nothing left to ask for, or a limit is reached."""
        try:
            await self._begin()
            while await self._step():
                self._save(only_if_due=True)
            self._save()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
            self._files.close()

    async def _begin(self) -> None:
        """Read the site's rules; in the first run, begin with the start and the pages of the sitemap."""
        self._progress.at(0, 0, f"reading robots.txt of {site_of(self.start)}")
        try:
            for host in self._hosts:
                await self._rules.of(self.start.replace(site_of(self.start), host, 1))
            await self._learn(self.start)
        except Unreachable as problem:
            raise JobFailed(f"{site_of(self.start)} cannot be crawled: {problem}.") from None
        if not self._rules.allow(self.start):
            raise JobFailed(f"{self.start} cannot be crawled: {FORBIDDEN}.")
        if not self._frontier.urls:
            self._frontier.queue(self._frontier.note(self.start, 0, UNKNOWN))
            for url in await self._rules.listed(self.start, self._limits.pages):
                if site_of(url) in self._hosts and self._rules.allow(url):
                    self._frontier.note(url, UNKNOWN, UNKNOWN, listed=True)

    async def _learn(self, url: str) -> None:
        """Read the rules of a host, and keep the pace that all hosts of the crawl ask for."""
        await self._rules.of(url)
        self._rate.interval = max(1 / self._limits.per_second, self._rules.delay)

    # --- one step ---

    async def _step(self) -> bool:
        """Begin a request if one may begin, else wait for what comes first; return False at the end."""
        pause = self._rate.pause()
        if self._may_begin and pause <= 0:
            self._rate.begin()
            self._running.add(asyncio.create_task(self._visit(self._frontier.next())))
            return True
        if self._running:
            seconds = pause if self._may_begin else None
            done, self._running = await asyncio.wait(
                self._running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                await self._take(task.result())
        elif self._may_begin:
            await asyncio.sleep(pause)
        else:
            return False
        return True

    @property
    def _may_begin(self) -> bool:
        """Whether a further request may begin, as soon as the pace allows it."""
        left = self._frontier.asked < self._limits.pages and self._edges < MOST_EDGES
        return left and len(self._running) < AT_ONCE and self._frontier.open

    async def _visit(self, key: int) -> Visit:
        url = self._frontier.urls[key]
        try:
            answer = await self._fetcher.get(url, TYPES)
            if answer.status in BUSY:
                answer = await self._after_pause(url, answer)
        except Unreachable as problem:
            return Visit(key, problem=str(problem))
        return Visit(key, answer, page=await self._read(url, answer) if answer.body else None)

    @staticmethod
    async def _read(url: str, answer: Answer) -> Page:
        """Read a page; a large one in a thread, so that other requests do not run into their time limit meanwhile."""
        if len(answer.body) < LARGE_BYTES:
            return read_page(url, answer.body, answer.headers)
        return await asyncio.to_thread(read_page, url, answer.body, answer.headers)

    async def _after_pause(self, url: str, answer: Answer) -> Answer:
        """Ask once more after the pause that a server asked for, in which nothing else begins either."""
        told = answer.headers.get("retry-after", "")
        if not told.isdecimal():
            return answer
        pause = min(float(told), LONGEST_PAUSE)
        self._rate.hold(pause)
        await asyncio.sleep(pause)
        return await self._fetcher.get(url, TYPES)

    # --- what came ---

    async def _take(self, visit: Visit) -> None:
        """Write down a page, and what follows from it."""
        leads_to = UNKNOWN
        if visit.answer and visit.answer.leads_to:
            leads_to, problem = await self._take_redirect(visit.key, visit.answer.leads_to)
            visit = replace(visit, problem=problem)
        elif visit.page:
            self._take_links(visit.key, visit.page)
        self._write(visit, leads_to)
        shown = self._frontier.urls[visit.key][:200]
        self._progress.at(self._done, min(self._limits.pages, self._frontier.expected), shown)

    @property
    def _done(self) -> int:
        return self._frontier.asked - len(self._running)

    def _write(self, visit: Visit, leads_to: int) -> None:
        answer = visit.answer or Answer(0, {})
        problem = visit.problem or ("it is larger than 2 MB; the rest was not read" if answer.cut else "")
        title = visit.page.title if visit.page else ""
        size, took = len(answer.body), round(answer.seconds * 1000)
        self._files.add("pages", visit.key, answer.status, problem, size, took, title, leads_to)

    async def _take_redirect(self, key: int, leads_to: str) -> tuple[int, str]:
        """Queue where a redirect leads, with the same depth; return its id.

        If it is not asked for, return `UNKNOWN` and the reason.
        """
        depth, url = self._frontier.depths[key], normal(leads_to, self._frontier.urls[key])
        if site_of(url) not in self._hosts and self._is_start(key):
            await self._move(key, leads_to, url)
        if site_of(url) not in self._hosts:
            return UNKNOWN, off_site(leads_to, url)
        target = self._frontier.note(url, depth, key)
        if target == UNKNOWN:
            return UNKNOWN, f"it redirects to {url}, for which there is no room: the graph has the most pages"
        self._add_edge(key, target, REDIRECT)
        self._queue(target, depth)
        return target, ""

    async def _move(self, key: int, leads_to: str, url: str) -> None:
        """Crawl the host to which the start is redirected, too; raises `JobFailed` if it may not be asked."""
        try:
            if not url or len(self._hosts) >= MOST_HOSTS:
                raise Unreachable("only pages of http and https are, on few hosts")
            await self._learn(url)
        except Unreachable as problem:
            sentence = f"{self._frontier.urls[key]} leads to {leads_to:.300}, which cannot be crawled: {problem}."
            raise JobFailed(sentence) from None
        self._hosts.append(site_of(url))

    def _is_start(self, key: int) -> bool:
        """Return whether a page is the start, or one that the start led to by redirects before anything else came."""
        return self._frontier.depths[key] == 0

    def _take_links(self, key: int, page: Page) -> None:
        depth = self._frontier.depths[key]
        following = depth + 1 if depth >= 0 else UNKNOWN
        for url, follow in page.links.items():
            if site_of(url) not in self._hosts or self._edges >= MOST_EDGES:
                continue
            target = self._frontier.note(url, following, key)
            if target == UNKNOWN:
                continue
            followed = follow and page.follow
            self._add_edge(key, target, LINK if followed else NOFOLLOW)
            if followed and 0 <= following <= self._limits.depth:
                self._queue(target, following)

    def _queue(self, key: int, depth: int) -> None:
        if self._rules.allow(self._frontier.urls[key]):
            self._frontier.queue(key)
        elif self._frontier.leave_out(key):
            self._files.add("pages", key, NOT_ASKED, FORBIDDEN, 0, 0, "", UNKNOWN)

    def _add_edge(self, source: int, target: int, kind: int) -> None:
        self._files.add("edges", source, target, kind)
        self._edges += 1

    # --- checkpoints ---

    def _save(self, *, only_if_due: bool = False) -> None:
        """Save a checkpoint; pages that are on their way are asked for again after a restart."""
        if only_if_due and time.monotonic() - self._saved_at < CHECKPOINT_SECONDS:
            return
        saved: dict[str, Any] = {"offsets": self._files.sync(), "hosts": self._hosts, "edges": self._edges}
        self._saved_at = time.monotonic()
        self._progress.checkpoint(saved)


def off_site(told: str, url: str) -> str:
    """Return why a redirect is not followed. `told`: where it leads, as the server wrote it; `url`: in our spelling."""
    if not url:
        return f"it redirects to {told:.300}, which is no address of http or https"
    host = "a private address" if names_private(url) else "another host"
    return f"it redirects to {url}, {host}"


async def crawl_site(progress: Progress, url: str, limits: Limits) -> str:
    """Crawl a site into files of the job's folder; return the start in our spelling. Raises `JobFailed`."""
    async with Fetcher(private=limits.private) as fetcher:
        crawler = Crawler(progress, url, limits, fetcher)
        await crawler.run()
        return crawler.start

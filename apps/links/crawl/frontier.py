"""What a crawl knows and what it will ask for next: links before sitemaps, near pages before far ones."""

from array import array
from collections import deque

from apps.links.graph.files import MOST_URLS, NOT_ASKED, GraphFiles, lines

UNKNOWN = -1
"""Depth of a page that no click leads to; the id of a URL that there was no room for."""


class Frontier:
    """The known URLs, each with an id (0, 1, 2 …) and a depth, and the queue of those that are asked for."""

    def __init__(self, files: GraphFiles) -> None:
        """Read what an earlier run left in the files."""
        self._files = files
        self.ids: dict[str, int] = {}
        self.urls: list[str] = []
        self.depths = array("h")
        self.asked = 0
        """Pages that were asked for, now or by an earlier run."""
        self.full = False
        """Whether a URL was left out because there are too many."""
        self._queue: deque[int] = deque()
        self._listed: dict[int, None] = {}
        self._queued: set[int] = set()
        self._read()

    def _read(self) -> None:
        for url, depth, _, listed in lines(self._files.folder, "urls"):
            self._remember(url, depth, listed=bool(listed))
        done = {line[0]: line[1] for line in lines(self._files.folder, "pages")}
        for (key,) in lines(self._files.folder, "queue"):
            self._enter(key)
        self._queue = deque(key for key in self._queue if key not in done)
        self._queued.update(done)
        self.asked = sum(status != NOT_ASKED for status in done.values())

    def _remember(self, url: str, depth: int, *, listed: bool) -> int:
        key = len(self.urls)
        self.ids[url] = key
        self.urls.append(url)
        self.depths.append(depth)
        if listed:
            self._listed[key] = None
        return key

    def note(self, url: str, depth: int, parent: int, *, listed: bool = False) -> int:
        """Return the id of a URL, which is new or known; `UNKNOWN` when there is no room for a new one.

        `listed`: a sitemap names it, so it is asked for when no linked page is left.
        """
        key = self.ids.get(url, UNKNOWN)
        if key != UNKNOWN:
            if depth >= 0:
                self.depths[key] = min(depth, self.depths[key]) if self.depths[key] >= 0 else depth
            return key
        if len(self.urls) >= MOST_URLS:
            self.full = True
            return UNKNOWN
        self._files.add("urls", url, depth, parent, int(listed))
        return self._remember(url, depth, listed=listed)

    def queue(self, key: int) -> None:
        """Ask for a page later, unless it is in the queue or was asked for."""
        if key not in self._queued:
            self._enter(key)
            self._files.add("queue", key)

    def _enter(self, key: int) -> None:
        self._queued.add(key)
        self._queue.append(key)
        self._listed.pop(key, None)

    def leave_out(self, key: int) -> bool:
        """Never ask for a page; return whether this is new."""
        new = key not in self._queued
        self._queued.add(key)
        self._listed.pop(key, None)
        return new

    def next(self) -> int:
        """Return the id of the page to ask for now; there must be one (`open`)."""
        if not self._queue:
            self.queue(next(iter(self._listed)))
        self.asked += 1
        return self._queue.popleft()

    @property
    def open(self) -> bool:
        """Whether there is a page to ask for."""
        return bool(self._queue or self._listed)

    @property
    def expected(self) -> int:
        """How many pages will have been asked for, as far as is known now."""
        return self.asked + len(self._queue) + len(self._listed)

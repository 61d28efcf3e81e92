"""What a site asks of crawlers: which of its hosts is meant, its robots.txt, its sitemaps."""

from urllib.parse import urlsplit

from apps.links.crawl.addresses import normal, path_of, site_of
from apps.links.crawl.fetch import Answer, Fetcher
from apps.links.crawl.network import Unreachable
from apps.links.crawl.robots import LARGEST, Robots, read_robots
from apps.links.crawl.sitemap import LARGEST as LARGEST_SITEMAP
from apps.links.crawl.sitemap import MOST_SITEMAPS, read_sitemap

MOST_REDIRECTS = 5


class Rules:
    """What the hosts of a crawl allow. The robots.txt of a host is asked for once."""

    def __init__(self, fetcher: Fetcher) -> None:
        """Asks for nothing yet."""
        self._fetcher = fetcher
        self._robots: dict[str, Robots] = {}

    async def of(self, url: str) -> Robots:
        """Return the rules of the host of a URL; raises `Unreachable` if it does not say whether it may be crawled."""
        root = root_of(url)
        if root not in self._robots:
            self._robots[root] = await self._ask(f"{root}/robots.txt")
        return self._robots[root]

    async def _ask(self, url: str) -> Robots:
        answer = await follow(self._fetcher, url, LARGEST)
        if answer.status >= 500:
            raise Unreachable(f"{url} answers HTTP {answer.status}, so that nobody knows what may be crawled")
        return read_robots(answer.body.decode(errors="replace")) if answer.status == 200 else Robots()

    def allow(self, url: str) -> bool:
        """Return whether a page may be asked for, as far as is known."""
        robots = self._robots.get(root_of(url))
        return robots is None or robots.allows(path_of(url))

    @property
    def delay(self) -> float:
        """The longest pause between two requests that a host asks for, in seconds."""
        return max((one.delay for one in self._robots.values()), default=0.0)

    async def listed(self, url: str, most: int) -> list[str]:
        """Return up to `most` pages that the sitemaps of a host list."""
        waiting = (await self.of(url)).sitemaps or [f"{root_of(url)}/sitemap.xml"]
        asked: set[str] = set()
        found: dict[str, None] = {}
        while waiting and len(asked) < MOST_SITEMAPS and len(found) < most:
            one = normal(waiting.pop(0), url)
            if one in asked or site_of(one) != site_of(url):
                continue
            asked.add(one)
            pages, more = await self._sitemap(one)
            found.update(dict.fromkeys(pages))
            waiting += more
        return list(found)[:most]

    async def _sitemap(self, url: str) -> tuple[list[str], list[str]]:
        try:
            answer = await follow(self._fetcher, url, LARGEST_SITEMAP)
        except Unreachable:
            return [], []
        return read_sitemap(answer.body) if answer.status == 200 else ([], [])


def root_of(url: str) -> str:
    """Return scheme and host of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def follow(fetcher: Fetcher, url: str, largest: int) -> Answer:
    """Return the answer at the end of redirects; raises `Unreachable` when there are too many."""
    for _ in range(MOST_REDIRECTS + 1):
        answer = await fetcher.get(url, largest=largest)
        following = normal(answer.leads_to, url) if answer.leads_to else ""
        if not following:
            return answer
        url = following
    raise Unreachable(f"{url} redirects more than {MOST_REDIRECTS} times")

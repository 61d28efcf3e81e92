"""The crawler, in this process, on a site of the tests."""

import ipaddress
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.links.crawl import crawler as crawling
from apps.links.crawl import fetch, network
from apps.links.crawl.addresses import is_private, normal, start_address
from apps.links.crawl.html import read_page
from apps.links.crawl.robots import read_robots
from apps.links.graph.files import lines
from apps.links.jobs import crawl
from apps.links.store import CRAWL
from apps.tables import BadValue
from apps.work.progress import JobFailed, Paused, Progress, Result
from tests.support.link_site import LinkSite
from tests.support.system import ROOT, run_apart

FAST = 1_000


@pytest.fixture(scope="module")
def site() -> Iterator[LinkSite]:
    with LinkSite(pages=60) as site:
        yield site


class Job:
    """A job in this process: `run` crawls; a job with the same folder goes on."""

    def __init__(self, folder: Path, pause_after: int = 10**9) -> None:
        self.folder = folder
        self.said: list[Any] = []
        self._left = pause_after

    def _pausing(self) -> bool:
        self._left -= 1
        return self._left < 0

    def run(self, url: str, **chosen: Any) -> Result:
        progress = Progress(7, self.folder, self.said.append, {}, self._pausing)
        limits = {"pages": 500, "depth": 20, "per_second": FAST, "private": True} | chosen
        return run_apart(crawl(progress, url=url, **limits))

    @property
    def findings(self) -> dict[str, Any]:
        return json.loads((self.folder / "files" / "findings.json").read_text())

    def pages(self) -> dict[str, dict[str, Any]]:
        """What is known of each page that was asked for, by path."""
        urls = [line[0] for line in lines(self.folder, "urls")]
        found = {}
        for key, status, problem, size, _, title, _ in lines(self.folder, "pages"):
            path = "/" + urls[key].split("/", 3)[3]
            found[path] = {"status": status, "problem": problem, "size": size, "title": title}
        return found


@pytest.fixture(scope="module")
def crawled(site: LinkSite, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The whole site, crawled. Slow pages have 2 s."""
    job = Job(tmp_path_factory.mktemp("job"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fetch.Fetcher.__init__, "__kwdefaults__", {"page_seconds": 2.0})
        job.result = job.run(site.url)
    return job


def test_each_page_is_asked_for_once(site, crawled):
    counts = site.counts

    assert {path: count for path, count in counts.items() if count > 1 and path != "/broken-off"} == {}
    assert all(f"/page/{number}" in counts for number in range(60))
    assert site.at_most <= fetch.AT_ONCE


def test_what_goes_wrong_on_a_page_is_written_beside_it_and_the_crawl_goes_on(crawled):
    pages = crawled.pages()

    assert (pages["/error"]["status"], pages["/missing"]["status"]) == (500, 404)
    assert pages["/slow"] == {"status": 0, "problem": "it was not complete after 2 s", "size": 0, "title": ""}
    assert pages["/endless"]["size"] == pages["/bomb"]["size"] == fetch.LARGEST_BODY
    assert "larger than 2 MB" in pages["/endless"]["problem"]
    assert "connection broke" in pages["/broken-off"]["problem"]
    assert pages["/latin"]["title"] == "Müller"
    assert pages["/klingon"]["title"].startswith("tlh")
    assert pages["/file.pdf"]["size"] == 0


def test_a_redirect_that_is_not_followed_says_the_reason_beside_its_page(crawled):
    pages = crawled.pages()
    lines = (crawled.folder / "files" / "pages.csv").read_text(encoding="utf-8-sig").splitlines()

    evil = "it redirects to http://169.254.169.254/latest/meta-data/, a private address"
    assert (pages["/evil"]["status"], pages["/evil"]["problem"]) == (302, evil)
    assert pages["/to-file"]["problem"] == "it redirects to file:///etc/passwd, which is no address of http or https"
    assert pages["/chain/1"]["problem"] == ""
    assert [line for line in lines if "/evil," in line and evil in line]


def test_docs_list_what_a_crawl_asks_and_it_asks_nothing_else(site, crawled):
    page = (ROOT / "docs" / "servers.md").read_text()
    (row,) = (line for line in page.splitlines() if line.startswith("| the site that you name in the app Links |"))
    (agent,) = site.agents
    urls = {"/" + line[0].split("/", 3)[3] for line in lines(crawled.folder, "urls")}
    words = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}

    assert set(site.asked) - urls == {"/robots.txt", "/sitemap.xml"}
    assert "`/robots.txt`, its sitemaps, and its pages" in row
    assert f"`User-Agent: {agent.split()[0]} …`" in row
    assert f"at its start to at most {words[crawling.MOST_HOSTS - 1]} further hosts" in " ".join(page.split())


def test_robots_txt_and_nofollow_are_respected(site, crawled):
    asked = set(site.asked)

    assert not asked & {"/forbidden/page", "/data.secret", "/hidden", "/beyond"}
    assert {"/forbidden/allowed", "/unfollowed-links"} <= asked
    assert crawled.pages()["/forbidden/page"]["problem"] == "robots.txt forbids it"
    assert crawled.findings["figures"]["forbidden"] == 2


def test_the_findings_name_what_an_owner_of_the_site_would_mend(site, crawled):
    found = crawled.findings
    broken = {one["url"].removeprefix(site.url): one for one in found["broken"]["entries"]}
    chains = [[url.removeprefix(site.url) for url in one["urls"]] for one in found["chains"]["entries"]]

    assert {"/error", "/missing", "/slow", "/broken-off"} <= broken.keys()
    assert broken["/missing"]["linked_from"] == [f"{site.url}/odd"]
    assert chains == [["/chain/1", "/chain/2", "/chain/3", "/plain"], ["/circle/1", "/circle/2", "/circle/3"]]
    assert [one["circle"] for one in found["chains"]["entries"]] == [False, True]
    assert [one["url"] for one in found["orphans"]["entries"]] == [f"{site.url}/lonely"]
    deep = {one["url"].removeprefix(site.url): one["depth"] for one in found["deep"]["entries"]}
    assert deep == {"/deep/3": 4, "/deep/4": 5, "/deep/5": 6, "/deep/6": 7}
    assert found["linked"]["entries"][0]["url"] == f"{site.url}/"


def test_the_row_and_the_files_say_the_same(site, crawled):
    row = crawled.result.rows[0]["values"]
    files = {file.name for file in (crawled.folder / "files").iterdir()}
    edges = (crawled.folder / "files" / "edges.csv").read_text().splitlines()

    assert (row["start"], row["job"], row["source"]) == (f"{site.url}/", 7, "crawl")
    assert row["edges"] == len(edges) - 1
    assert files == {"findings.json", "graph.json", "edges.csv", "pages.csv", "graph.graphml"}


def test_a_crawl_that_is_stopped_at_checkpoints_goes_on_and_has_each_page_once(crawled, tmp_path, monkeypatch):
    monkeypatch.setattr(crawling, "CHECKPOINT_SECONDS", 0.0)

    with LinkSite(pages=60) as site:
        site.release()
        for _ in range(6):
            with pytest.raises(Paused):
                Job(tmp_path, pause_after=12).run(site.url)
            with (tmp_path / "pages.jsonl").open("ab") as file:
                file.write(b'[0,200,"half a li')  # what a kill may leave behind the checkpoint
        job = Job(tmp_path)
        job.run(site.url)

    keys = [line[0] for line in lines(tmp_path, "pages")]
    edges = [tuple(line) for line in lines(tmp_path, "edges")]
    assert len(keys) == len(set(keys))
    assert len(edges) == len(set(edges))
    assert set(job.pages()) == set(crawled.pages()) | {"/from-slow"}


@pytest.mark.parametrize(("pages", "depth", "expected"), [(5, 20, 5), (500, 0, 1), (500, 1, 22)])
def test_the_limits_of_pages_and_depth_hold(site, tmp_path, monkeypatch, pages, depth, expected):
    monkeypatch.setattr(crawling.Rules, "listed", no_sitemap)
    job = Job(tmp_path)

    job.run(site.url, pages=pages, depth=depth)

    assert sum(page["status"] >= 0 for page in job.pages().values()) == expected


async def no_sitemap(*_: object) -> list[str]:
    return []


def test_requests_keep_the_pace(site, tmp_path):
    begun = time.monotonic()

    Job(tmp_path).run(site.url, pages=10, per_second=20)

    assert time.monotonic() - begun >= 9 / 20


# --- what is refused ---


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("file:///etc/passwd", "Only http and https can be crawled"),
        ("ftp://example.test", "Only http and https can be crawled"),
        ("http://", "is not the address of a page"),
        ("two words", "is not the address of a page"),
        ("http://127.0.0.1:1/", "127.0.0.1 is a private address"),
        ("http://[::1]/", "is a private address"),
        ("http://169.254.169.254/latest", "is a private address"),
        ("http://localhost/", "is a private address"),
        ("http://no-such-name.invalid/", "does not resolve"),
    ],
)
def test_what_may_not_be_crawled_is_refused_with_a_sentence(tmp_path, url, sentence):
    with pytest.raises(JobFailed, match=sentence):
        Job(tmp_path).run(url, private=False)


def resolving(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> None:
    """Let names resolve to addresses, each time to the next one; others as they are."""
    real = network.resolved

    async def resolved(host: str) -> list[Any]:
        if host not in names:
            return await real(host)
        return [ipaddress.ip_address(names[host].pop(0) if len(names[host]) > 1 else names[host][0])]

    monkeypatch.setattr(network, "resolved", resolved)
    # what stands for a public address in this test
    monkeypatch.setattr(network, "is_private", lambda one: one != ipaddress.ip_address("127.0.0.1"))


def test_a_start_that_redirects_to_a_private_address_is_refused(site, tmp_path, monkeypatch):
    resolving(monkeypatch, {"public.test": ["127.0.0.1"]})

    with pytest.raises(JobFailed, match=r"leads to http://169.254.169.254.*is a private address"):
        Job(tmp_path).run(f"http://public.test:{site.port}/evil", private=False)
    with pytest.raises(JobFailed, match="leads to file:///etc/passwd"):
        Job(tmp_path).run(f"http://public.test:{site.port}/to-file", private=False)


def test_a_name_that_resolves_to_a_private_address_later_is_not_connected_to(tmp_path, monkeypatch):
    resolving(monkeypatch, {"public.test": ["127.0.0.1", "10.0.0.1"]})
    job = Job(tmp_path)

    with LinkSite(pages=1, keeps_alive=False) as site:
        job.run(f"http://public.test:{site.port}/plain", private=False, pages=5)

    assert [one["problem"] for one in job.pages().values()] == [
        "public.test (10.0.0.1) is a private address. It is asked only if you allow private addresses"
    ]


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1"),
        *("fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:0a00:0001::"),
    ],
)
def test_addresses_that_are_not_public_are_known(address):
    assert is_private(ipaddress.ip_address(address))


def test_public_addresses_are_asked():
    assert not is_private(ipaddress.ip_address("93.184.216.34"))
    assert not is_private(ipaddress.ip_address("2606:2800:220:1::1"))


def test_a_site_that_does_not_say_what_may_be_crawled_is_left_alone(tmp_path):
    with LinkSite(pages=1, robots_status=503) as site, pytest.raises(JobFailed, match=r"robots.txt answers HTTP 503"):
        Job(tmp_path).run(site.url)


def test_a_start_that_robots_txt_forbids_is_refused(site, tmp_path):
    with pytest.raises(JobFailed, match=r"robots\.txt forbids it"):
        Job(tmp_path).run(f"{site.url}/forbidden/page")


# --- parts ---


def test_urls_have_one_spelling():
    base = "https://example.test/a/b?x=1"

    assert normal("HTTP://Example.TEST:80/x/../y#part") == "http://example.test/y"
    assert normal("../c d", base) == "https://example.test/cd"
    assert normal("?y=ü", base) == "https://example.test/a/b?y=%C3%BC"
    assert normal("//bücher.test", base) == "https://xn--bcher-kva.test/"
    assert [normal(one, base) for one in ("mailto:a@b", "javascript:1", "http://[", "http://a:99999/", "x" * 3000)] == [
        ""
    ] * 5
    assert start_address("example.test/a") == "https://example.test/a"


def test_the_longest_rule_for_us_wins():
    robots = read_robots(
        "User-agent: other\nDisallow: /\n\nUser-agent: pianola\nuser-agent: x\nDisallow: /a\nAllow: /a/b # yes\n"
        "Disallow: /*.php$\nCrawl-delay: 3600\n\nUser-agent: *\nDisallow: /\nSitemap: https://example.test/map.xml\n"
    )

    assert [robots.allows(path) for path in ("/", "/a/c", "/a/b/c", "/x.php", "/x.php?y")] == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert robots.delay == 10.0
    assert robots.sitemaps == ["https://example.test/map.xml"]


def test_links_of_broken_markup_are_read():
    page = read_page(
        "http://a.test/x/",
        b"<base href=/y/><a href='b'><a\nHREF=\"c\" rel=nofollow><area href=d><a href=b rel=nofollow><![x<a href=e",
        {},
    )

    assert page.links == {"http://a.test/y/b": True, "http://a.test/y/c": False, "http://a.test/y/d": True}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://192.168.0.1/x", "it redirects to http://192.168.0.1/x, a private address"),
        ("http://localhost/", "it redirects to http://localhost/, a private address"),
        ("https://other.test/", "it redirects to https://other.test/, another host"),
        ("", "it redirects to ftp://a, which is no address of http or https"),
    ],
)
def test_a_redirect_off_the_site_is_told_in_words(url, told):
    assert crawling.off_site("ftp://a", url) == told


@pytest.mark.parametrize(
    "url", ["https://ada:secret@shop.test/", "ada:secret@shop.test", "HTTPS:\\\\ada@shop.test/a", " //t0k3n@shop.test"]
)
def test_an_address_with_a_password_is_refused_before_it_is_stored(url):
    with pytest.raises(BadValue, match="names a user or a password") as refused:
        CRAWL.checked({"url": url})

    assert refused.value.field == "url"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://shop.test/@ada", "shop.test/?mail=a@b.test", "shop.test#a@b"])
def test_an_at_sign_further_behind_is_no_password(url):
    assert CRAWL.checked({"url": url})["url"] == url

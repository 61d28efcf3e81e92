"""Read a page: its links, its title, and whether its links are to be followed."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from apps.links.crawl.addresses import normal

TYPES = ("text/html", "application/xhtml+xml")
LONGEST_TITLE = 200
MOST_LINKS = 5_000
"""Links of one page that are read."""
PARSE_SECONDS = 3.0
"""Broken markup can take very long: what is not read by then is left out."""
PIECE = 32 * 1024
CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(slots=True)
class Page:
    """What a page says. `links`: each URL once, in our spelling, and whether it is to be followed."""

    title: str = ""
    links: dict[str, bool] = field(default_factory=dict)
    follow: bool = True


def read_page(url: str, body: bytes, headers: Mapping[str, str]) -> Page:
    """Return what a page says. Whatever the body is, it raises nothing."""
    reader, text, begun = Reader(url), decoded(body, headers.get("content-type", "")), time.monotonic()
    for place in range(0, len(text), PIECE):
        try:
            reader.feed(text[place : place + PIECE])
        except (AssertionError, ValueError):  # html.parser, for a few malformed declarations
            break
        if reader.is_full or time.monotonic() - begun > PARSE_SECONDS:
            break
    page = reader.page
    page.title = " ".join("".join(reader.title).split())[:LONGEST_TITLE]
    page.follow = page.follow and not forbids(headers.get("x-robots-tag", ""))
    return page


def decoded(body: bytes, content_type: str) -> str:
    """Return a body as text: by its mark, as the server or the page says, else UTF-8. Wrong bytes are replaced."""
    marked = next((name for mark, name in MARKS if body.startswith(mark)), "")
    told = HEADER_CHARSET.search(content_type)
    found = CHARSET.search(body[:2048])
    for name in (marked, told[1] if told else "", found[1].decode("ascii") if found else ""):
        try:
            return body.decode(name or "no encoding", errors="replace")
        except (LookupError, ValueError):  # no such encoding, or one that is not of texts
            continue
    return body.decode(errors="replace")


def forbids(rules: str) -> bool:
    """Return whether the words of a robots tag say that links are not to be followed."""
    return bool({"nofollow", "none"} & set(re.split(r"[\s,:]+", rules.lower())))


class Reader(HTMLParser):
    """Collects from the tags of a page."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.title: list[str] = []
        self._url = self._base = url
        self._in_title = False

    @property
    def is_full(self) -> bool:
        """Whether no more links are taken."""
        return len(self.page.links) >= MOST_LINKS

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a link, the base of links, or a rule for robots."""
        if tag in ("a", "area", "base", "meta"):
            found = {name: value or "" for name, value in attrs}
            if tag == "meta":
                self._take_rule(found)
            elif "href" in found:
                self._take_link(tag, found)
        elif tag == "title":
            self._in_title = not self.title

    def _take_rule(self, found: dict[str, str]) -> None:
        if found.get("name", "").lower() in ("robots", "pianola") and forbids(found.get("content", "")):
            self.page.follow = False

    def _take_link(self, tag: str, found: dict[str, str]) -> None:
        if tag == "base":
            self._base = normal(found["href"], self._url) or self._base
        elif not self.is_full and (url := normal(found["href"], self._base)) and url != self._url:
            follow = "nofollow" not in found.get("rel", "").lower().split()
            self.page.links[url] = follow or self.page.links.get(url, False)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of the title."""
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        """Take the title."""
        if self._in_title and len(self.title) < LONGEST_TITLE:
            self.title.append(data)

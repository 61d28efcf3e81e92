"""Sitemaps: the pages that a site itself lists."""

import html
import re
import zlib

from apps.links.crawl.addresses import normal

LOCATION = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,2000}?)\s*(?:\]\]>)?\s*</loc>", re.IGNORECASE)
INDEX = "<sitemapindex"
LARGEST = 10 * 1024 * 1024
MOST_SITEMAPS = 20
"""Sitemaps of one site that are read."""


def read_sitemap(body: bytes) -> tuple[list[str], list[str]]:
    """Return the pages, and the further sitemaps, that a sitemap lists. No XML parser: only its `loc` are wanted."""
    if body.startswith(b"\x1f\x8b"):
        try:
            body = zlib.decompressobj(47).decompress(body, LARGEST)
        except zlib.error:
            return [], []
    text = body.decode(errors="replace")
    found = [url for one in LOCATION.findall(text) if (url := normal(html.unescape(one)))]
    return ([], found) if INDEX in text[:2000].lower() else (found, [])

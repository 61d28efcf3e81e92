"""The first picture of a graph of 10,000 links, in the processor seconds of its tab, beside a graph of 100.

    python -m bench.link_picture [--rounds 3]

From the click on the graph to the first picture, in a real browser; the small graph tells what any picture costs. The
aim: at most 2 s for the large one. Processor time, because other work on the machine takes turns with it; a busy
machine makes it longer all the same.
"""

import argparse
from statistics import median

from playwright.sync_api import CDPSession, expect, sync_playwright

from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.system import System

LARGE, SMALL = 2_000, 20
"""Pages. Each has five links to others."""


def graph(pages: int) -> bytes:
    """Return a file of links, of which a few lead to the same pages."""
    lines = [f"http://a.test/{n},http://a.test/{(n * 7 + k * k) % pages}" for n in range(pages) for k in range(1, 6)]
    return "\n".join(["source,target", *lines]).encode()


def thread_seconds(protocol: CDPSession) -> float:
    """Return the processor seconds that the tab's main thread has used."""
    found = protocol.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in found if one["name"] == "ThreadTime")


def picture(tab: Tab, name: str) -> float:
    """Return the processor seconds from the click on a graph to its first picture."""
    tab.page.goto(f"{tab.base}/apps/links")
    tab.connected()
    protocol = tab.page.context.new_cdp_session(tab.page)
    protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = thread_seconds(protocol)
    tab.page.get_by_role("link", name=name, exact=True).click()
    expect(tab.page.locator("#graph-section[data-drawn=yes] canvas").first).to_be_attached()
    return thread_seconds(protocol) - before


def add(tab: Tab, name: str, pages: int) -> None:
    """Import a graph, and wait until it is in the list."""
    tab.page.goto(f"{tab.base}/apps/links")
    tab.connected()
    tab.page.set_input_files("#links-file", {"name": name, "mimeType": "text/csv", "buffer": graph(pages)})
    expect(tab.page.get_by_role("link", name=name, exact=True)).to_be_visible()


def main() -> None:
    """Print the medians."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    rounds = arguments.parse_args().rounds
    with System() as system, sync_playwright() as playwright:
        system.start(*EVERYTHING, "jobs")
        with Chromium(playwright) as chromium, chromium.visit(system, reduced_motion="reduce") as tab:
            add(tab, "large.csv", LARGE)
            add(tab, "small.csv", SMALL)
            found = {name: [picture(tab, name) for _ in range(rounds)] for name in ("large.csv", "small.csv")}
    large, small = (median(found[name]) for name in ("large.csv", "small.csv"))
    print(f"10,000 links: {large:.2f} s (aim 2 s); 100 links: {small:.2f} s; {large / small:.1f} times as long")


if __name__ == "__main__":
    main()

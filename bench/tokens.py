"""From Ollama's write to the page: Pianola compared with the plain bridge, by turns, in one run and one browser.

The latency of a token is also measured for the bare band: the lowest cost of three processes on a bus.

    python -m bench.tokens [--rounds 5] [--tabs 4]

Latency of a token: from just before the double writes its line until the page's text contains it. First token: from the
key press. Burst: tokens per second when the double writes 2,000 at full speed. Tabs: the latency again, with this many
more tabs open on the same page.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.figures import percentile, percentiles
from bench.ollama import BURST, SPEECHES
from tests.support.browser import EVERYTHING, FLAGS
from tests.support.system import ROOT, System, free_port

PLAIN_ANSWER, PLAIN_DONE = ".answer:last-child", "document.querySelectorAll('[data-state=done]').length"
PROBE = (Path(__file__).parent / "probe.js").read_text()


@dataclass
class Figures:
    """The measurements of one contender: milliseconds, tokens per second, bytes."""

    latencies: list[float] = field(default_factory=list)
    crowded: list[float] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    bursts: list[float] = field(default_factory=list)
    overheads: list[float] = field(default_factory=list)


@dataclass
class Contender:
    """A page, and where its answer is. `done`: a JavaScript expression that counts finished answers."""

    url: str
    answer: str
    done: str
    ollama: str
    figures: Figures = field(default_factory=Figures)

    def open(self, context: BrowserContext) -> Page:
        """Open a tab with a probe that records when the text grows."""
        page = context.new_page()
        page.add_init_script(PROBE.replace("SELECTOR", self.answer))
        page.goto(self.url)
        page.wait_for_selector("#chat-input")
        page.wait_for_timeout(500)
        return page

    def ask(self, page: Page, what: str) -> tuple[list[float], float]:
        """Ask for an answer; return the latency of each token, and of the first one from the key press."""
        before = page.evaluate(self.done)
        page.evaluate("probe.reset()")
        page.focus("#chat-input")
        page.keyboard.type(f"Say {what}")
        page.keyboard.press("Enter")
        page.wait_for_function(f"n => ({self.done}) > n", arg=before, timeout=120_000, polling=50)
        grown = page.evaluate("probe.grown")
        return latencies(what, self.written(what), grown), grown[0][0] - page.evaluate("probe.pressed")

    def written(self, what: str) -> list[float]:
        """Return when each line of the newest such speech was written, in ms of the Unix time."""
        chats = httpx.get(f"{self.ollama}/double/chats", trust_env=False).json()
        chat = next(one for one in reversed(chats) if one["body"]["messages"][-1]["content"].endswith(what))
        return [wall * 1000 for _, wall in chat["written"]]


def latencies(what: str, written: list[float], grown: list[list[float]]) -> list[float]:
    """Pair each token with the first moment at which the page's text was long enough to hold it."""
    length, found, place = 0, [], 0
    for step, wall in zip(SPEECHES[what], written, strict=False):
        length += len(step.text)
        while place < len(grown) and grown[place][1] < length:
            place += 1
        if place < len(grown):  # else the rendered text has replaced the last piece
            found.append(grown[place][0] - wall)
    return found


# --- the contenders ---


@contextmanager
def process(*arguments: str, port: int = 0) -> Iterator[str]:
    """Run a module. With a port: yield its URL as soon as it answers."""
    started = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        if port:
            wait_for(url)
        yield url
    finally:
        started.terminate()
        started.wait(10)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(url, trust_env=False)
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def plain() -> Iterator[Contender]:
    port, ollama_port = free_port(), free_port()
    with (
        process("bench.ollama", str(ollama_port), port=ollama_port) as ollama,
        process("bench.plain_bridge", str(port), ollama, port=port) as url,
    ):
        yield Contender(url, PLAIN_ANSWER, PLAIN_DONE, ollama)


@contextmanager
def bare() -> Iterator[Contender]:
    port, ollama_port = free_port(), free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        process("bench.ollama", str(ollama_port), port=ollama_port) as ollama,
        process("bench.bare_band", "broker", folder),
        process("bench.bare_band", "worker", folder, ollama),
        process("bench.bare_band", "web", folder, str(port), port=port) as url,
    ):
        yield Contender(url, PLAIN_ANSWER, PLAIN_DONE, ollama)


@contextmanager
def pianola() -> Iterator[Contender]:
    port = free_port()
    with process("bench.ollama", str(port), port=port) as ollama, System({"OLLAMA_HOST": ollama}) as system:
        system.start(*EVERYTHING)
        token = system.settings.token_file.read_text().strip()
        answers = "#chat-log article[data-role=assistant]"
        yield Contender(
            f"http://{system.settings.host_file.read_text().strip()}:{system.port}/?token={token}",
            f"{answers} .text",
            f"document.querySelectorAll('{answers}[data-state=done]').length",
            ollama,
        )


# --- the rounds ---


def measure(contender: Contender, context: BrowserContext, page: Page, tabs: int) -> None:
    """Measure the rest of a round: first token, burst, more tabs."""
    figures = contender.figures
    figures.firsts.append(contender.ask(page, "first")[1])
    before = page.evaluate("probe.bytes")
    found = contender.ask(page, "burst")[0]
    written = contender.written("burst")
    figures.bursts.append(1000 * len(found) / (written[len(found) - 1] + found[-1] - written[0]))
    text = sum(len(step.text) for step in SPEECHES["burst"])
    figures.overheads.append((page.evaluate("probe.bytes") - before - text) / BURST)
    others = [contender.open(context) for _ in range(tabs)]
    figures.crowded += contender.ask(page, "steady")[0]
    for other in others:
        other.close()


def report(plain: Figures, floor: Figures, ours: Figures, tabs: int) -> None:
    """Print the measurements and the ratios."""
    print("token, ms        plain ", percentiles(plain.latencies))
    print("                 bare  ", percentiles(floor.latencies))
    print("                 ours  ", percentiles(ours.latencies))
    for share in (0.5, 0.99):
        ratios = [percentile(one.latencies, share) / percentile(plain.latencies, share) for one in (floor, ours)]
        print(f"  ratio p{share * 100:.0f}       {ratios[1]:.2f}  (bare {ratios[0]:.2f})")
    print(f"  {tabs} more tabs    {percentiles(ours.crowded)}")
    print(f"  ratio p50       {percentile(ours.crowded, 0.5) / percentile(ours.latencies, 0.5):.2f}")
    print("first token, ms  plain ", percentiles(plain.firsts))
    print("                 ours  ", percentiles(ours.firsts))
    print(f"burst, tokens/s  plain  {statistics.median(plain.bursts):.0f}  ours {statistics.median(ours.bursts):.0f}")
    print(f"  ratio           {statistics.median(ours.bursts) / statistics.median(plain.bursts):.2f}")
    print(f"WebSocket, bytes per token beyond the text: {statistics.median(ours.overheads):.1f}")


def contexts(browser: Browser, contenders: list[Contender]) -> list[tuple[Contender, Any, Page]]:
    made = [(contender, browser.new_context()) for contender in contenders]
    return [(contender, context, contender.open(context)) for contender, context in made]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tabs", type=int, default=4)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        contenders = [stack.enter_context(made) for made in (plain(), bare(), pianola())]
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS
        )
        opened = contexts(browser, contenders)
        for _ in range(chosen.rounds):
            for contender, _, page in opened:
                contender.figures.latencies += contender.ask(page, "steady")[0]
            for contender, context, page in (opened[0], opened[2]):
                measure(contender, context, page, chosen.tabs)
        report(*(contender.figures for contender in contenders), chosen.tabs)
        browser.close()


if __name__ == "__main__":
    main()

"""What drawing an answer block by block costs: a long Markdown answer beside as much plain text, in one tab.

    python -m bench.answers [--rounds 3] [--rate 200]

For each: bytes over the WebSocket and seconds of web's and the browser's processor per token, and how much the page
moved between the last token and half a second after the end, as the browser counts it (`layout-shift`; the aim: 0).
"""

import argparse
import statistics
import threading
from dataclasses import dataclass, field

from playwright.sync_api import CDPSession, expect, sync_playwright

from bench.footprint import cpu_seconds
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.ollama_double import Done, OllamaDouble, Say, Tell, Wait
from tests.support.system import System

BLOCKS = (
    "## Part {number}",
    "Some words with **weight**, a `name` and a link to https://example.com/{number}, and then some more of them.",
    "1. first of all\n2. then the *second*\n3. at last",
    "| name | value |\n|---|---|\n| a | {number} |\n| b | two |",
    "```python\ndef part() -> int:\n    return {number}\n```",
)
MARKDOWN = "\n\n".join(BLOCKS[number % len(BLOCKS)].format(number=number) for number in range(20)) + "\n\nThat is all."
PLAIN = "".join(letter if letter.isalnum() else " " for letter in MARKDOWN)
LETTERS = 4
"""Characters of a token."""
PROBE = """
window.bytes = 0;
const Original = WebSocket;
window.WebSocket = class extends Original {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => (bytes += new TextEncoder().encode(data).length));
  }
};
"""
WATCH = """
() => {
  window.shifts = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => (shifts += one.value)))
    .observe({ type: "layout-shift" });
}
"""


@dataclass
class Figures:
    """Of each round: bytes per token beyond its text, microseconds per token of web and of the browser, and shifts."""

    bytes: list[float] = field(default_factory=list)
    web: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    shifts: list[float] = field(default_factory=list)


def busy(counters: CDPSession) -> float:
    """Return the seconds that the browser has worked for the page."""
    metrics = counters.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def measure(tab: Tab, counters: CDPSession, ollama: OllamaDouble, text: str, rate: float, figures: Figures) -> None:
    """Have one answer written, and note what it cost."""
    tokens = [text[at : at + LETTERS] for at in range(0, len(text), LETTERS)]
    written, go_on, page, web = threading.Event(), threading.Event(), tab.page, tab.system.processes["web"].pid
    ollama.play([*(Say(token, rate) for token in tokens), Tell(written), Wait(go_on), Done()])
    before = page.evaluate("bytes"), cpu_seconds(web), busy(counters)
    tab.say("Tell a long story.")
    expect(tab.answer().locator(".text")).to_contain_text(text[-9:])
    page.evaluate(WATCH)
    go_on.set()
    tab.answered()
    after = page.evaluate("bytes"), cpu_seconds(web), busy(counters)
    page.wait_for_timeout(500)
    figures.bytes.append((after[0] - before[0] - len(text.encode())) / len(tokens))
    figures.web.append((after[1] - before[1]) / len(tokens) * 1e6)
    figures.browser.append((after[2] - before[2]) / len(tokens) * 1e6)
    figures.shifts.append(page.evaluate("shifts"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=200.0, help="tokens per second")
    chosen = parser.parse_args()
    found = {"plain": Figures(), "Markdown": Figures()}
    with (
        sync_playwright() as playwright,
        OllamaDouble() as ollama,
        System({"OLLAMA_HOST": ollama.url}) as system,
        Chromium(playwright) as chromium,
    ):
        system.start(*EVERYTHING)
        with chromium.visit(system) as tab:
            tab.page.add_init_script(PROBE)
            tab.reload()
            counters = tab.page.context.new_cdp_session(tab.page)
            counters.send("Performance.enable")
            for _ in range(chosen.rounds):
                for name, text in (("plain", PLAIN), ("Markdown", MARKDOWN)):
                    measure(tab, counters, ollama, text, chosen.rate, found[name])
    print("            bytes/token beyond the text   web µs/token   browser µs/token   shift at the end")
    for name, one in found.items():
        middle = [statistics.median(values) for values in (one.bytes, one.web, one.browser)]
        print(f"{name:10s}{middle[0]:31.1f}{middle[1]:15.0f}{middle[2]:19.0f}{max(one.shifts):19.4f}")


if __name__ == "__main__":
    main()

"""What an open tab costs while a conversation grows: the memory and work of the browser and of web, by thousands.

    python -m bench.long_talk [--messages 5000] [--every 1000]

A stranger on the bus plays user and assistant: each question is followed by an answer of 20 tokens that streams and
ends as Markdown. One tab shows all of it. The browser's figures are its own counters (`Performance.getMetrics`, after
its garbage was collected). The aim: neither memory nor time grows with the number of messages.
"""

import argparse
import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.footprint import cpu_seconds
from bus.bus import new_id
from bus.messages import LlmToken, StoreOrder
from tests.support.browser import FLAGS, Chromium
from tests.support.system import Guest, System

TOKENS = 20
ANSWER = "Here is **what** I found:\n\n- milk, two bottles\n- bread\n\n```python\nprint('%d')\n```\n"
AT_ONCE = 100
"""Messages that are written before the page is waited for."""
WORK = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
MEBIBYTE = 1024 * 1024
HEADS = ("messages", "seconds", "heap MiB", "nodes", "work s", "script s", "layout s", "style s", "web s", "web MiB")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: the browser's counters, and CPU seconds and resident bytes of web."""

    browser: dict[str, float]
    cpu: float
    resident: int


async def order(guest: Guest, **fields: Any) -> dict[str, Any]:
    """Have the store carry out an order; return the row."""
    asked = StoreOrder(**fields)
    heard = await guest.bus.ask(asked, asked.table, id=new_id())
    assert heard.message.ok, heard.message.error
    row: dict[str, Any] = heard.message.rows[0]
    return row


async def talk(guest: Guest, conversation: int, begin: int, count: int) -> None:
    """Write questions, and an answer after each that streams before it is stored."""
    for number in range(begin, begin + count, 2):
        common = {"conversation": conversation, "app": "todo"}
        question = await order(
            guest, verb="insert", table="message", values={**common, "role": "user", "text": f"Question {number}"}
        )
        values = {**common, "role": "assistant", "state": "streaming", "attempt": 1, "reply_to": question["id"]}
        answer = await order(guest, verb="insert", table="message", actor="system", values=values)
        text = ANSWER % number
        size = -(-len(text) // TOKENS)
        for index in range(TOKENS):
            piece = text[index * size : (index + 1) * size]
            guest.bus.say(LlmToken(generation=f"{answer['id']}.1", index=index, text=piece), str(conversation))
        ended = {"state": "done", "text": text, "model": "double:1b"}
        await order(guest, verb="update", table="message", id=answer["id"], actor="system", values=ended)
    guest.heard.clear()


def measure(counters: CDPSession, system: System) -> Figures:
    """Read the counters, after the browser has collected its garbage."""
    counters.send("HeapProfiler.collectGarbage")
    found = counters.send("Performance.getMetrics")["metrics"]
    browser = {one["name"]: float(one["value"]) for one in found}
    return Figures(browser, cpu_seconds(system.processes["web"].pid), system.memory("web"))


def line(messages: int, seconds: float, before: Figures, now: Figures) -> str:
    """Return a line of the table: what there is now, and what was used since the line before."""
    used = [now.browser[name] - before.browser[name] for name in WORK]
    times = "".join(f"{one:9.2f}" for one in (*used, now.cpu - before.cpu))
    heap, nodes = now.browser["JSHeapUsedSize"] / MEBIBYTE, now.browser["Nodes"]
    return f"{messages:8,} {seconds:7.1f} {heap:8.1f} {nodes:8,.0f}{times} {now.resident / MEBIBYTE:8.1f}"


def run(system: System, page: Page, counters: CDPSession, messages: int, every: int) -> None:
    """Let the conversation grow, and print a line for each `every` messages."""
    made = system.visit(lambda guest: order(guest, verb="insert", table="conversation", values={"title": "Long"}))
    number = int(made["id"])
    page.goto(f"{page.url.partition('/apps')[0]}/apps/todo?talk={number}")
    page.wait_for_selector("body[data-connected=yes]")
    page.wait_for_selector(f"#chat-log[data-conversation='{number}']")
    print("".join(f"{head:>9}" for head in HEADS))
    before = measure(counters, system)
    for done in range(0, messages, every):
        began = time.monotonic()
        for begin in range(done, done + every, AT_ONCE):
            system.visit(lambda guest, begin=begin: talk(guest, number, begin, AT_ONCE))
            last = f"print('{begin + AT_ONCE - 2}')"
            page.wait_for_function(
                "text => document.querySelector('#chat-log > article:last-of-type')?.textContent.includes(text)",
                arg=last,
                timeout=120_000,
            )
        seconds, now = time.monotonic() - began, measure(counters, system)
        print(line(done + every, seconds, before, now), flush=True)
        before = now


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--every", type=int, default=1_000)
    chosen = parser.parse_args()
    with System() as system, sync_playwright() as playwright:
        system.start("broker", "store", "web")
        browser = playwright.chromium.launch(executable_path=Chromium.path(), args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True).new_page()
        token = system.settings.token_file.read_text().strip()
        page.goto(f"http://{system.settings.host_file.read_text().strip()}:{system.port}/?token={token}")
        page.wait_for_selector("body[data-connected=yes]")
        counters = page.context.new_cdp_session(page)
        counters.send("Performance.enable")
        run(system, page, counters, chosen.messages, chosen.every)
        browser.close()


if __name__ == "__main__":
    main()

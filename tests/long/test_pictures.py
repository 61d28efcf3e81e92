"""Pictures in docs/screenshots: long work, views of rows, and what is printed. Only with PIANOLA_SCREENSHOTS=1."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.assistant_page import add, change
from tests.support.browser import WITH_JOBS, Chromium, Tab
from tests.support.link_site import LinkSite
from tests.support.needs import needs
from tests.support.system import System
from tests.whole.test_look import ADVICE, FORMULAS, SCREENSHOTS, choose, resize, shoot
from tests.whole.test_views import EXPENSES, ROWS, SHOPS

pytestmark = pytest.mark.long


@pytest.fixture
def tab(chromium: Chromium) -> Iterator[Tab]:
    needs(os.environ.get("PIANOLA_SCREENSHOTS") == "1", "only when PIANOLA_SCREENSHOTS=1", long=True)
    with System() as system:
        system.start(*WITH_JOBS)
        with chromium.visit(system, bypass_csp=True) as tab:
            tab.page.get_by_role("radio", name="Quiet").check()
            yield tab


def show(tab: Tab, app: str) -> None:
    tab.page.goto(f"{tab.base}/apps/{app}")
    tab.connected()


def take(tab: Tab, name: str) -> None:
    """Take a picture of what is shown, on a desktop in light colours and on a phone in dark ones."""
    for theme, screen in (("light", "desktop"), ("dark", "phone")):
        choose(tab, theme)
        shoot(tab, screen, f"{name}-{theme}-{screen}")
        resize(tab.page, "desktop")


def test_pictures_of_long_work(tab: Tab) -> None:
    page = tab.page
    add(tab, "Voice the hammers", "Book the hall", "Tune the bass", "Dust the lid")
    for title in ("Voice the hammers", "Book the hall"):
        tab.todo(title).get_by_role("checkbox").check()
    show(tab, "simulator")
    for scenario, chunks in (("failing", 4), ("fast", 20), ("slow", 60)):
        page.locator("#run-simulator-simulate-scenario").select_option(scenario)
        page.locator("#run-simulator-simulate-chunks").fill(str(chunks))
        page.locator("#run-simulator-simulate-run").click()
    expect(page.locator(".job[data-state=done]")).to_have_count(1)
    expect(page.locator(".job[data-state=failed]")).to_have_count(1)
    show(tab, "jobs")
    take(tab, "jobs")

    show(tab, "workflows")
    page.get_by_role("button", name="Begin Weekly review").click()
    page.locator("#run-next").click()
    page.get_by_label("What went well").fill("The hammers sing, and the hall is booked.")
    page.locator("#run-next").click()
    expect(page.locator("#run-steps > li[data-step=summary]")).to_have_attribute("data-state", "current")
    take(tab, "workflow")

    with LinkSite(pages=150) as site:
        site.release()
        show(tab, "links")
        form = page.locator("#run-links-crawl")
        form.locator("[name=url]").fill(site.url)
        form.locator("[name=per_second]").fill("200")
        form.locator("[name=depth]").fill("20")
        form.locator("[name=private]").select_option("yes")
        form.get_by_role("button", name="Crawl a site").click()
        page.locator("#graph-list tbody tr").first.get_by_role("link").click()
        expect(page.locator("#graph-section[data-drawn=yes] canvas").first).to_be_attached()
        take(tab, "links")


def test_pictures_of_views(tab: Tab) -> None:
    for app in (SHOPS, EXPENSES):
        change(tab.system, verb="insert", table="app", values={"declaration": app})
    change(tab.system, verb="insert", table="shop", values={"name": "Corner"})
    for row in ROWS:
        change(tab.system, verb="insert", table="expense", values=row)
    looks = {
        "table": "?view=table&sort=-amount&group=kind",
        "calendar": "?view=calendar&month=2026-11",
        "board": "?view=board",
        "chart": "?view=chart",
    }
    for name, query in looks.items():
        show(tab, f"expenses{query}")
        take(tab, name)


PAPER = {"width": 794, "height": 1123}
"""A4 at 96 pixels an inch."""
MARGINS = "@media print { body { padding: 18mm 16mm; } }"
"""Those of `@page` in print.css, which a picture of the page does not have."""


def test_pictures_of_what_is_printed(tab: Tab) -> None:
    for title, more in (
        ("Voice the hammers", "tomorrow #piano"),
        ("Book the hall", "on friday #concert"),
        ("Dust", "daily"),
    ):
        tab.add(f"{title} {more}")
        expect(tab.todo(title)).to_be_visible()
    talk = change(tab.system, verb="insert", table="conversation", values={"title": "A soft touch"})[0]["id"]
    said = (
        ("user", "How do I get a soft touch?"),
        ("assistant", ADVICE),
        ("user", "And the sum?"),
        ("assistant", FORMULAS),
    )
    for role, text in said:
        values = {"conversation": talk, "role": role, "text": text, "model": "qwen3:4b" if role == "assistant" else ""}
        change(tab.system, verb="insert", table="message", values=values)
    tab.page.emulate_media(media="print")
    tab.page.set_viewport_size(PAPER)
    for name, address in (("conversation", f"/print/talk/{talk}"), ("list", "/print/apps/todo")):
        tab.page.goto(f"{tab.base}{address}")
        expect(tab.page.locator("h1")).to_be_visible()
        tab.page.add_style_tag(content=MARGINS)
        tab.page.screenshot(path=SCREENSHOTS / f"print-{name}.png", animations="disabled")

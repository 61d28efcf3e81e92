"""The page of link graphs, in a real browser: crawl a site of the tests, look at what was found, import, export."""

import csv
import gzip
import io
import urllib.error
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.work.uploads import LARGEST_BYTES
from tests.support.assistant_page import change, open_at
from tests.support.axe import violations
from tests.support.botify_double import KEY, BotifyDouble
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.link_site import LinkSite
from tests.support.system import System


@pytest.fixture(scope="module")
def botify() -> Iterator[BotifyDouble]:
    with BotifyDouble(states=["DONE"]) as botify:
        yield botify


@pytest.fixture(scope="module")
def system(botify: BotifyDouble) -> Iterator[System]:
    with System({"PIANOLA_BOTIFY_HOST": botify.url}) as system:
        system.start(*EVERYTHING, "jobs")
        yield system


@pytest.fixture(scope="module")
def site() -> Iterator[LinkSite]:
    with LinkSite(pages=60) as site:
        site.release()
        yield site


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    open_at(system, "links")
    with chromium.visit(system, bypass_csp=False, reduced_motion="reduce") as tab:
        tab.is_at("/apps/links")
        yield tab


def crawl(tab: Tab, url: str, *, private: bool = True) -> None:
    """Fill in the form and run it."""
    form = tab.page.locator("#run-links-crawl")
    form.locator("[name=url]").fill(url)
    form.locator("[name=per_second]").fill("200")
    form.locator("[name=depth]").fill("20")
    form.locator("[name=private]").select_option("yes" if private else "no")
    form.get_by_role("button", name="Crawl a site").click()


def drawn(tab: Tab) -> None:
    """Wait until the picture is there."""
    expect(tab.page.locator("#graph-section[data-drawn=yes] canvas").first).to_be_attached()


def test_a_crawl_becomes_a_graph_that_can_be_looked_at(tab, site):
    page = tab.page
    crawl(tab, site.url)
    row = page.locator("#graph-list tbody tr").first
    row.get_by_role("link").click()
    drawn(tab)

    expect(page.locator("#finding-broken")).to_contain_text("/missing")
    expect(page.locator("#finding-chains")).to_contain_text("leads in a circle")
    expect(page.locator("#finding-orphans")).to_contain_text("/lonely")
    expect(page.locator("#finding-deep")).to_contain_text("/deep/6")
    # search a page, with the keyboard alone
    page.fill("#graph-search", "/section/7")
    page.press("#graph-search", "Enter")
    chosen = page.locator("#graph-chosen")
    expect(chosen).to_contain_text("Section 7")
    # from the chosen one along a link
    chosen.get_by_role("button", name=f"{site.url}/page/27", exact=True).first.click()
    expect(chosen).to_contain_text("Page 27")
    page.select_option("#graph-colour", "status")
    expect(page.locator("#graph-legend-status")).to_be_visible()
    page.focus("#graph-picture")
    for key in ("+", "ArrowLeft", "-", "0"):
        page.keyboard.press(key)
    page.locator("#app").evaluate("app => app.scrollTo(0, 0)")
    # a change that draws the pane again leaves the picture as it is
    canvas = page.locator("#graph-picture canvas").first.evaluate_handle("canvas => canvas")
    page.evaluate("document.querySelector('#app').dataset.seen = 'yes'")
    import_text(tab, "source,target\nhttp://a.test/,http://a.test/b\n")
    expect(page.locator("#app:not([data-seen])")).to_be_attached()
    assert canvas.evaluate("canvas => canvas.isConnected")
    expect(chosen).to_contain_text("Page 27")


def import_text(tab: Tab, text: str | bytes, name: str = "links.csv") -> None:
    """Run an import as the page's script does, wherever the page is."""
    tab.page.evaluate(
        """async ([text, name]) => {
          const kept = await (await fetch("/uploads", { method: "POST", body: text })).text();
          const { send } = await import("/static/link.js");
          send({ do: "job-run", app: "links", job: "import_csv", name, file: kept.trim() });
        }""",
        [text, name],
    )


def choose(tab: Tab, content: bytes, name: str) -> None:
    """Choose a file in the page."""
    tab.page.set_input_files("#links-file", {"name": name, "mimeType": "text/csv", "buffer": content})


def test_links_are_imported_and_exported_again(tab):
    page = tab.page
    lines = ["From;To;x", "http://shop.test/;http://shop.test/a;1", "http://shop.test/a;/b;2", "not an address;x;3"]

    choose(tab, gzip.compress("\n".join(lines).encode()), "shop links.csv.gz")
    page.get_by_role("link", name="shop links.csv.gz", exact=True).click()
    drawn(tab)
    expect(page.locator("#graph-made")).to_contain_text("1 without two addresses of http or https")

    saved = {}
    for label in ("Links as CSV", "GraphML"):
        with page.expect_download() as download:
            page.get_by_role("link", name=label).click()
        saved[label] = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(saved["Links as CSV"]))) == [
        ["source", "target", "kind"],
        ["http://shop.test/", "http://shop.test/a", "link"],
        ["http://shop.test/a", "http://shop.test/b", "link"],
    ]
    assert len(ElementTree.fromstring(saved["GraphML"])[-1]) == 5


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "Expected one named source (or from) and one named target (or to)"),
        (b"source,target\nx,y\n", "has no link between two addresses"),
        (b"source,target\nhttp://a.test/\xff,b\n", "is not UTF-8"),
    ],
)
def test_a_file_that_holds_no_links_is_refused_with_a_sentence(tab, content, sentence):
    choose(tab, content, "odd.csv")

    expect(tab.page.locator("#links-ended")).to_contain_text(sentence)
    expect(tab.page.locator("#links-ended")).to_contain_text("Nothing was imported")


def test_a_file_is_taken_although_the_page_was_drawn_anew_while_it_was_chosen(tab):
    with tab.page.expect_file_chooser() as opened:
        tab.page.locator("#links-file").click()
    import_text(tab.second(), "source,target\nhttp://one.test/,http://one.test/b\n", "meanwhile.csv")
    expect(tab.page.get_by_role("link", name="meanwhile.csv", exact=True)).to_be_visible()

    file = {
        "name": "chosen.csv",
        "mimeType": "text/csv",
        "buffer": b"source,target\nhttp://two.test/,http://two.test/b\n",
    }
    opened.value.set_files([file])

    expect(tab.page.get_by_role("link", name="chosen.csv", exact=True)).to_be_visible()


def test_a_file_is_taken_although_its_script_comes_late_and_the_page_is_drawn_again_meanwhile(tab, system):
    page, held = tab.page, []
    page.route("**/links*.js", lambda route: held.append(route))  # noqa: PLW0108 (Playwright takes no builtin)
    tab.reload()
    choose(tab, b"source,target\nhttp://late.test/,http://late.test/b\n", "late.csv")

    page.evaluate("document.querySelector('#app').dataset.seen = 'yes'")
    change(system, verb="insert", table="graph", actor="system", values={"title": "another one", "source": "csv"})
    expect(page.locator("#app:not([data-seen])")).to_be_attached()
    for route in held:
        route.continue_()

    expect(page.get_by_role("link", name="late.csv", exact=True)).to_be_visible()


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(tab, tmp_path):
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))

    tab.page.set_input_files("#links-file", large)

    expect(tab.page.locator("#links-file-problem")).to_have_text(
        "The file has 257 MB. At most 256 MB are taken: pack it with gzip, or split it."
    )
    assert not any(url.endswith("/uploads") for url in asked)


def test_a_private_address_is_refused_unless_it_is_allowed(tab, site):
    before = len(site.asked)

    crawl(tab, site.url, private=False)

    expect(tab.page.locator("#links-ended")).to_contain_text("127.0.0.1 is a private address. It is asked only if you")
    assert len(site.asked) == before


def test_jobs_that_made_no_graph_stand_folded_below_the_graphs(tab):
    ended = tab.page.locator("#links-ended")
    import_text(tab, "a,b\n1,2\n", "bad.csv")
    expect(ended).to_have_attribute("open", "")
    expect(ended).to_contain_text("bad.csv")
    import_text(tab, "source,target\nhttp://after.test/,/b\n", "after.csv")
    expect(tab.page.locator("#graph-list")).to_contain_text("after.csv")
    tab.reload()

    expect(ended).not_to_have_attribute("open", "")
    expect(tab.page.locator(".wide-table:has(#graph-list) ~ #links-ended")).to_have_count(1)


def test_a_graph_is_deleted_and_the_deletion_undone(tab):
    import_text(tab, "source,target\nhttp://gone.test/,http://gone.test/b\n", "gone.csv")
    row = tab.page.locator("#graph-list tr").filter(has_text="gone.csv")

    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    tab.page.goto(f"{tab.base}/apps/journal")
    tab.connected()
    tab.page.get_by_role("button", name="Undo", exact=True).first.click()
    tab.page.goto(f"{tab.base}/apps/links")

    expect(row).to_have_count(1)


def test_files_of_jobs_are_sent_only_by_name_and_only_if_there_are_such(tab, system):
    folder = system.settings.jobs / "1"
    paths = [f"/jobs/1/{name}" for name in ("graph.json", "nothing.json", "%2e%2e%2fpages.jsonl", "x.html")]
    found = [tab.page.evaluate("path => fetch(path).then((answer) => answer.status)", path) for path in paths]
    gone = tab.page.evaluate("fetch('/jobs/99999/graph.json').then((answer) => answer.status)")

    assert (folder / "pages.jsonl").exists()
    assert [*found, gone] == [200, 404, 404, 404, 404]
    tab.errors.clear()  # the browser reports each 404
    with pytest.raises(urllib.error.HTTPError, match=r"40[13]"):
        urllib.request.urlopen(f"http://127.0.0.1:{system.port}/jobs/1/graph.json")


def test_a_graph_that_is_not_there_is_said_to_be_gone(tab):
    tab.page.goto(f"{tab.base}/apps/links?graph=4711")

    expect(tab.page.locator("#app")).to_contain_text("There is no such link graph")


def test_ten_thousand_links_are_drawn(tab):
    page = tab.page
    lines = [f"http://big.test/{n},http://big.test/{(n * 7 + k * k) % 2000}" for n in range(2000) for k in range(1, 6)]
    choose(tab, "\n".join(["source,target", *lines]).encode(), "big.csv")
    link = page.get_by_role("link", name="big.csv", exact=True)
    expect(link).to_be_visible()

    link.click()
    drawn(tab)
    expect(page.locator("#graph-section[data-whole=yes]")).to_be_attached()

    assert page.locator("#graph-note").inner_text() == "2,000 pages and 9,996 links"


def test_both_pages_are_accessible(system, chromium):
    open_at(system, "links")
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        found = violations(tab)
        tab.page.locator("#graph-list a").last.click()
        drawn(tab)
        tab.page.locator("#finding-linked summary").click()
        tab.page.locator("#finding-linked button").first.click()
        found += violations(tab)

    assert found == []


def test_an_import_from_botify_counts_asks_and_exports_once(tab, botify):
    tab.page.get_by_role("button", name="Set a key … (botify)").click()
    tab.page.get_by_label("New key").fill(KEY)
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".job-keys")).to_contain_text("The key “botify” is set.")
    form = tab.page.locator("#run-links-import_botify")
    form.locator("[name=user]").fill("me")
    form.locator("[name=project]").fill("site")
    form.get_by_role("button").click()
    question = tab.page.locator(".botify-export")
    expect(question).to_contain_text("me/site, analysis 20261101: 2 different links within 5 clicks")
    expect(question).to_contain_text("costs credits")
    assert botify.count("POST /jobs") == 0
    question.get_by_role("button", name="Export").dblclick()

    expect(tab.page.locator("#graph-list tbody tr").first).to_contain_text("Botify")
    expect(question).to_have_count(0)
    assert botify.count("POST /jobs") == 1

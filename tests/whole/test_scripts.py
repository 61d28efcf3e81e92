"""Text of ten scripts through chat, rows, search, export and import: as it was typed, on the side where it begins."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser import Chromium
from tests.support.http_client import Visitor
from tests.support.system import System
from tests.whole.test_files import choose_file, newest, open_import

SCRIPTS = {
    "Latin": ("Đi chợ mua Crème brûlée", "creme", "ltr"),
    "Greek": ("Οδός Αθηνών", "ΟΔΟΣ", "ltr"),
    "Russian": ("Ёлка для детей", "елка", "ltr"),
    "Arabic": ("مُحَمَّد يكتب رسالة", "محمد", "rtl"),
    "Hebrew": ("שלום עולם", "שלום", "rtl"),
    "Hindi": ("हिन्दी सीखना", "हिन्दी", "ltr"),
    "Thai": ("การประชุมพรุ่งนี้", "ประชุม", "ltr"),
    "Chinese": ("明天下午三点的会议记录", "会议", "ltr"),
    "Japanese": ("買い物リストを作る", "ﾘｽﾄ", "ltr"),
    "Korean": ("가족여행 예약 🎉", "여행", "ltr"),
}
"""By the name of the script: a text, a word to find it, and its direction."""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store", "web")
        yield made


def direction(element: Locator) -> str:
    """Return on which side the text of an element begins, as the browser found out."""
    return str(element.evaluate("one => getComputedStyle(one).direction"))


def test_ten_scripts_through_chat_rows_search_export_and_import(system: System, chromium: Chromium):
    visitor, titles = Visitor(system), [title for title, _, _ in SCRIPTS.values()]
    with chromium.visit(system) as tab:
        for title, word, side in SCRIPTS.values():
            tab.add(title)
            shown = tab.page.locator("#todo-list .title", has_text=title)
            expect(shown).to_have_text(title)
            assert direction(shown) == side
            tab.page.get_by_role("button", name="New conversation").first.click()  # nobody answers: the next would wait
            expect(tab.page.locator("#chat-log article.message")).to_have_count(0)
            tab.page.fill("#chat-input", title)
            assert direction(tab.page.locator("#chat-input")) == side
            tab.page.press("#chat-input", "Enter")
            said = tab.page.locator(".message[data-role=user] .text").last
            expect(said).to_have_text(title)
            assert direction(said) == side
            tab.page.fill("#search-input", word)
            found = tab.page.locator("#search-list .what", has_text=title)
            expect(found.first).to_be_visible()
            expect(found.first.locator("mark")).not_to_have_count(0)
            assert direction(found.first) == side
            tab.page.fill("#search-input", "")
        sheet, array = (visitor.ask(f"/export/todo.{ending}")[2] for ending in ("csv", "json"))
        assert [row["title"] for row in csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff")))] == titles
        assert [row["title"] for row in json.loads(array)] == titles
        open_import(tab)
        for name, data in (("sheet.csv", sheet), ("array.json", array)):
            choose_file(tab, data, name)
            expect(newest(tab)).to_contain_text(name)
            newest(tab).get_by_role("button", name="Import 10 rows").click()
            expect(newest(tab)).to_have_attribute("data-state", "done")
        again = json.loads(visitor.ask("/export/todo.json")[2])
        assert [row["title"] for row in again] == titles * 3

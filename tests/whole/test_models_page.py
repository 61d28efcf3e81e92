"""How a model is asked: chosen in one dialog, checked beside the field, kept in the store."""

from playwright.sync_api import expect

from bus.messages import StoreChanged
from tests.support.browser import Tab
from tests.support.recorder import Recorder
from tests.support.system import System, message_of


def test_a_bad_value_is_told_beside_its_field_and_a_good_one_is_kept(shared_system: System, tab: Tab) -> None:
    tab.page.locator("#model-menu > summary").click()
    tab.page.get_by_role("button", name="Settings of small:1b").click()
    dialog = tab.page.get_by_role("dialog", name="small:1b")
    dialog.get_by_label("Temperature").fill("hot")
    dialog.get_by_label("Window, in tokens").fill("0")
    dialog.get_by_label("Most tokens of an answer").fill("500")
    dialog.get_by_role("button", name="Save").click()

    expect(dialog.locator("#model-settings-temperature-problem")).to_contain_text("“hot” is not possible")
    expect(dialog.locator("#model-settings-window-problem")).to_contain_text("“0” is not possible")
    expect(dialog.get_by_label("Most tokens of an answer")).to_have_value("500")
    expect(dialog.get_by_label("Temperature")).to_have_value("hot")

    dialog.get_by_label("Temperature").fill("0.2")
    dialog.get_by_label("Window, in tokens").fill("")
    dialog.get_by_label("Thinks before it answers").select_option("Off")
    with Recorder(shared_system.settings) as recorder:
        dialog.get_by_role("button", name="Save").click()
        stored = recorder.wait(message_of(StoreChanged, table="setting", id="models"))
    expect(dialog).to_have_count(0)
    assert stored.message.row["value"] == {"small:1b": {"temperature": 0.2, "most_tokens": 500, "think": False}}

"""Models in the page: how one is asked, getting the first one, servers, and a menu of a thousand by keyboard."""

import re
import threading

from playwright.sync_api import expect

from bus.messages import StoreChanged
from bus.servers.tables import ServerTable, save_servers
from tests.support.axe import violations
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.ollama_double import Model, OllamaDouble, Wait, layer, pulling
from tests.support.openai_double import OpenAiDouble
from tests.support.recorder import Recorder
from tests.support.system import System, message_of

SMALL, TITLE = "qwen2.5-coder:0.5b", "Qwen2.5 Coder 0.5B instruct"
"""An offer: its name, and what it is called in the dialog."""

REMEMBER = """() => {
  window.kept = [];
  const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (name, text) { kept.push(text); set.call(this, name, text); };
}"""
"""Makes a list of all that the page has the browser keep."""


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
    dialog.get_by_label("Speaks as").select_option("The sober clerk")
    with Recorder(shared_system.settings) as recorder:
        dialog.get_by_role("button", name="Save").click()
        stored = recorder.wait(message_of(StoreChanged, table="setting", id="models"))
    expect(dialog).to_have_count(0)
    chosen = {"temperature": 0.2, "most_tokens": 500, "think": False, "persona": "sober"}
    assert stored.message.row["value"] == {"small:1b": chosen}
    menu = tab.page.locator("#settings-menu")
    tab.open_settings()
    expect(menu.get_by_text("small:1b speaks as “The sober clerk”")).to_be_visible()
    expect(menu.get_by_role("button", name="The friendly assistant")).to_have_attribute("aria-current", "true")


def test_a_first_model_is_got_from_the_hint_and_the_download_survives_a_reload(chromium: Chromium) -> None:
    come = threading.Event()
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url}) as system:
        double.models.clear()
        double.play_pull([layer(SMALL, 500_000, 1_000_000), Wait(come), *pulling(SMALL, 2)])
        system.start(*EVERYTHING)
        with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
            tab.page.locator("#first-model-button").click()
            dialog = tab.page.get_by_role("dialog", name="Get a model")
            dialog.get_by_label("Another model").fill("../x")
            dialog.get_by_role("button", name="Get", exact=True).last.click()
            expect(dialog.locator("#get-model-problem")).to_contain_text("is no name of a model")
            expect(dialog.get_by_label("Another model")).to_have_value("../x")
            assert double.pulls == []

            dialog.get_by_role("button", name=f"Get {TITLE}").first.click()
            expect(dialog.get_by_text("500 kB of 1 MB · 50 %")).to_be_visible()
            assert violations(tab) == []

            tab.reload()
            tab.page.locator("#first-model-button").click()
            expect(dialog.get_by_text("500 kB of 1 MB · 50 %")).to_be_visible()
            come.set()
            dialog.get_by_role("button", name=f"Use {TITLE}").click()
            expect(tab.page.locator("#model-menu > summary")).to_contain_text(SMALL)
            expect(tab.page.locator("#model-hint")).to_be_hidden()
            expect(dialog).to_be_hidden()


def test_a_server_is_added_and_a_wrong_address_stays_to_be_corrected(shared_system: System, chromium: Chromium) -> None:
    key = "sk-4711"
    with (
        OpenAiDouble(Model("qwen3-8b"), llama_cpp=False, key=key) as double,
        chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab,
    ):
        tab.page.locator("#model-menu > summary").click()
        tab.page.get_by_role("button", name="Servers …").click()
        dialog = tab.page.get_by_role("dialog", name="Servers of models")
        dialog.get_by_label("Name").fill("lab")
        dialog.get_by_label("Address").fill("nowhere")
        dialog.get_by_label("Key, if it wants one").fill(key)
        tab.page.evaluate(REMEMBER)
        dialog.get_by_role("button", name="Add").click()
        expect(dialog.get_by_text("“nowhere” is not an address")).to_be_visible()
        expect(dialog.get_by_label("Name")).to_have_value("lab")

        dialog.get_by_label("Address").fill(double.url)
        dialog.get_by_label("Address").press("Enter")
        expect(dialog.get_by_text("1 model · added here · a key is set")).to_be_visible()
        expect(dialog.get_by_label("Key, if it wants one")).to_have_value("")
        assert key not in tab.page.content()
        kept = tab.page.evaluate("kept")
        assert kept
        assert [text for text in kept if key in text] == []  # also while it waited for the answer
        assert violations(tab) == []

        dialog.get_by_role("button", name="Remove … (lab)").click()
        tab.page.get_by_role("button", name="Remove it").click()
        expect(dialog.get_by_role("heading", name="lab")).to_have_count(0)


def test_a_thousand_models_are_searched_by_keyboard(shared_system: System, chromium: Chromium) -> None:
    many = [Model(f"model-{number}") for number in range(1_000)]
    with OpenAiDouble(*many, llama_cpp=False) as double:
        save_servers(shared_system.settings.servers_file, [ServerTable("many", double.api)])
        with chromium.visit(shared_system) as tab:
            menu = tab.page.locator("#model-menu")
            menu.locator("summary").press("Enter")
            expect(menu.get_by_text(re.compile(r"98\d more models are not shown"))).to_be_visible()
            menu.locator("summary").press("ArrowDown")
            expect(menu.get_by_label("Search the models")).to_be_focused()
            tab.page.keyboard.type("777", delay=20)
            expect(menu.locator("li")).to_have_count(1)
            tab.page.keyboard.press("ArrowDown")
            tab.page.keyboard.press("Enter")
            expect(menu.locator("summary")).to_contain_text("many/model-777")
            expect(menu).not_to_have_attribute("open", "")
            menu.locator("summary").press("Enter")
            menu.get_by_label("Search the models").fill("small")
            menu.get_by_role("button", name="small:1b").first.press("Enter")
            expect(menu.locator("summary")).to_contain_text("small:1b")
        save_servers(shared_system.settings.servers_file, [])


def test_the_focus_stays_on_a_choice_when_another_tab_chooses(tab: Tab) -> None:
    other = tab.second()
    for one in (tab, other):
        one.page.locator("#model-menu > summary").click()
    choice = tab.page.locator("#model-menu .choice", has_text="able:8b")
    choice.focus()
    other.page.locator("#model-menu .choice", has_text="able:8b").click()
    expect(choice).to_have_attribute("aria-current", "true")
    expect(tab.page.locator("#model-menu")).to_have_attribute("open", "")
    expect(choice).to_be_focused()
    other.page.locator("#undo button").click()
    expect(choice).not_to_have_attribute("aria-current", "true")
    expect(choice).to_be_focused()

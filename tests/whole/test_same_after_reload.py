"""What a tab shows after it has seen a talk live is what it shows after a reload, for each kind of message."""

import threading
from difflib import unified_diff

import pytest
from playwright.sync_api import expect

from tests.support.assistant_page import add, cards, change, id_of
from tests.support.browser import Tab
from tests.support.model_replies import adding, instruction
from tests.support.ollama_double import OllamaDouble, Say, Status, Think, Wait, speech

SHOWN = """
root => {
    const lines = [];
    const ignored = name => name.startsWith("hx-") || ["id", "tabindex"].includes(name);
    const visit = (node, depth) => {
        if (node.nodeType === Node.TEXT_NODE) {
            const text = node.data.trim();
            if (text) lines.push(" ".repeat(depth) + text);
        } else if (node.nodeType === Node.ELEMENT_NODE) {
            const kept = [...node.attributes].filter(({ name }) => !ignored(name));
            const words = kept.map(({ name, value }) => ` ${name}=${value.split(" ").sort().join(" ")}`).sort();
            lines.push(" ".repeat(depth) + node.tagName + words.join(""));
            node.childNodes.forEach(child => visit(child, depth + 1));
        }
    };
    visit(root, 0);
    return lines;
}
"""
LISTED = """\
Two things:

1. **one**
   - inner
2. two

```python
x = 1
```

| a | b |
|---|---|
| 1 | 2 |

So $x^2$."""


@pytest.fixture(autouse=True)
def nothing_left_to_say(ollama: OllamaDouble) -> None:
    ollama.forget()


def shown(tab: Tab, part: str) -> list[str]:
    """Return the elements of a part of the page, with what a user sees or hears of them."""
    found: list[str] = tab.page.locator(part).evaluate(SHOWN)
    return found


def expect_same(tab: Tab, *parts: str) -> None:
    before = {part: shown(tab, part) for part in parts}
    tab.reload()
    for part in parts:
        differs = "\n".join(unified_diff(before[part], shown(tab, part), "live", "reloaded", n=1, lineterm=""))
        assert not differs, differs


PARTS = ("#chat-log", "#remarks", "#bar", "#app")


def say(tab: Tab, *messages: str) -> None:
    for words in messages:
        tab.say(words)
        tab.answered()


def test_answers_with_markdown_thoughts_and_what_is_folded(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(
        speech(LISTED),
        [Think("The user asks. "), Think("I answer."), *speech("Thought through.")],
        speech(" ".join(f"Sentence {number} of a long answer." for number in range(60))),
    )

    say(tab, "two things", "think", "hello")

    expect(tab.answer().locator(".rest > summary")).to_contain_text("more words")
    expect_same(tab, *PARTS)


def test_cards_of_what_was_done_undone_proposed_and_refused(tab: Tab, ollama: OllamaDouble) -> None:
    add(tab, "bread", "wine")
    bread, wine = (id_of(tab, title) for title in ("bread", "wine"))
    ollama.play(
        speech(f"Noted.\n\n{adding('tea', 'eggs', 'salt', 'oil')}"),
        speech(f"Gone then.\n\n{instruction(operation='delete', table='todo', id=bread)}"),
        speech(instruction(operation="delete", table="todo", id=wine)),
        speech(instruction(operation="update", table="todo", id=999, values={"done": True})),
        *[speech("I cannot.")] * 3,
    )
    say(tab, "add tea, eggs, salt and oil")
    expect(cards(tab)).to_have_count(4)
    say(tab, "delete bread")
    cards(tab, "proposed").get_by_role("button", name="Do it").click()
    expect(cards(tab)).to_have_count(5)
    say(tab, "delete wine")
    cards(tab, "proposed").get_by_role("button", name="Don’t").click()
    expect(cards(tab, "declined")).to_have_count(1)
    say(tab, "tick 999")
    expect(tab.answer().locator(".text")).to_have_text("I cannot.")
    cards(tab).first.get_by_role("button", name="Undo").click()
    expect(cards(tab, "undone")).to_have_count(1)

    expect_same(tab, *PARTS)


def test_answers_that_were_stopped_or_failed_and_other_versions(tab: Tab, ollama: OllamaDouble) -> None:
    never = threading.Event()
    ollama.play(
        speech("One answer."),
        speech("Another answer."),
        [Say("It begins "), Say("and "), Wait(never)],
        [Status(500, "the model has fallen over")],
    )
    say(tab, "hello")
    tab.answer().get_by_role("button", name="Another answer").press("Enter")
    expect(tab.answer().locator(".text")).to_have_text("Another answer.")
    tab.answered()
    tab.say("go on")
    expect(tab.answer().locator(".text")).to_contain_text("It begins")
    tab.page.locator("#chat-stop").click()
    tab.answered("stopped")
    tab.say("and now?")
    tab.answered("failed")

    expect_same(tab, *PARTS)


def test_a_summary_and_a_conversation_with_a_title(tab: Tab, ollama: OllamaDouble) -> None:
    ollama.play(speech("Hello."))
    say(tab, "hello")
    talk = int(tab.page.locator("#chat-log").get_attribute("data-conversation") or 0)
    note = {"conversation": talk, "role": "assistant", "purpose": "note", "text": "They **greeted**."}
    change(tab.system, verb="insert", table="message", values=note)
    change(tab.system, verb="update", table="conversation", id=talk, values={"title": "Greetings"})
    expect(tab.page.get_by_role("article", name="Summary of older messages")).to_be_visible()
    expect(tab.page.locator("#conversation-menu > summary")).to_contain_text("Greetings")

    expect_same(tab, *PARTS)

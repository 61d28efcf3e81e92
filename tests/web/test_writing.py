"""An answer while it is written: each block is drawn once, as the end draws it, and no instruction is shown raw."""

import random
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agent.parse.spans import spans_of
from tests.support.model_replies import adding
from web.html.chat.markdown import LONGEST_RENDERED, render_blocks
from web.html.chat.pieces import pieces
from web.html.markdown.blocks import Fence
from web.live.writing.draft import Draft

TEXT = """\
# Title

Hello **bold** text
second line

- one
- two with `code`
  more

- three

After the list:

1. **First**: a
2. b
   - c

**Then** a table.

| a | b |
|---|---|
| 1 | 2 |
```python
def f() -> int:

    return 1
```
> quote
> more

---
    indented

Done."""

INSTRUCTED = f"""\
Sure, {{so}} it is:
{adding("milk")}
Then {{"operation": "insert", "table": "todo", "values": {{"title": "eggs"}}}} and this:

1. one
   ```json
   {{"operation": "delete", "table": "todo", "id": 1}}
   ```

[{{"name": "insert", "arguments": {{"table": "todo", "values": {{"title": "a"}}}}}}]

```json
{{"title": "no instruction", "numbers": [1, 2]}}
```

A set {{a, b}} and `{{"operation": "quoted"}}`. The end."""


def tokens(text: str, seed: int = 1) -> list[str]:
    chance, found = random.Random(seed), []
    while text:
        length = chance.choice((1, 2, 3, 5, 8))
        found.append(text[:length])
        text = text[length:]
    return found


def drawn(draft: Draft) -> tuple[int, int, int, str]:
    """Return how many blocks, items of the open list and parts of its open item were drawn, and what kind is open."""
    begun = draft.open_list
    return len(draft.blocks), len(begun.items) if begun else 0, len(begun.open) if begun else 0, draft.kind


def final(text: str) -> list[str]:
    return pieces({"text": text, "detail": {"spans": spans_of(text)}})


@pytest.mark.parametrize("seed", range(5))
def test_each_block_is_drawn_when_it_ends_and_as_the_end_draws_it(seed: int):
    draft = Draft()
    drawn = [len(draft.blocks) for token in tokens(TEXT, seed) if draft.add(token) is None]

    assert final(TEXT)[:-1] == draft.blocks
    assert (draft.kind, draft.open) == ("p", "Done.")
    assert max(later - earlier for earlier, later in pairwise(drawn)) <= 2


@pytest.mark.parametrize("text", [TEXT, INSTRUCTED])
def test_a_tab_that_comes_late_gets_what_the_others_have(text: str):
    for end in range(0, len(text), 7):
        early = Draft()
        for token in tokens(text[:end]):
            early.add(token)
        late = Draft(text[:end])
        assert (early.html, early.kind, early.open) == (late.html, late.kind, late.open)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from([*TEXT.split("\n"), "", "\n", "```", "~~~", "- ", "  ", "1.", "| a |", "`", "{", "*", "$$"])
    )
)
def test_what_is_shown_only_grows_and_is_never_drawn_twice(lines: list[str]):
    draft, text = Draft(), "\n".join(lines)
    before = drawn(draft), draft.open
    for token in tokens(text):
        draft.add(token)
        now = drawn(draft), draft.open
        assert now[0] != before[0] or now[1].startswith(before[1])
        before = now
    for block in draft.blocks:
        assert re.match(r"<(p|ul|ol|div|blockquote|hr|h\d|details)\b", block)


def test_a_paragraph_is_drawn_at_its_blank_line_and_a_list_when_something_else_begins():
    draft = Draft("One *word*.\n\n")
    assert draft.blocks == ["<p>One <em>word</em>.</p>"]
    draft.add("- a\n- b\n\n")
    assert len(draft.blocks) == 1
    draft.add("A")
    assert (draft.blocks[1:], draft.open) == (["<ul>\n<li>a</li>\n<li>b</li>\n</ul>"], "A")


LISTS = {
    "tight": "- one\n- **two**\n- three",
    "behind a paragraph": "Look:\n- one\n- two\n\nDone.",
    "loose": "1. one\n\n2. two\n\n3. three\n\nDone.",
    "partly loose": "- one\n- two\n\n- three",
    "nested": "1. **One**\n   - a\n   - b\n     - c\n2. Two\n   - d\n\n   more\n3. Three",
    "with code": "1. Run:\n   ```sh\n   make up\n\n   - no item\n   ```\n2. Look.",
    "numbers that go on": "3. three\n4. four\n\n```sh\nmake\n```\n\n5. five\n6. six",
    "tasks": "- [ ] one\n- [x] two\n- [link](https://a.example)\n- [] no box",
    "other marks": "- one\n* two\n+ three\n1) four\n2. five",
    "rules": "- one\n- - -\n- two\n***\n* * *\n**bold** words",
    "lines of one item": "- one\ngoes on\n  and on\n- two",
    "numbers in words": "It was in\n1999. Then\n2. no item",
    "empty items": "-\n- one\n-\n\n- two",
    "quoted": "> - one\n> - two\n\n- three\n  > said\n- four",
}


@pytest.mark.parametrize("name", LISTS)
def test_each_item_of_a_list_is_drawn_when_the_next_one_begins_and_as_the_end_draws_it(name: str):
    text = LISTS[name]
    for seed in range(5):
        page, draft = "", Draft()
        for token in tokens(text, seed):
            draft.add(token)
            page = f"{''.join(draft.blocks)}{draft.open_list.upto(99) if draft.open_list else ''}"
            assert "".join(final(text)).startswith(page.removesuffix("\n"))
    assert "".join(final(text)).startswith(page)
    assert (draft.html, draft.kind) == (Draft(text).html, Draft(text).kind)


def test_an_item_is_shown_without_its_marks_while_it_is_written():
    draft, shown = Draft(), []
    for letter in "- [x] one\n- two\n\n- three":
        draft.add(letter)
        shown.append((draft.kind, draft.open))

    assert not any(text[:1] in ("-", "[") or "\n" in text for _, text in shown)
    assert {("li.open.task", "☑ one"), ("li.open", "two"), ("li.open>p", "three")} <= set(shown)
    assert draft.html == '<ul>\n<li class="task">☑ one</li>\n<li>two</li><li class="open"><p>three</p></li></ul>'


NESTED = """\
1. **One**
   - a
   - b
     - [ ] c

   more words
2. Two
   ```sh
   make up
   ```
   and then
3. Three"""


def test_what_stands_in_an_open_item_is_drawn_when_it_ends():
    draft, shown = Draft(), dict[str, str]()
    for letter in NESTED:
        draft.add(letter)
        shown[draft.open] = draft.html

    assert not any(words[:1].isspace() or words[:1] in ("-", "[") for words in shown)
    assert shown["b"] == ('<ol><li><strong>One</strong>\n<ul>\n<li>a</li>\n<li class="open">b</li></ul>\n</li>\n</ol>')
    assert '<li>b\n<ul>\n<li class="open task">☐ c</li></ul>\n</li>\n</ul>' in shown["☐ c"]
    assert '</ul>\n</li>\n</ul>\n<p class="open">more words</p></li>' in shown["more words"]
    assert '<li>Two<div class="code open"><pre><code>make up</code></pre></div></li>' in shown["make up"]
    assert '</div>\n<span class="open">and then</span></li>' in shown["and then"]
    draft.end_list()
    assert draft.blocks == final(NESTED)
    assert [len(parts) for parts in draft.lists[0].divided.values()] == [7, 3]


def test_code_grows_without_its_fences():
    shown = []
    draft = Draft()
    for letter in "So:\n```python\nx = 1\n```\nDone":
        draft.add(letter)
        shown.append((draft.kind, draft.open))

    assert ("code", "x = 1\n") in shown
    assert not any("`" in text or "python" in text for _, text in shown)


@pytest.mark.parametrize("seed", range(5))
def test_no_instruction_is_shown_raw_and_each_is_folded(seed: int):
    draft = Draft()
    for token in tokens(INSTRUCTED, seed):
        draft.add(token)
        seen = draft.open + "".join(block for block in draft.blocks if not block.startswith("<details"))
        assert "delete" not in seen
        assert "insert" not in seen
        assert "```" not in draft.open
    folded = [block for block in draft.blocks if block.startswith("<details")]
    assert len(folded) == 4
    assert [block for block in final(INSTRUCTED) if block.startswith("<details")][:3] == folded[:3]
    assert "no instruction" in "".join(draft.blocks)
    assert draft.open == 'A set {a, b} and `{"operation": "quoted"}`. The end.'


def test_a_reply_that_is_one_object_is_not_shown_before_its_end():
    draft = Draft()
    for token in tokens('{"say": "Done.", "instructions": [{"operation": "insert", "table": "todo"'):
        draft.add(token)

    assert (draft.blocks, draft.open) == ([], "")


def test_what_only_looks_like_an_instruction_is_shown():
    text = 'The file is {"name": "pianola", "version": 1} and \\frac{list}{open}, {add: it}'

    assert Draft(text).open == text


def test_code_within_markdown_code_does_not_end_it():
    text = "```markdown\nLook:\n```python\nx\n```\nMore.\n```\nAfter"
    found = Fence.of(text)

    assert found
    assert found.read_on(text)
    assert text[found.end :] == "After"


@pytest.mark.parametrize("line", ["- item\n", "word\n", "| a | b |\n", "> said\n", "x = 1\n\n", '{"a": 1},\n'])
def test_a_block_that_does_not_end_costs_time_in_proportion(line: str):
    text = f"{line}" * (LONGEST_RENDERED // len(line))
    begun = time.process_time()
    draft = Draft()
    for token in tokens(text):
        draft.add(token)

    assert time.process_time() - begun < 10
    assert len(draft.html) >= len(text.strip()) // 2


def test_blocks_of_a_long_text_are_drawn_up_to_the_limit_and_the_rest_is_shown_as_written():
    paragraph = "Some *words* here.\n\n"
    text = paragraph * (LONGEST_RENDERED // len(paragraph) + 100)
    drawn = render_blocks(text)

    assert drawn[0] == "<p>Some <em>words</em> here.</p>"
    assert drawn[-1].startswith("<p>Some *words* here.\n\nSome *words*")

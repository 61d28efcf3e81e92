"""What is sent to a tab while an answer is written: each finished part once, and at the end nothing again."""

import random
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag

from bus.messages import LlmToken
from bus.transcript import Transcript
from services.agent.parse.spans import spans_of
from tests.support.system import run_apart
from web.html.chat.pieces import pieces
from web.live.cursors import Cursors
from web.live.outbox import Ending
from web.live.streams import Stream

MESSAGE, GENERATION = 7, "7.1"
NESTED = """\
Steps:

1. **One**
   - a
     1. deep
     2. deeper
   - b

   more words
2. Two
   ```sh
   make up
   ```
   and then
   > said
3. - at once
4. Four

   - x

     y
"""
ENDS = ("", "\nThe end.\n\n- one\n  - two\n  - thr", "\n> quoted", "\n```\ncode")


class OneStream:
    """The streams of a conversation in which one answer is written."""

    def __init__(self) -> None:
        self.stream = Stream(MESSAGE, "", Transcript(GENERATION))

    def of(self, conversation: int) -> dict[int, Stream]:
        return {MESSAGE: self.stream} if conversation else {}


class Page:
    """The text of a message in a browser. It does with frames what `web/static/writing.js` does."""

    def __init__(self) -> None:
        self.text = soup("")
        self.added = 0
        """Characters of HTML that came."""

    def take(self, frame: str) -> None:
        head, _, html = frame.partition("\n")
        if head[0] == "=":
            self.text = soup("")
        elif head[0] == "|":
            self.added += len(html)
            self._put(head.split(" ")[1], html)

    def _put(self, place: str, html: str) -> None:
        blocks, *below = map(int, place.split("."))
        depth = below[1] if len(below) > 1 else 0
        parent = kept(self.text, blocks + bool(below))
        if below:
            parent = kept(children(parent)[-1], below[0] + (depth > 0))
        for _ in range(depth):
            parent = children(parent)[-1]
        parent.extend(list(soup(html).contents))


def soup(html: str) -> Tag:
    return BeautifulSoup(html, "html.parser")


def children(parent: Tag) -> list[Tag]:
    return [child for child in parent.contents if isinstance(child, Tag)]


def kept(parent: Tag, count: int) -> Tag:
    for child in children(parent)[count:]:
        child.extract()
    return parent


def tokens(text: str, chance: random.Random) -> Iterator[str]:
    while text:
        length = chance.choice((1, 2, 3, 9, 40))
        yield text[:length]
        text = text[length:]


async def written(text: str, seed: int, page: Page) -> None:
    """Have an answer written, and shown by a page that takes what has come now and then."""
    streams, chance = OneStream(), random.Random(seed)
    cursors = Cursors(streams, lambda: 1, lambda _: True, tuple)  # type: ignore[arg-type]  # the one method it asks
    for index, token in enumerate(tokens(text, chance)):
        streams.stream.transcript.add(LlmToken(generation=GENERATION, index=index, text=token))
        if chance.random() < 0.7:
            for frame in cursors.advance():
                page.take(frame)
    for frame in cursors.end(Ending(MESSAGE, GENERATION, final(text), "")):
        if frame:
            page.take(frame)


def final(text: str) -> list[str]:
    return pieces({"text": text, "detail": {"spans": spans_of(text)}})


def same(html: str) -> str:
    """Return HTML as a browser shows it, whatever line breaks stand between its elements."""
    return "".join(line.strip() for line in str(soup(html)).replace("<", "\n<").splitlines())


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("seed", range(12))
def test_a_page_ends_with_what_a_new_one_gets_and_gets_each_part_once(end: str, seed: int):
    text, page = NESTED + end, Page()
    run_apart(written(text, seed, page))

    assert same(str(page.text)) == same("".join(final(text)))
    assert page.added <= len("".join(final(text))) + 20 * len(text.splitlines())

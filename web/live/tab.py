"""One browser tab: the server's side of its WebSocket, and the one task that sends to it. And the list of all tabs.

A slow browser costs little memory and does not slow down the others: the queue of frames is bounded (`outbox.py`), and
streaming texts are not queued at all. They are read from the shared transcript, from the tab's cursor on
(`cursors.py`), when the socket takes more.

The hot path: a token for a tab that has nothing else to send goes from the bus callback to the socket, without the
task. That saves a third of a millisecond.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from apps.tables import Row
from apps.talk.chain import Chain, is_in
from apps.types.reader import HERE
from web.html.chat.markdown import render
from web.live.cursors import Cursors
from web.live.outbox import Frame, Outbox, Refresh
from web.live.streams import Streams
from web.server import ABORT, PUSH
from web.state.page_view import MESSAGES_SHOWN
from web.state.remarks.shown import Strip
from web.state.rows.context import RowContext
from web.state.talks.lists import TalkWindow
from web.state.window import AppWindow

STALL_SECONDS = 10.0
"""A write that takes longer closes the tab; the browser comes back when it can."""
MOST_TABS = 64

TRY_AGAIN_LATER = 1013
TOO_MANY = 1008
"""Closes a WebSocket for good: the browser does not reconnect by itself."""


OPENED_LAST = -1
"""In place of a conversation's id: the one that was opened last. The first reading puts its id there."""


@dataclass(slots=True)
class ChatWindow:
    """Which conversation a tab shows, and how much of it."""

    conversation: int = 0
    """Its id; 0 for a new one, which the first message begins."""
    limit: int = MESSAGES_SHOWN
    """How many messages are read when the chat is drawn again."""
    oldest: int = 0
    """Id of the first message in the page; 0 when there are no older ones."""
    newest: int = 0
    """Id of the last message in the page; 0 when the page goes to the end of the conversation."""
    marked: int = 0
    """Id of the message to highlight when the chat is drawn next; 0 for none."""
    problem: str = ""
    """A sentence for the user: why it is another conversation than the one that was asked for."""
    chain: Chain = ()
    """Of which conversations it shows messages; () before it was drawn for the first time, and for a new one."""
    related: frozenset[int] = frozenset()
    """The conversations of versions that are not in view: what the assistant did in them is told beside them."""

    def may_show(self, conversation: int) -> bool:
        """Return whether messages of a conversation may be in view, or are told of."""
        if not conversation or not self.conversation:
            return False
        known = {segment.conversation for segment in self.chain} | self.related
        return not self.chain or conversation in known

    def shows(self, message: Row) -> bool:
        """Return whether a message stands in the part of the conversation that is in view."""
        is_of_it = is_in(self.chain, message) if self.chain else message.get("conversation") == self.conversation
        return is_of_it and self.has(message["id"])

    def has(self, message: int) -> bool:
        """Return whether a message of the conversation is in the page, or belongs there."""
        return self.oldest <= message and (not self.newest or message <= self.newest)


Draw = Callable[["Tab", Collection[str]], Awaitable[list[Frame]]]
"""Reads parts of a tab's page from the store; returns one frame for each part."""


class Tab:
    """The server's side of one WebSocket."""

    def __init__(self, websocket: WebSocket, name: str, window: AppWindow, streams: Streams, draw: Draw) -> None:
        """`name`: what the page calls itself. `window`: what it shows of the app that is open in it."""
        self.name = name
        self.window = window
        self.chat = ChatWindow()
        self.strip = Strip()
        self.panels: set[str] = set()
        """Menus and dialogs that were opened: see `PANELS`."""
        self.model_words = ""
        """What is searched for in the menu of models."""
        self.talks = TalkWindow()
        """What its list of conversations shows."""
        self.reader = HERE
        """Who sits before it."""
        self.beginning = asyncio.Lock()
        """Held while a conversation begins."""
        self.steps = asyncio.Lock()
        """Held while a command about a step of a workflow is carried out."""
        self._websocket = websocket
        self._push: Callable[[str], bool] = websocket.scope["extensions"][PUSH]
        """Sends a text now; returns whether the socket took it."""
        self._wake = asyncio.Event()
        self._idle = False
        """The sender has nothing to send and waits."""
        self._cursors = Cursors(streams, lambda: self.chat.conversation, self.has, lambda: self.strip.ids)
        self._outbox = Outbox(self._wake.set, lambda: self.window.own)
        self._refresh = Refresh(self._outbox, partial(draw, self))
        self._wake.set()

    @property
    def app(self) -> str:
        """Name of the app that is open."""
        return self.window.app

    @property
    def context(self) -> RowContext:
        """What its rows are drawn with, if they link to no others."""
        return RowContext(self.reader, self.app, self.window.look.table, markdown=render)

    def has(self, message: int) -> bool:
        """Return whether a message of the conversation in view, or a remark, is in the page, or belongs there."""
        return message in self.strip.ids or self.chat.has(message)

    def wake(self) -> None:
        """Send text that has grown: at once if nothing else is being sent, otherwise after that."""
        if not self._idle or self._wake.is_set() or self._cursors.busy_seconds() > 0 or not self._send_now():
            self._wake.set()

    def push(self, frame: Frame) -> None:
        """Queue a frame."""
        self._outbox.push(frame)

    def refresh(self, *parts: str) -> None:
        """Draw these parts again as soon as the socket takes more."""
        self._outbox.refresh(*parts)

    def is_drawing(self, part: str) -> bool:
        """Return whether a part of the page waits to be drawn again."""
        return part in self._outbox.stale

    def close(self, code: int) -> None:
        """Close the WebSocket, also when the browser does not read."""
        self._websocket.scope["extensions"][ABORT](code)

    def show_chat(self, chat: ChatWindow) -> None:
        """Show another conversation, or another part of it."""
        self.chat = chat
        self.refresh("chat", "talks", "waiting")

    # --- the sender ---

    async def send(self) -> None:
        """Send what there is to send until the browser is gone."""
        try:
            while True:
                self._idle = True
                await self._wake.wait()
                self._idle = False
                self._wake.clear()
                await self._send_pending()
        except (WebSocketDisconnect, WebSocketDisconnected):
            return
        except TimeoutError:
            self.close(TRY_AGAIN_LATER)
        finally:
            await self._refresh.stop()

    async def _send_pending(self) -> None:
        self._refresh.start()
        while self._outbox.queue:
            frame = self._outbox.queue.popleft()
            for text in self._texts_of(frame):
                await self._write(text)
        if "chat" not in self._outbox.stale:
            await self._send_texts()

    def _texts_of(self, frame: Frame) -> list[str]:
        """Return what to send for a frame; and forget how far the tab has the messages that it draws."""
        ending = self._cursors.end(frame.ending()) if frame.ending else []
        self._cursors.forget(frame.redraws)
        return ending or [str(frame.text)]

    async def _send_texts(self) -> None:
        if not self._cursors.have_more():
            return
        if (busy := self._cursors.busy_seconds()) > 0:
            await asyncio.sleep(busy)
        for text in self._cursors.advance():
            await self._write(text)

    async def _write(self, text: str) -> None:
        if not self._push(text):
            async with asyncio.timeout(STALL_SECONDS):
                await self._websocket.send_text(text)

    def _send_now(self) -> bool:
        """Send text that has grown without waiting; return whether nothing is left to do."""
        if "chat" in self._outbox.stale:
            return True  # the text comes with the chat itself
        texts = self._cursors.advance()
        taken = 0
        while taken < len(texts) and self._push(texts[taken]):
            taken += 1
        self._outbox.queue.extend(Frame(text, "chat") for text in texts[taken:])
        return taken == len(texts)


class Tabs:
    """All open tabs, the oldest first."""

    def __init__(self) -> None:
        """None at first."""
        self._tabs: list[Tab] = []

    def __iter__(self) -> Iterator[Tab]:
        """Return the tabs one by one."""
        return iter(self._tabs)

    def add(self, tab: Tab) -> None:
        """Add a tab; close the oldest one if there are too many now."""
        self._tabs.append(tab)
        if len(self._tabs) > MOST_TABS:
            self._tabs.pop(0).close(TOO_MANY)

    def remove(self, tab: Tab) -> None:
        """Forget a tab."""
        if tab in self._tabs:
            self._tabs.remove(tab)

    def wake(self) -> None:
        """Send text that has grown; part of the hot path."""
        for tab in self._tabs:
            tab.wake()

    def push(self, frame: Frame) -> None:
        """Send a frame to all tabs."""
        for tab in self._tabs:
            tab.push(frame)

    def refresh(self, *parts: str) -> None:
        """Draw parts again in all tabs."""
        for tab in self._tabs:
            tab.refresh(*parts)

    def that_may_show(self, conversation: int) -> list["Tab"]:
        """Return the tabs in which messages of a conversation may be in view, also at the beginning of a branch."""
        return [tab for tab in self._tabs if tab.chat.may_show(conversation)]

    def showing(self, conversation: int) -> list["Tab"]:
        """Return the tabs that show a conversation; none for 0, which is no conversation."""
        return [tab for tab in self._tabs if conversation and tab.chat.conversation == conversation]

    @property
    def conversations(self) -> set[int]:
        """The ids of the conversations in view."""
        return {tab.chat.conversation for tab in self._tabs} - {0}

    def show_profile(self, profile: int) -> None:
        """Show the rows of this profile, from the first one on, in all tabs that do not show them yet."""
        for tab in self._tabs:
            if tab.window.profile != profile:
                tab.window = AppWindow(tab.app, tab.window.filters, query=tab.window.query, look=tab.window.look)
                tab.refresh("app")

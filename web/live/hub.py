"""What all tabs share: the tabs themselves, the settings, the models, who is ready, and the newest revision."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.websockets import WebSocket

from apps.core import BUDGETS
from apps.failures import Board
from apps.registry import Registry
from bus.errors import PianolaError
from bus.messages import LlmListed, ServiceAsked
from bus.service import Service
from web.health import Health
from web.html.parts.menus import app_title
from web.live.counts import RowCounts
from web.live.lost_profile import profile_in_view
from web.live.parts import SWITCHES, dependent_parts, draw_part, draw_row_count, draw_status, draw_switch
from web.live.queries import PAGE, Reader, Snapshot, Wanted
from web.live.streams import Streams
from web.live.tab import EVERY_MESSAGE, ChatWindow, Frame, Tab
from web.live.view_builder import ViewBuilder
from web.state.app_list import AppList
from web.state.page_view import PageView, conversation_in, profile_in
from web.state.window import AppWindow

MOST_TABS = 64
MOST_PAGES = 64
"""Pages that were sent, and whose WebSocket has not come yet."""
TOO_MANY = 1008
"""Closes a WebSocket for good: the browser does not come back by itself."""

OPENED = "The assistant opened {app}. Your browser’s way back leads to where you were."

LATE_SECONDS = 1.0
"""A fact that has not come so long after an answer that contains it was lost."""


class Hub:
    """The tabs, and what they share."""

    def __init__(self, service: Service, registry: Registry, health: Health) -> None:
        """Quiet until somebody tells it what was heard: see `web.live.events`."""
        self.bus = service.bus
        self.registry = registry
        self.apps = AppList(registry, Board(self.bus, partial(self.refresh, "app")))
        self.health = health
        self.settings: dict[str, Any] = {}
        self.models: LlmListed | None = None
        self.revision = 0
        """Of the last fact heard."""
        self.tabs: list[Tab] = []
        self.reader = Reader(self.bus)
        self.streams = Streams(self.bus, service.spawn, self._wake_tabs)
        self.row_counts = RowCounts(self.apps, self.reader, service.spawn, self._row_counts_changed)
        self._view_builder = ViewBuilder(self.apps, self.reader, self.streams)
        self._service = service
        self._pages: dict[str, tuple[AppWindow, ChatWindow]] = {}
        self._loaded = False
        self._loading = False
        self.on_loaded: Callable[[], None] = lambda: None
        """Called when the settings were read: at the start, and whenever facts may have been missed."""
        health.on_change = self._health_changed

    # --- the tabs ---

    @property
    def known_revision(self) -> int:
        """Revision of the store up to which everything is known; -1 before anything is."""
        return self.revision if self._loaded else -1

    def enter(self, websocket: WebSocket, name: str, window: AppWindow, messages: int, revision: int) -> Tab:
        """Let a browser tab take part, whose page shows the store at a revision. The oldest leaves when it is full.

        `window`, `messages`: what it shows, if it is not the page that was just sent.
        """
        tab = Tab(websocket, name, window, self.streams, self._draw)
        tab.chat = ChatWindow(conversation_in(self.settings), messages)
        sent = self._pages.pop(name, None)
        if sent and self._loaded and revision == self.revision:
            tab.window, tab.chat = sent
        else:
            tab.refresh(*PAGE)
        tab.push(Frame(draw_status(self.blank())))
        self.tabs.append(tab)
        if len(self.tabs) > MOST_TABS:
            self.tabs.pop(0).close(TOO_MANY)
        return tab

    def leave(self, tab: Tab) -> None:
        """Forget a tab."""
        if tab in self.tabs:
            self.tabs.remove(tab)

    def push(self, frame: Frame) -> None:
        """Send a frame to all tabs."""
        for tab in self.tabs:
            tab.push(frame)

    def refresh(self, *parts: str) -> None:
        """Show parts anew in all tabs."""
        for tab in self.tabs:
            tab.refresh(*parts)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Start a task that ends by itself."""
        self._service.spawn(work, name)

    def _wake_tabs(self) -> None:
        for tab in self.tabs:
            tab.wake()

    def _health_changed(self) -> None:
        self.push(Frame(draw_status(self.blank())))

    def _row_counts_changed(self, app: str) -> None:
        self.push(Frame(lambda: draw_row_count(app, self.blank()), "app"))

    # --- what is shown ---

    @property
    def app(self) -> str:
        """Name of the app that was opened last, or of the first one."""
        chosen = str(self.settings.get("app", ""))
        return chosen if chosen in self.apps else self.apps.first

    async def page(self, window: AppWindow | None = None) -> PageView:
        """Return all that a page shows; without `window`, of the app that was opened last."""
        if window is None:
            await self._settle()
            window = AppWindow(self.app)
        chat, name = ChatWindow(), secrets.token_hex(8)
        snapshot = await self._snapshot(window, chat, PAGE)
        view = self._view_builder.compose(self.blank(), window, chat, snapshot, PAGE)
        self._pages[name] = window, chat
        while len(self._pages) > MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        return replace(view, tab=name)

    async def _settle(self) -> None:
        if not self._loaded:  # the first page after a start must not forget which app was open
            read = await self.reader.settings()
            self.settings = {row["id"]: row["value"] for row in read.rows}

    async def _draw(self, tab: Tab, parts: Collection[str]) -> list[Frame]:
        window, chat = tab.window, tab.chat  # the tab may turn to others meanwhile, and then draws again
        snapshot = await self._snapshot(window, chat, parts)
        view = self._view_builder.compose(self.blank(), window, chat, snapshot, parts)
        return [
            Frame(draw_part(part, view), part, snapshot.revision_of(part), EVERY_MESSAGE if part == "chat" else 0)
            for part in sorted(parts)
        ]

    async def _snapshot(self, window: AppWindow, chat: ChatWindow, parts: Collection[str]) -> Snapshot:
        snapshot = await self._view_builder.snapshot(window, chat, parts)
        self.expect(snapshot.revision)
        return snapshot

    def blank(self) -> PageView:
        """Return a view for what is drawn without asking the store."""
        return PageView(
            revision=self.revision,
            tab="",
            app=self.app,
            apps=self.apps.problems,
            row_counts=self.row_counts.numbers,
            tables=self.registry.tables,
            table=self.apps.table(self.app),
            settings=self.settings,
            budgets={key: getattr(self._service.settings, key) for key in BUDGETS},
            models=self.models,
            missing=self.health.missing,
        )

    @property
    def model(self) -> str:
        """Name of the model that plays."""
        return self.blank().model

    def open_everywhere(self, app: str) -> None:
        """Open an app in all tabs: the assistant does so when it was asked to, and does not know in which."""
        for tab in self.tabs:
            if tab.app != app:
                tab.window = AppWindow(app)
                tab.refresh("app")
                tab.push(Frame(f"?\n{OPENED.format(app=app_title(app))}"))

    # --- settings ---

    def set(self, settings: Mapping[str, Any]) -> None:
        """Take over settings, and show what depends on those that changed."""
        before, self.settings = self.settings, {**self.settings, **settings}
        changed = {key for key, value in settings.items() if before.get(key) != value}
        if "conversation" in changed:
            self._turn_to(conversation_in(self.settings))
        for key in changed & SWITCHES.keys():
            self.push(Frame(draw_switch(key, self.blank()), "bar"))
        if "profile" in changed:
            self._begin_lists_anew()
            self.row_counts.begin(self.settings)
        if parts := dependent_parts(changed):
            self.refresh(*parts)

    def _turn_to(self, conversation: int) -> None:
        self.streams.turn_away()
        for tab in self.tabs:
            if tab.chat.conversation != conversation:
                tab.chat = ChatWindow(conversation)

    def _begin_lists_anew(self) -> None:
        for tab in self.tabs:
            if tab.window.profile != profile_in(self.settings):  # else it was drawn with the new one already
                tab.window = AppWindow(tab.app, tab.window.filters, query=tab.window.query)
                tab.refresh("app")

    # --- what was missed ---

    def missed(self) -> None:
        """Ask for everything anew: messages may have been lost."""
        self.bus.say(ServiceAsked())
        self.streams.recall_all()
        self.refresh(*PAGE)
        self.load()

    def expect(self, revision: int) -> None:
        """Look, a moment later, whether the facts up to a revision were heard."""
        if revision > self.revision:
            asyncio.get_running_loop().call_later(LATE_SECONDS, self._check_heard, revision)

    def _check_heard(self, revision: int) -> None:
        if revision > self.revision:
            self.revision = revision
            self.missed()

    def load(self) -> None:
        """Read the settings, as soon as the store answers."""
        if not self._loading:
            self._loading = True
            self._service.spawn(self._load(), "load settings")

    async def _load(self) -> None:
        snapshot = None
        while snapshot is None:
            try:
                snapshot = await self.reader.snapshot((), Wanted(None, AppWindow("")))
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(LATE_SECONDS)
        self.revision = max(self.revision, snapshot.revision)
        self._loaded, self._loading = True, False
        self.set(snapshot.settings)
        self.row_counts.begin(self.settings)
        self.on_loaded()
        with contextlib.suppress(PianolaError):  # the store is away again; the next load looks once more
            await profile_in_view(self.reader, f"profile-at-{self.bus.run}-{snapshot.revision}")

"""What all tabs share: the tabs themselves, the settings, the models, who is ready, and the newest revision."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.websockets import WebSocket

from apps.failures import Board
from apps.registry import Registry
from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import LlmListed, ServiceAsked, StoreOrder
from bus.service import Service
from web.app_list import AppList
from web.asking import ask_store
from web.bridge import Bridge
from web.drawing import SWITCHES, dependent_parts, draw_part, draw_status, draw_switch
from web.health import Health
from web.menus import actions_of
from web.pane import Pane, Shown
from web.pieces import own_view, read_own
from web.snapshot import PAGE, ROWS_AT_ONCE, Reader, Rows, Snapshot, Wanted
from web.tabs import EVERY_MESSAGE, ChatPane, Frame, Tab
from web.views import PageView, conversation_in, profile_in

MOST_TABS = 64
MOST_PAGES = 64
"""Pages that were sent, and whose WebSocket has not come yet."""
TOO_MANY = 1008
"""Closes a WebSocket for good: the browser does not come back by itself."""

LATE_SECONDS = 1.0
"""A fact that has not come so long after an answer that contains it was lost."""


class Room:
    """The tabs, and what they share."""

    def __init__(self, service: Service, registry: Registry, health: Health) -> None:
        """Quiet until somebody tells it what was heard: see `web.news`."""
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
        self.bridge = Bridge(self.bus, service.spawn, self._wake_tabs)
        self._service = service
        self._pages: dict[str, tuple[Pane, ChatPane]] = {}
        self._loaded = False
        self._loading = False
        self.on_loaded: Callable[[], None] = lambda: None
        """Called when the settings were read: at the start, and whenever facts may have been missed."""
        health.on_change = self._health_changed

    # --- the tabs ---

    def enter(self, websocket: WebSocket, name: str, pane: Pane, messages: int, revision: int) -> Tab:
        """Let a browser tab take part, whose page shows the store at a revision. The oldest leaves when it is full.

        `pane`, `messages`: what it shows, if it is not the page that was just sent.
        """
        tab = Tab(websocket, name, pane, self.bridge, self._draw)
        tab.chat = ChatPane(conversation_in(self.settings), messages)
        sent = self._pages.pop(name, None)
        if sent and self._loaded and revision == self.revision:
            tab.pane, tab.chat = sent
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

    # --- what is shown ---

    @property
    def app(self) -> str:
        """Name of the app that was opened last, or of the first one."""
        chosen = str(self.settings.get("app", ""))
        return chosen if chosen in self.apps else self.apps.first

    async def page(self, pane: Pane | None = None) -> PageView:
        """Return all that a page shows; without `pane`, of the app that was opened last."""
        if pane is None:
            await self._settle()
            pane = Pane(self.app)
        chat, name = ChatPane(), secrets.token_hex(8)
        view = await self._view(pane, chat, PAGE, name)
        self._pages[name] = pane, chat
        while len(self._pages) > MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        return view

    async def _settle(self) -> None:
        if not self._loaded:  # the first page after a start must not forget which app was open
            read = await self.reader.settings()
            self.settings = {row["id"]: row["value"] for row in read.rows}

    async def _draw(self, tab: Tab, parts: Collection[str]) -> list[Frame]:
        pane, chat = tab.pane, tab.chat  # the tab may turn to others meanwhile, and then draws again
        snapshot = await self._snapshot(pane, chat, parts)
        view = self._compose(pane, chat, snapshot, parts)
        return [
            Frame(draw_part(part, view), part, snapshot.revision_of(part), EVERY_MESSAGE if part == "chat" else 0)
            for part in sorted(parts)
        ]

    async def _view(self, pane: Pane, chat: ChatPane, parts: Collection[str], name: str) -> PageView:
        return self._compose(pane, chat, await self._snapshot(pane, chat, parts), parts, name)

    async def _snapshot(self, pane: Pane, chat: ChatPane, parts: Collection[str]) -> Snapshot:
        app = self.apps[pane.app]
        table = self.apps.table(pane.app)
        read = partial(read_own, app, table, self.registry) if table and app.has("read") else None
        wanted = Wanted(table, pane, read, chat.limit)
        snapshot = await self.reader.snapshot(parts, wanted)
        self.expect(snapshot.revision)
        return snapshot

    def _compose(
        self, pane: Pane, chat: ChatPane, snapshot: Snapshot, parts: Collection[str], name: str = ""
    ) -> PageView:
        """Return what there is to see, and remember in `pane` and `chat` that the page shows it."""
        messages, rows, current = snapshot.of("messages"), snapshot.of("rows"), snapshot.of("conversation")
        marked, marked_message = pane.marked, chat.marked
        if rows.table and rows.own is None:
            self._show_rows(pane, rows)
        if rows.table:
            pane.profile = profile_in(snapshot.settings)
        if "chat" in parts:
            chat.oldest, chat.marked = (messages.rows[0]["id"] if messages.more else 0), 0
            chat.conversation = conversation_in(snapshot.settings)
        view = replace(
            self.blank(),
            revision=snapshot.revision,
            tab=name,
            app=pane.app,
            table=self.apps.table(pane.app),
            rows=rows.rows,
            shown=pane.shown,
            by_model=rows.by_model,
            read=rows.own,
            query=pane.query,
            marked=marked,
            conversation=current.rows[0] if current.rows else None,
            conversations=snapshot.of("conversations").rows,
            messages=messages.rows,
            more=messages.more,
            marked_message=marked_message,
            streaming=self._streaming(messages.rows),
            settings=snapshot.settings,
            profiles=snapshot.of("profiles").rows,
            imports=snapshot.of("imports").rows,
        )
        own = own_view(self.apps[pane.app], view) if rows.table else None
        pane.own = own is not None if rows.table else pane.own
        return replace(view, own=own, actions=actions_of(self.apps[pane.app]))

    def _show_rows(self, pane: Pane, rows: Rows) -> None:
        shown = Shown(pane.filters, pane.offset, len(rows.rows), rows.total, rows.counts)
        pane.show(self.apps.tables[pane.app], rows.rows, shown)

    def _streaming(self, messages: tuple[Row, ...]) -> Mapping[int, str]:
        return {row["id"]: self.bridge.show(row).text for row in messages if row["state"] == "streaming"}

    def blank(self) -> PageView:
        """Return a view for what is drawn without asking the store."""
        return PageView(
            revision=self.revision,
            tab="",
            app=self.app,
            apps=self.apps.problems,
            table=self.apps.table(self.app),
            settings=self.settings,
            models=self.models,
            missing=self.health.missing,
        )

    @property
    def model(self) -> str:
        """Name of the model that plays."""
        return self.blank().model

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
        if parts := dependent_parts(changed):
            self.refresh(*parts)

    def _turn_to(self, conversation: int) -> None:
        self.bridge.turn_away()
        for tab in self.tabs:
            if tab.chat.conversation != conversation:
                tab.chat = ChatPane(conversation)

    def _begin_lists_anew(self) -> None:
        for tab in self.tabs:
            if tab.pane.profile != profile_in(self.settings):  # else it was drawn with the new one already
                tab.pane = Pane(tab.app, tab.pane.filters, query=tab.pane.query)
                tab.refresh("app")

    async def leave_profile(self, gone: Row, revision: int) -> None:
        """Tell all tabs that a profile was deleted, and which one they show now, whoever deleted it."""
        try:
            name = await self._profile_in_view(f"profile-after-{revision}")
        except PianolaError as problem:
            self.push(Frame(f"?\nThe profile “{gone['name']}” was deleted. {problem}"))
            return
        shown = f"“{name}” is shown now." if name else "There is none left: make one."
        self.push(Frame(f"?\nThe profile “{gone['name']}” was deleted. {shown}"))

    async def _profile_in_view(self, order_id: str) -> str:
        """Return the name of the profile in view; when that is gone, bring the first one into view before."""
        settings, left = await self.reader.settings(), (await self.reader.read("profile", ROWS_AT_ONCE)).rows
        names: dict[int, str] = {row["id"]: row["name"] for row in left}
        shown = profile_in({row["id"]: row["value"] for row in settings.rows})
        if shown not in names and names:
            shown = next(iter(names))
            order = StoreOrder(verb="update", table="setting", id="profile", values={"value": shown})
            await ask_store(self.bus, order, id=order_id)
        return names.get(shown, "")

    # --- what was missed ---

    def missed(self) -> None:
        """Ask for everything anew: messages may have been lost."""
        self.bus.say(ServiceAsked())
        self.bridge.recall_all()
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
                snapshot = await self.reader.snapshot((), Wanted(None, Pane("")))
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(LATE_SECONDS)
        self.revision = max(self.revision, snapshot.revision)
        self._loaded, self._loading = True, False
        self.set(snapshot.settings)
        self.on_loaded()
        with contextlib.suppress(PianolaError):  # the store is away again; the next load looks once more
            await self._profile_in_view(f"profile-at-{self.bus.run}-{snapshot.revision}")

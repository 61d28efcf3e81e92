"""What all tabs share: the tabs themselves, the settings, the models, who is ready, and the newest revision."""

import asyncio
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from starlette.websockets import WebSocket

from apps.registry import Registry
from apps.tables import Row, Table
from bus.errors import PianolaError
from bus.messages import LlmListed, ServiceAsked
from bus.service import Service
from web.bridge import Bridge
from web.drawing import SWITCHES, dependent_parts, draw_part, draw_status, draw_switch
from web.health import Health
from web.snapshot import PAGE, Reader, Snapshot
from web.tabs import EVERY_MESSAGE, Frame, Tab
from web.views import PageView

MOST_TABS = 64
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
        self.health = health
        self.settings: dict[str, Any] = {}
        self.models: LlmListed | None = None
        self.revision = 0
        """Of the last fact heard."""
        self.tabs: list[Tab] = []
        self.reader = Reader(self.bus)
        self.bridge = Bridge(self.bus, service.spawn, self._wake_tabs)
        self.oldest = 0
        """The first message that is shown of the conversation in view."""
        self._service = service
        self._loaded = False
        self._loading = False
        health.on_change = self._health_changed

    # --- the tabs ---

    def enter(self, websocket: WebSocket, name: str, app: str, revision: int) -> Tab:
        """Let a browser tab take part, whose page this process drew at a revision (-1: another one drew it).

        The oldest leaves when it is full.
        """
        tab = Tab(websocket, name, app, self.bridge, self._draw)
        if not self._loaded or revision != self.revision:
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

    def _wake_tabs(self) -> None:
        for tab in self.tabs:
            tab.wake()

    def _health_changed(self) -> None:
        self.push(Frame(draw_status(self.blank())))

    # --- what is shown ---

    @property
    def apps(self) -> dict[str, Table]:
        """The table that each sound app shows, by the app's name."""
        return {app.name: app.tables[0] for app in self.registry.apps.values() if app.tables and not app.problem}

    @property
    def app(self) -> str:
        """Name of the app that was opened last, or of the first one."""
        chosen = str(self.settings.get("app", ""))
        return chosen if chosen in self.apps else next(iter(self.apps))

    async def page(self, app: str) -> PageView:
        """Return all that a page shows."""
        snapshot = await self.reader.snapshot(self.apps[app], PAGE)
        self.expect(snapshot.revision)
        return self._view(app, snapshot)

    async def _draw(self, tab: Tab, parts: Collection[str]) -> list[Frame]:
        snapshot = await self.reader.snapshot(self.apps[tab.app], parts)
        self.expect(snapshot.revision)
        view = self._view(tab.app, snapshot)
        return [
            Frame(draw_part(part, view), part, snapshot.revision_of(part), EVERY_MESSAGE if part == "chat" else 0)
            for part in sorted(parts)
        ]

    def _view(self, app: str, snapshot: Snapshot) -> PageView:
        messages, rows, current = snapshot.of("messages"), snapshot.of("rows"), snapshot.of("conversation")
        self.oldest = messages.rows[0]["id"] if messages.more else self.oldest
        return PageView(
            revision=snapshot.revision,
            run=self.bus.run,
            tab=secrets.token_hex(8),
            app=app,
            apps=tuple(self.apps),
            table=self.apps[app],
            rows=rows.rows,
            rows_more=rows.more,
            conversation=current.rows[0] if current.rows else None,
            conversations=snapshot.of("conversations").rows,
            messages=messages.rows,
            more=messages.more,
            streaming=self._streaming(messages.rows),
            settings=snapshot.settings,
            profiles=snapshot.of("profiles").rows,
            models=self.models,
            missing=self.health.missing,
        )

    def _streaming(self, messages: tuple[Row, ...]) -> Mapping[int, str]:
        return {row["id"]: self.bridge.show(row).text for row in messages if row["state"] == "streaming"}

    def blank(self) -> PageView:
        """Return a view for what is drawn without asking the store."""
        return PageView(
            revision=self.revision,
            run=self.bus.run,
            tab="",
            app=self.app,
            apps=tuple(self.apps),
            table=self.apps[self.app],
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
            self.bridge.turn_away()
            self.oldest = 0
        for key in changed & SWITCHES.keys():
            self.push(Frame(draw_switch(key, self.blank()), "bar"))
        if parts := dependent_parts(changed):
            self.refresh(*parts)

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
                snapshot = await self.reader.snapshot(self.apps[self.app], ())
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(LATE_SECONDS)
        self.revision = max(self.revision, snapshot.revision)
        self._loaded, self._loading = True, False
        self.set(snapshot.settings)

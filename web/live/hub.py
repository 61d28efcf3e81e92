"""Keep the tabs, and make the parts that they share, in the order in which these depend on each other."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

from starlette.websockets import WebSocket

from apps.core import BUDGETS
from apps.failures import Board
from apps.own.loading import OwnApps
from apps.registry import App
from bus.service import Service
from bus.settings import running_settings
from web.health import Health
from web.live.action_log.log import ActionLog
from web.live.catch_up import CatchUp
from web.live.counts import RowCounts
from web.live.jobs.display import JobDisplay
from web.live.jobs.made import MadeRows
from web.live.models.display import ModelDisplay
from web.live.outbox import Frame
from web.live.pages import Pages, tell_problem
from web.live.parts import (
    IN_MODEL_MENU,
    SWITCHES,
    dependent_parts,
    draw_action_log,
    draw_app_problem,
    draw_row_count,
    draw_status,
    draw_switch,
)
from web.live.queries import PAGE, Reader
from web.live.remarks.display import RemarkDisplay
from web.live.shared import Shared
from web.live.streams import Streams
from web.live.tab import ChatWindow, Tab, Tabs
from web.live.talks.seen import Seen
from web.server_files import ServerFiles
from web.state.app_list import AppList
from web.state.page_view import profile_in
from web.state.turns import Turns
from web.state.views.opening import kept, window_of
from web.state.window import AppWindow


class Hub:
    """The tabs, and the parts that they share. Subscribes to nothing: `events.py` hears the bus for it."""

    def __init__(
        self, service: Service, own: OwnApps, expected: tuple[str, ...], on_loaded: Callable[[], None]
    ) -> None:
        """`own`: the own apps, and in their registry all apps. `expected`: names of processes that must be ready.

        `on_loaded`: called when the settings were read: at the start, and whenever facts may have been missed.
        """
        self.bus = service.bus
        self.process_settings = service.settings
        self.spawn = service.attempt
        self.registry = registry = own.registry
        self.own = own
        own.on_change = self._app_changed
        self._shown_apps: dict[str, App] = {}
        """The own apps as the tabs show them."""
        self.tabs = Tabs()
        self._left_out: set[str] = set()
        self.apps = AppList(registry, Board(self.bus, self._show_failures), service.name)
        self.health = Health(expected, self._show_status)
        self.reader = Reader(self.bus)
        self.streams = Streams(self.bus, service.attempt, self.tabs.wake)
        self.turns = Turns()
        self.row_counts = RowCounts(self.apps, self.reader, service.attempt, self._show_row_count)
        budgets = {key: getattr(service.settings, key) for key in BUDGETS}
        files, folder = ServerFiles(service.settings), service.settings.jobs
        self.shared = Shared(self.apps, self.health, self.row_counts, files, budgets, service.settings, folder)
        self.action_log = ActionLog(self.shared, registry, self.bus, service.attempt, self._show_action_log)
        self.models = ModelDisplay(self.tabs, self.shared)
        self.jobs = JobDisplay(self.tabs, self.shared, registry)
        self.remarks = RemarkDisplay(self.tabs, self.streams)
        self.made_rows = MadeRows(self.bus, service.attempt)
        self.catch_up = CatchUp(
            self.shared, self.reader, own, service.attempt, on_missed=self._missed, on_loaded=self._loaded
        )
        self.seen = Seen(self.tabs, self.reader, service.attempt)
        self.pages = Pages(self.shared, self.reader, self.streams, self.turns, self.catch_up, on_shown=self.seen.shown)
        self._on_loaded = on_loaded

    def enter(self, websocket: WebSocket, name: str, window: AppWindow, chat: ChatWindow, revision: int) -> Tab:
        """Add a browser tab, whose page shows the store at a revision. The oldest tab is closed if there are too many.

        `window`, `chat`: what it shows, if it is not the page that was just sent.
        """
        tab = Tab(websocket, name, window, self.streams, self.pages.draw)
        tab.chat = chat
        sent = self.pages.take_sent(name)
        if sent and revision == self.catch_up.known_revision:
            tab.window, tab.chat, tab.strip = sent.window, sent.chat, sent.strip
            self.models.enter(tab, sent.model_changes)
            for app in self.row_counts.numbers.keys() - sent.counted:
                tab.push(Frame(draw_row_count(app, self.shared.view()), "app"))
            tell_problem(tab)
            tab.refresh("waiting")
        else:
            tab.refresh(*PAGE)
        tab.push(Frame(draw_status(self.shared.view())))
        tab.push(Frame(draw_action_log(self.shared.view()), "bar"))
        self.tabs.add(tab)
        self.seen.entered(tab.chat.conversation)
        return tab

    def change_settings(self, settings: Mapping[str, Any]) -> None:
        """Take over settings, and show what depends on those that changed."""
        shared, changed = self.shared, self.shared.take_settings(settings)
        for key in changed & SWITCHES.keys():
            self.tabs.push(Frame(draw_switch(key, shared.view()), "bar"))
        if changed & IN_MODEL_MENU:
            self.models.show_menu()
        if changed & set(running_settings()):
            self.tabs.refresh("settings")
        if "profile" in changed:
            self.tabs.show_profile(profile_in(shared.settings))
            self.row_counts.begin(shared.settings)
        if parts := dependent_parts(changed):
            self.tabs.refresh(*parts)

    # --- what the parts report ---

    def _show_status(self) -> None:
        self.tabs.push(Frame(draw_status(self.shared.view())))

    def _show_failures(self) -> None:
        """Show which apps fail. Whole panes are drawn only when an app was left out, or is back.

        Else a hook that fails every second time would be called for ever: each call would change what is wrong.
        """
        left_out = {app.name for app in self.registry.apps.values() if app.problem}
        if left_out != self._left_out:
            self._left_out = left_out
            self.tabs.refresh("app")
        for tab in self.tabs:
            tab.push(Frame(partial(self._draw_failures, tab), "app"))

    def _app_changed(self, name: str) -> None:
        """Show an own app that is new, was changed, or is gone; in the other tabs only the menu of apps changes."""
        now = self.registry.apps.get(name)
        before = self._shown_apps.get(name)
        is_other = now is not before
        if now:
            self._shown_apps[name] = now
        else:
            self._shown_apps.pop(name, None)
        for tab in self.tabs:
            if is_other and tab.app == name:
                tables = before.tables if before else ()
                shown = next((one for one in tables if one.name == tab.window.look.table), next(iter(tables), None))
                tab.window = kept(self.apps, tab.window, shown) if now else window_of(self.apps, self.apps.first, "")
                tab.refresh("app")
            else:
                tab.push(Frame(partial(self._draw_failures, tab), "app"))
        if is_other and self.catch_up.loaded:
            self.row_counts.begin(self.shared.settings)

    def _draw_failures(self, tab: Tab) -> str:
        view = self.shared.view()
        return draw_app_problem(replace(view, app=tab.app, table=self.apps.table_in(tab.window)))

    def _show_row_count(self, app: str) -> None:
        self.tabs.push(Frame(lambda: draw_row_count(app, self.shared.view()), "app"))

    def _show_action_log(self) -> None:
        draw = cache(lambda: draw_action_log(self.shared.view()))  # once for all tabs, and not while there is none
        self.tabs.push(Frame(draw, "bar"))

    def _missed(self) -> None:
        self.streams.recall_all()
        self.tabs.refresh(*PAGE)

    def _loaded(self, settings: Mapping[str, Any]) -> None:
        self.change_settings(settings)
        self.row_counts.begin(self.shared.settings)
        self.action_log.load()
        self._on_loaded()

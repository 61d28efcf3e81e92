"""From what the store has to what a page shows: asks for a snapshot, and composes the view that is drawn."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from apps.tables import Row
from web.html.parts.menus import actions_of
from web.live.app_view import own_view, read_own
from web.live.queries import Reader, Rows, Snapshot, Wanted
from web.live.streams import Streams
from web.live.tab import ChatWindow
from web.state.app_list import AppList
from web.state.page_view import PageView, conversation_in, profile_in
from web.state.window import AppWindow, Shown


class ViewBuilder:
    """What is needed to compose any page."""

    def __init__(self, apps: AppList, reader: Reader, streams: Streams) -> None:
        """`streams`: has the texts that are being generated."""
        self._apps = apps
        self._reader = reader
        self._streams = streams

    async def snapshot(self, window: AppWindow, chat: ChatWindow, parts: Collection[str]) -> Snapshot:
        """Ask the store for what the parts of a page show."""
        app, table = self._apps[window.app], self._apps.table(window.app)
        read = partial(read_own, app, table, self._apps.registry) if table and app.has("read") else None
        return await self._reader.snapshot(parts, Wanted(table, window, read, chat.limit))

    def compose(
        self, blank: PageView, window: AppWindow, chat: ChatWindow, snapshot: Snapshot, parts: Collection[str]
    ) -> PageView:
        """Return what there is to see, and remember in `window` and `chat` that the page shows it."""
        marked, marked_message = window.marked, chat.marked
        self._show_rows(window, snapshot)
        if "chat" in parts:
            self._show_messages(chat, snapshot)
        rows, messages, current = snapshot.of("rows"), snapshot.of("messages"), snapshot.of("conversation")
        view = replace(
            blank,
            revision=snapshot.revision,
            app=window.app,
            table=self._apps.table(window.app),
            rows=rows.rows,
            shown=window.shown,
            by_model=rows.by_model,
            read=rows.own,
            query=window.query,
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
        return self._with_app(view, window, rows)

    def _with_app(self, view: PageView, window: AppWindow, rows: Rows) -> PageView:
        """Add what the app itself says."""
        app = self._apps[window.app]
        own = own_view(app, view) if rows.table else None
        window.own = own is not None if rows.table else window.own
        return replace(view, own=own, actions=actions_of(app))

    def _show_rows(self, window: AppWindow, snapshot: Snapshot) -> None:
        rows = snapshot.of("rows")
        if not rows.table:
            return
        window.profile = profile_in(snapshot.settings)
        if rows.own is None:
            shown = Shown(window.filters, window.offset, len(rows.rows), rows.total, rows.counts)
            window.show(self._apps.tables[window.app], rows.rows, shown)

    @staticmethod
    def _show_messages(chat: ChatWindow, snapshot: Snapshot) -> None:
        messages = snapshot.of("messages")
        chat.oldest, chat.marked = (messages.rows[0]["id"] if messages.more else 0), 0
        chat.conversation = conversation_in(snapshot.settings)

    def _streaming(self, messages: tuple[Row, ...]) -> Mapping[int, str]:
        return {row["id"]: self._streams.show(row).text for row in messages if row["state"] == "streaming"}

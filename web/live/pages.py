"""Pages and parts of pages: what the store has is read as one snapshot and becomes the view that is drawn."""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from fastcore.xml import Safe

from apps.tables import Row
from apps.types.reader import HERE
from apps.types.reader import Reader as Person
from web.html.chat.markdown import render
from web.html.first_page import first_rows, last_messages
from web.html.parts.elements import P
from web.html.parts.examples import examples_of
from web.html.parts.fragments import html
from web.html.parts.menus import actions_of
from web.live.app_view import own_view, read_own
from web.live.catch_up import CatchUp
from web.live.cursors import EVERY_MESSAGE
from web.live.outbox import Frame
from web.live.parts import draw_part
from web.live.queries import PAGE, Reader, Rows, Snapshot, Wanted
from web.live.shared import Shared
from web.live.streams import Streams
from web.live.tab import OPENED_LAST, ChatWindow, Tab
from web.state.page_view import PageView, profile_in
from web.state.remarks.shown import Strip
from web.state.rows.context import RowContext
from web.state.talks.lists import TalkList, TalkWindow
from web.state.turns import Progress, Turns
from web.state.views.opening import window_of
from web.state.window import AppWindow, Shown

LONGEST_STREAMED = 10_000
"""Characters of a text that is being written, for it to be in the page when it is sent."""
FIRST_ROWS = 50
"""Rows that a page has at most when it is sent. Scrolling brings more."""
AFTER_ALL = 2**53
"""Larger than every id of a message: none fitted into the page, so the last one is an older one."""
MOST_SENT = 64
"""Pages that were sent and whose WebSocket has not connected yet."""
SENT = tuple(part for part in PAGE if part != "waiting")
"""The parts of a page when it is sent. What waits comes over each new WebSocket."""
GONE = "There is no conversation {conversation} (any more). Here is the one that was opened last."


class Sent(NamedTuple):
    """What a page shows that was just sent."""

    window: AppWindow
    chat: ChatWindow
    strip: Strip
    model_changes: int
    """How often the models had changed until then."""
    counted: frozenset[str]
    """The apps whose rows had been counted by then."""


class Pages:
    """Draws pages and parts. Remembers what each sent page shows, until its WebSocket connects."""

    def __init__(
        self,
        shared: Shared,
        reader: Reader,
        streams: Streams,
        turns: Turns,
        catch_up: CatchUp,
        *,
        on_shown: Callable[[Row], None],
    ) -> None:
        """`streams`: has the texts that are being generated. `turns`: how far they are.

        `on_shown`: gets the row of a conversation that was drawn in a tab.
        """
        self._on_shown = on_shown
        self._shared = shared
        self._reader = reader
        self._catch_up = catch_up
        self._builder = ViewBuilder(shared, reader, streams, turns)
        self._sent: dict[str, Sent] = {}
        """By the name of the page."""

    async def page(self, window: AppWindow | None, chat: ChatWindow, whom: Person = HERE) -> PageView:
        """Return all that a page shows to somebody; without `window`, of the app that was opened last."""
        if window is None:
            await self._ensure_settings()
            window = window_of(self._shared.apps, self._shared.app, "")
        strip, name, changes = Strip(), secrets.token_hex(8), self._shared.model_changes
        window.limit = FIRST_ROWS
        view, _ = await self._view(window, chat, TalkWindow(), strip, SENT, whom=whom, cut=True)
        self._sent[name] = Sent(window, chat, strip, changes, frozenset(view.row_counts))
        while len(self._sent) > MOST_SENT:
            del self._sent[next(iter(self._sent))]
        # what was done lately, and long texts that are being written, come over every new WebSocket
        short = {key: text if len(text) <= LONGEST_STREAMED else "" for key, text in view.streaming.items()}
        return replace(view, tab=name, done=(), streaming=short)

    def _cut(self, snapshot: Snapshot, window: AppWindow) -> Snapshot:
        """Leave out the rows and messages that do not fit in a page when it is sent."""
        rows, messages = snapshot.of("rows"), snapshot.of("messages")
        tables, table = self._shared.apps.registry.tables, self._shared.apps.table_in(window)
        kept = last_messages(tables, messages.rows)
        cut = {"messages": replace(messages, rows=kept, more=messages.more or len(kept) < len(messages.rows))}
        if table and rows.own is None and rows.seen is None:
            cut["rows"] = replace(rows, rows=first_rows(table, rows.rows))
        return replace(snapshot, reads={**snapshot.reads, **cut})

    def forget(self, view: PageView) -> PageView:
        """Leave the app's own view out of a page that is too large with it; it comes over the WebSocket."""
        self._sent.pop(view.tab, None)
        return replace(view, own=Safe(html(P("Loading …", cls="note"))))

    def take_sent(self, name: str) -> Sent | None:
        """Return what the page of this name shows, and forget it; None if it was not sent lately."""
        return self._sent.pop(name, None)

    async def draw(self, tab: Tab, parts: Collection[str]) -> list[Frame]:
        """Draw parts of a tab's page, as the store has them now. The remarks come with the app that they are about."""
        chat, strip = tab.chat, tab.strip
        if "app" in parts and (strip.app, strip.profile) != (tab.app, profile_in(self._shared.settings)):
            parts = {*parts, "remarks"}
        view, snapshot = await self._view(tab.window, chat, tab.talks, strip, parts, whom=tab.reader)
        view = replace(view, model_words=tab.model_words, panels=frozenset(tab.panels))
        if chat.problem and tab.chat is chat:
            tell_problem(tab)
            tab.refresh("chat", "talks")  # one of them may show the conversation that is not there
        if "chat" in parts and view.conversation:
            self._on_shown(view.conversation)
        return [
            Frame(draw_part(part, view), part, snapshot.revision_of(part), _redrawn(part, view))
            for part in sorted(parts)
        ]

    async def _view(
        self,
        window: AppWindow,
        chat: ChatWindow,
        talks: TalkWindow,
        strip: Strip,
        parts: Collection[str],
        *,
        whom: Person,
        cut: bool = False,
    ) -> tuple[PageView, Snapshot]:
        """`window`, `chat`, `talks`, `strip`: a tab may get others meanwhile, and is then drawn again.

        `cut`: to what fits in a page.
        """
        snapshot = await self._builder.snapshot(window, chat, talks, strip, parts, whom=whom)
        while snapshot.lacks_conversation:
            leave_lost(chat)
            snapshot = await self._builder.snapshot(window, chat, talks, strip, parts, whom=whom)
        if cut:
            snapshot = self._cut(snapshot, window)
        self._catch_up.expect(snapshot.revision)
        base = replace(self._shared.view(), context=RowContext(whom, window.app, window.look.table, markdown=render))
        view = self._builder.compose(base, window, chat, snapshot, parts)
        return self._builder.with_remarks(view, strip, snapshot), snapshot

    async def _ensure_settings(self) -> None:
        if not self._catch_up.loaded:  # the first page after a start must show the app that was opened last
            read = await self._reader.settings()
            self._shared.settings = {row["id"]: row["value"] for row in read.rows}


def leave_lost(chat: ChatWindow) -> None:
    """Show the conversation that was opened last in place of one that is not there; a new one, if it is that one."""
    if chat.conversation != OPENED_LAST:
        chat.problem = GONE.format(conversation=chat.conversation)
    chat.conversation = OPENED_LAST if chat.conversation != OPENED_LAST else 0


def tell_problem(tab: Tab) -> None:
    """Tell the user once why the tab shows another conversation than the one that was asked for."""
    if tab.chat.problem:
        tab.push(Frame(f"?\n{tab.chat.problem}"))
        tab.chat.problem = ""


def _redrawn(part: str, view: PageView) -> int:
    """Return the message whose streaming text has to be sent again after a part was drawn, as in `Frame.redraws`."""
    if part == "chat":
        return EVERY_MESSAGE
    return next((row["id"] for row in view.remarks if row["state"] == "streaming"), 0) if part == "remarks" else 0


class ViewBuilder:
    """Reads what a page shows, and composes its view."""

    def __init__(self, shared: Shared, reader: Reader, streams: Streams, turns: Turns) -> None:
        """`streams`: has the texts that are being generated. `turns`: how far they are."""
        self._apps = shared.apps
        self._jobs_folder = shared.jobs_folder
        self._reader = reader
        self._streams = streams
        self._turns = turns

    async def snapshot(
        self,
        window: AppWindow,
        chat: ChatWindow,
        talks: TalkWindow,
        strip: Strip,
        parts: Collection[str],
        *,
        whom: Person,
    ) -> Snapshot:
        """Ask the store for what the parts of a page show to somebody."""
        app, table = self._apps[window.app], self._apps.table_in(window)
        reads = table is not None and app.has("read")
        read = partial(read_own, app, self._apps.registry, self._jobs_folder) if reads else None
        wanted = Wanted(
            table,
            window,
            self._apps.registry.tables,
            read,
            chat.limit,
            strip.marked,
            chat.conversation,
            last_message=chat.newest,
            talks=talks,
            person=whom,
        )
        return await self._reader.snapshot(parts, wanted)

    def compose(
        self, base: PageView, window: AppWindow, chat: ChatWindow, snapshot: Snapshot, parts: Collection[str]
    ) -> PageView:
        """Return the view of a page, and note in `window` and `chat` what it shows. `base`: what every page shows."""
        marked, marked_message = window.marked, chat.marked
        self._show_rows(window, snapshot)
        if "chat" in parts:
            self._show_messages(chat, snapshot)
        rows, messages, current = snapshot.of("rows"), snapshot.of("messages"), snapshot.of("conversation")
        view = replace(
            base,
            revision=snapshot.revision,
            app=window.app,
            table=self._apps.table_in(window),
            app_tables=self._apps.tables_of(window.app),
            rows=rows.rows,
            context=self._context(base.context, rows),
            shown=window.shown,
            by_model=rows.by_model,
            edited=frozenset(window.edited),
            read=rows.own,
            seen=rows.seen,
            query=window.query,
            marked=marked,
            conversation=current.rows[0] if current.rows else None,
            conversations=snapshot.of("conversations").own or TalkList(),
            trunk=next(iter(snapshot.of("trunk").rows), None),
            messages=messages.rows,
            more=messages.more,
            versions=messages.talk.versions,
            waiting=snapshot.of("waiting").rows,
            later=chat.newest > 0,
            marked_message=marked_message,
            streaming=self._streaming(messages.rows),
            progress=self._progress(messages.rows),
            settings=snapshot.settings,
            profiles=snapshot.of("profiles").rows,
            imports=snapshot.of("imports").rows,
        )
        return self._with_app(view, window, rows)

    def _context(self, base: RowContext, rows: Rows) -> RowContext:
        """Return what rows are drawn with. Outside the list, links lead to the pages of rows."""
        linked = replace(base, titles=rows.linked.titles, choices=rows.linked.choices, parts=rows.linked.parts)
        return linked if rows.seen is None else replace(linked, pages=self._apps.row_pages)

    def with_remarks(self, view: PageView, strip: Strip, snapshot: Snapshot) -> PageView:
        """Add the remarks to a view, if they were read, and note in `strip` what is shown."""
        read = snapshot.of("remarks")
        if not read.table:
            return view
        marked, strip.marked = strip.marked, 0
        strip.app, strip.profile = view.app, profile_in(snapshot.settings)
        strip.ids, strip.about = read.own
        reminders = snapshot.of("reminders").own or ()
        strip.due = frozenset((one.table, one.row) for one in reminders)
        streaming = {**view.streaming, **self._streaming(read.rows)}
        view = replace(view, remarks=read.rows, reminders=reminders, all_remarks=strip.whole)
        return replace(view, marked_remark=marked, streaming=streaming)

    def _with_app(self, view: PageView, window: AppWindow, rows: Rows) -> PageView:
        """Add the app's own view and actions, and then what of that has failed."""
        app = self._apps[window.app]
        view = replace(view, examples=examples_of(app))
        own, jobs = own_view(app, view, self._apps.registry) if rows.table else (None, window.jobs)
        if rows.table:
            window.own = own is not None or rows.seen is not None
        window.jobs = jobs
        return replace(view, own=own, actions=actions_of(app), apps=self._apps.problems)

    def _show_rows(self, window: AppWindow, snapshot: Snapshot) -> None:
        rows = snapshot.of("rows")
        if not rows.table:
            return
        window.profile = profile_in(snapshot.settings)
        table = self._apps.table_in(window)
        if rows.own is None and table:
            shown = Shown(window.filters, window.offset, len(rows.rows), rows.total, rows.counts, window.look)
            window.show(table, rows.rows, shown)
            window.parents = frozenset(rows.linked.parts)

    @staticmethod
    def _show_messages(chat: ChatWindow, snapshot: Snapshot) -> None:
        messages = snapshot.of("messages")
        first = messages.rows[0]["id"] if messages.rows else AFTER_ALL
        chat.oldest, chat.marked = (first if messages.more else 0), 0
        chat.conversation = snapshot.conversation
        chat.chain, chat.related = messages.talk.chain, messages.talk.related

    def _progress(self, messages: tuple[Row, ...]) -> Mapping[int, Progress]:
        for row in messages:
            self._turns.take(row)
        return {row["id"]: self._turns.of(row["id"]) for row in messages if row["state"] == "streaming"}

    def _streaming(self, messages: tuple[Row, ...]) -> Mapping[int, str]:
        return {row["id"]: self._streams.show(row).draft.html for row in messages if row["state"] == "streaming"}

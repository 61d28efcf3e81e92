"""What is heard on the bus changes what the tabs show: facts of the store, beats, models, the start of a generation."""

from collections.abc import Callable
from functools import cache, partial

from apps.core import APP, SHOWN, WAITING
from apps.tables import Row, Table
from apps.talk.remarks import is_remark
from apps.types.reader import Reader as Person
from bus.bus import Bus
from bus.checks.revisions import FactsInOrder
from bus.messages import (
    BusCounted,
    LlmFailed,
    LlmFinished,
    LlmProgressed,
    LlmStarted,
    LlmToken,
    McpListed,
    ServiceChanged,
    StoreChanged,
)
from bus.overflows import Overflows
from bus.wire import Envelope
from web.live.hub import Hub
from web.live.lost_profile import replace_profile
from web.live.outbox import Frame
from web.live.parts import draw_progress
from web.live.queries import scope
from web.live.row_updates import draw_message, draw_row, end_message
from web.live.tab import ChatWindow, Tab
from web.state.turns import Progress
from web.state.views.opening import place_of, window_of

OPENED_VIEW = "{who} shows {app} as you see it now. Your browser’s way back leads to where you were."
OPENED = "The assistant opened {app}. Your browser’s way back leads to where you were."
WAITS = "{question} It waits for you in another conversation; the list of conversations shows it."


class Events:
    """Hears the bus for a hub."""

    def __init__(self, hub: Hub) -> None:
        """Hears nothing before `listen`."""
        self._hub = hub
        self._facts = FactsInOrder(
            lambda: hub.shared.revision, hub.catch_up.newest_revision, self._take_fact, hub.spawn
        )
        self._store_run = ""
        self._shown_progress: dict[int, Progress] = {}
        """What the tabs show of the answers in view, by the id of the message."""

    def listen(self, bus: Bus) -> None:
        """Hear everything that changes a page."""
        hub = self._hub
        bus.hear(ServiceChanged, hub.health.heard_beat)
        bus.hear(BusCounted, hub.health.heard_count)
        bus.hear(LlmToken, hub.streams.heard_token)
        bus.hear(LlmFinished, hub.streams.heard_end)
        bus.hear(LlmFailed, hub.streams.heard_end)
        bus.hear(StoreChanged, self._facts.hear)
        bus.hear(ServiceChanged, self._heard_store, "store")
        bus.hear(LlmStarted, self._heard_start)
        bus.hear(LlmProgressed, self._heard_progress)
        bus.hear(McpListed, self._heard_tools)
        hub.models.listen(bus)
        hub.jobs.listen(bus)
        bus.on_reconnected = hub.catch_up.missed
        Overflows(bus, hub.catch_up.missed)

    def _heard_tools(self, heard: Envelope) -> None:
        self._hub.shared.tool_servers = heard.message.servers

    # --- facts ---

    def _take_fact(self, heard: Envelope) -> None:
        """Show a fact once. A gap in the revisions means that one was lost; one that fits no table is read instead."""
        fact: StoreChanged = heard.message
        hub, shared = self._hub, self._hub.shared
        if fact.revision <= shared.revision:
            return
        if fact.table == APP.name and hub.registry.fits(fact):
            hub.own.hear(fact)
        fits = hub.registry.fits(fact)
        whole = fits and fact.revision == shared.revision + 1
        shared.revision = fact.revision
        if fits:
            hub.reader.newest[fact.table] = fact.revision
            self._show(fact)
            hub.action_log.take(heard)
            hub.made_rows.take(fact)
        if not whole:
            hub.catch_up.missed()

    def _heard_store(self, heard: Envelope) -> None:
        """Catch up after a restart of the store: it may have ended between a commit and its fact."""
        message: ServiceChanged = heard.message
        restarted = self._store_run not in ("", message.run)
        self._store_run = message.run
        if restarted:
            self._hub.catch_up.missed()

    def _show(self, fact: StoreChanged) -> None:
        self._hub.remarks.take_row(fact)
        if fact.table == "setting":
            self._show_setting(fact)
        elif fact.table == "message":
            self._show_message(fact)
        elif fact.table == "conversation":
            self._show_conversation(fact)
        elif fact.table == WAITING.name:
            for tab in self._hub.tabs.showing((fact.row or fact.before).get("conversation", 0)):
                tab.refresh("waiting")
        elif fact.table == "import":
            self._hub.tabs.refresh("files")
        else:
            self._show_row(fact)
            self._hub.row_counts.take(fact)
        if fact.table == "job":
            self._hub.jobs.take(fact)
        if fact.table == "profile":
            self._show_profile(fact)
        self._show_in_own_views(fact)

    def _show_setting(self, fact: StoreChanged) -> None:
        self._hub.change_settings({str(fact.id): fact.row.get("value")})
        if fact.id == "app" and fact.actor == "model":
            self._open_in_all_tabs(self._hub.shared.app)
        if fact.id == SHOWN and (fact.actor == "model" or fact.client):
            self._show_view(fact.row.get("value"), who_opened(fact))

    def _open_in_all_tabs(self, app: str) -> None:
        """Open an app in all tabs: the assistant was asked to open it, and does not know in which tab."""
        for tab in self._hub.tabs:
            if tab.app != app:
                tab.window = window_of(self._hub.apps, app, "")
                tab.refresh("app")
                tab.push(Frame(f"?\n{OPENED.format(app=self._hub.apps.title(app))}"))

    def _show_view(self, asked: object, who: str) -> None:
        """Show rows as the assistant or a program was asked to show them, in all tabs."""
        hub = self._hub
        app, query = (asked.get("app"), asked.get("query")) if isinstance(asked, dict) else (None, None)
        if type(app) is not str or type(query) is not str or app not in hub.apps:
            return
        for tab in hub.tabs:
            wanted = window_of(hub.apps, app, query)
            if place_of(tab.window) != place_of(wanted):
                tab.window = wanted
                tab.refresh("app")
                tab.push(Frame(f"?\n{OPENED_VIEW.format(who=who, app=hub.apps.title(app))}"))

    def _show_conversation(self, fact: StoreChanged) -> None:
        """Show the list of conversations again. Tabs that show one that is deleted show a new one."""
        self._hub.tabs.refresh("talks")
        if fact.verb in ("delete", "erase"):
            for tab in self._hub.tabs.showing(int(fact.id)):
                tab.show_chat(ChatWindow())
        if changes_branches(fact):
            row = fact.row or fact.before
            for tab in self._hub.tabs:
                if {fact.id, row.get("parent")} & {segment.conversation for segment in tab.chat.chain}:
                    tab.refresh("chat")

    def _show_profile(self, fact: StoreChanged) -> None:
        self._hub.tabs.refresh("bar")
        if fact.verb in ("delete", "erase"):
            self._hub.spawn(self._replace_profile(fact), f"leave profile {fact.id}")

    async def _replace_profile(self, fact: StoreChanged) -> None:
        sentence = await replace_profile(self._hub.reader, fact.before, fact.revision)
        self._hub.tabs.push(Frame(f"?\n{sentence}"))

    def _show_message(self, fact: StoreChanged) -> None:
        hub, row = self._hub, fact.row or fact.before
        if is_remark(row):
            hub.remarks.take(fact)
            return
        streaming = bool(fact.row) and row["state"] == "streaming"
        self._take_turn(fact)
        hub.seen.heard(fact)
        if fact.verb == "erase":
            hub.streams.drop(int(fact.id))
        elif not streaming:
            hub.streams.end(row)
        if streaming:
            hub.streams.show(row, begins=fact.verb == "insert")
        draw = cache(partial(draw_message, fact, hub.registry.tables, hub.turns))
        ends = fact.verb == "update" and row["role"] == "assistant" and row["purpose"] != "note" and not streaming
        ending = cache(partial(end_message, row, hub.registry.tables)) if ends else None
        for tab in hub.tabs.that_may_show(row.get("conversation", 0)):
            if changes_order(fact, tab):
                tab.refresh("chat")
            else:
                drawn = partial(_draw_if_shown, tab, row, draw)
                tab.push(Frame(drawn, "chat", fact.revision, row["id"], ending=ending))
        self._tell_of_proposal(fact)
        self._show_progress()

    def _tell_of_proposal(self, fact: StoreChanged) -> None:
        """Tell the tabs that show another conversation of what a program wants to do."""
        row = fact.row
        if fact.verb != "insert" or not fact.client or row["state"] != "proposed":
            return
        sentence = WAITS.format(question=row["text"].split("\n")[0])
        for tab in self._hub.tabs:
            if not tab.chat.shows(row):
                tab.push(Frame(f"?\n{sentence}"))

    def _take_turn(self, fact: StoreChanged) -> None:
        if fact.verb in ("delete", "erase"):
            self._hub.turns.drop(int(fact.id))
        else:
            self._hub.turns.take(fact.row)

    def _show_progress(self) -> None:
        """Show how far the answers in view are, where that has changed."""
        shown: dict[int, Progress] = {}
        for conversation in self._hub.tabs.conversations:
            now = self._hub.turns.streaming(conversation)
            for message, progress in now.items():
                if self._shown_progress.get(message) != progress:
                    self._push_in(conversation, Frame(draw_progress(message, progress), "chat"))
            shown |= now
        self._shown_progress = shown

    def _push_in(self, conversation: int, frame: Frame) -> None:
        for tab in self._hub.tabs.showing(conversation):
            tab.push(frame)

    def _show_row(self, fact: StoreChanged) -> None:
        hub = self._hub
        table = hub.registry.tables.get(fact.table)
        if table is None:  # of an app that this process left out
            return
        where = scope(table, hub.shared.settings)
        for tab in hub.tabs:
            if hub.apps.table_in(tab.window) is table:
                draw = None if tab.window.own else partial(_draw_row_in, tab, fact, table, where)
                tab.push(Frame(draw, "app", fact.revision))
            elif leads_to(hub.apps.table_in(tab.window), fact.table):  # it shows titles of such rows
                tab.push(Frame(None, "app", fact.revision))
            elif tab.window.look.row and leads_to(table, getattr(hub.apps.table_in(tab.window), "name", "")):
                tab.push(Frame(None, "app", fact.revision))  # the page of a row shows what links to it

    def _show_in_own_views(self, fact: StoreChanged) -> None:
        """Draw the views again that read more than their own table."""
        for tab in self._hub.tabs:
            app = self._hub.apps[tab.app]
            if app.has("read") and app.call("concerned", bool, False, fact=fact):
                tab.push(Frame(None, "app", fact.revision))

    # --- answers ---

    def _heard_start(self, heard: Envelope) -> None:
        started: LlmStarted = heard.message
        self._progressed(started.generation, Progress("waiting" if started.loaded else "loading", started.model))

    def _heard_progress(self, heard: Envelope) -> None:
        now: LlmProgressed = heard.message
        tokens = now.prompt_tokens, now.known_tokens, now.read_tokens
        self._progressed(now.generation, Progress(now.state, "", *tokens))

    def _progressed(self, generation: str, progress: Progress) -> None:
        if self._hub.turns.progressed(generation, progress):
            self._show_progress()


def leads_to(table: Table | None, name: str) -> bool:
    """Return whether rows of a table link to rows of another one."""
    return table is not None and any(one.to == name for one in table.links)


def changes_order(fact: StoreChanged, tab: Tab) -> bool:
    """Return whether the chat must be drawn again: a message comes back, or what is told of versions has changed."""
    row, is_gone = fact.row or fact.before, fact.verb in ("delete", "erase")
    is_card_elsewhere = row.get("role") == "action" and not tab.chat.shows(row)
    return bool((fact.verb == "insert" and fact.undoes) or (tab.chat.related and (is_gone or is_card_elsewhere)))


def changes_branches(fact: StoreChanged) -> bool:
    """Return whether a change of a conversation changes where it branches, or whether there is a version."""
    if fact.verb != "update":
        return bool((fact.row or fact.before).get("version"))
    return any(fact.row.get(name) != fact.before.get(name) for name in ("parent", "before", "version"))


def _draw_if_shown(tab: Tab, row: Row, draw: Callable[[Person], str]) -> str:
    """Draw a message, unless the tab shows another conversation by then, or only newer messages."""
    return draw(tab.reader) if tab.chat.shows(row) else ""


def _draw_row_in(tab: Tab, fact: StoreChanged, table: Table, where: Row) -> str | None:
    """Draw a row in the window that the tab has when the frame is queued."""
    return None if tab.window.own else draw_row(fact, table, tab.window, where, tab.context)


def who_opened(fact: StoreChanged) -> str:
    """Return who opened a view: a program by its name, else the assistant."""
    return f"The program “{fact.client}”" if fact.client else "The assistant"

"""What the tab shows: another app, more rows, other messages of the conversation."""

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl

from apps.shown.look import Look
from apps.tables import Table
from apps.types.reader import Reader as Person
from bus.errors import Refused
from web.commands import conversations
from web.commands.command import BadCommand, Command
from web.commands.rows import context_of
from web.html.chat.chat import articles, beside_button
from web.html.parts.fragments import append, begin, replace
from web.html.rows.rows import row_item, row_range
from web.live.branches.reading import Talk, read_talk
from web.live.cursors import EVERY_MESSAGE
from web.live.hub import Hub
from web.live.outbox import Frame
from web.live.pages import GONE
from web.live.queries import TRIES, Rows, read_marks, scope
from web.live.tab import ChatWindow, Tab
from web.state.filters import TALK, talk_of, where_of, written
from web.state.page_view import MESSAGES_SHOWN, MOST_MESSAGES, PANELS, conversation_in, list_id
from web.state.rows.context import RowContext
from web.state.views.opening import place_of, window_of
from web.state.window import MOST_ROWS, ROWS_SHOWN, AppWindow, Key, order_of

LONGEST_FILTER = 100
"""Characters of the name and of the value of a filter that are told to the assistant."""
MOST_FILTERS = 10
"""Filters that are told to the assistant."""


# --- apps ---


async def opened(command: Command) -> None:
    """Open an app in this tab, or change the filters of its rows; and the conversation that the address names."""
    await show_talk(command)
    app, hub, tab = command.text("app"), command.hub, command.tab
    if app not in hub.apps:
        raise Refused("not_found", f"There is no app {app!r:.60}. There are: {', '.join(hub.apps.problems)}.")
    wanted = window_of(hub.apps, app, str(command.values.get("query", "")))
    if place_of(tab.window) != place_of(wanted):
        other, looked = tab.app != app, tab.window.look != wanted.look
        wanted.edited = () if other else tab.window.edited
        tab.window = wanted
        tab.refresh("app")
        if not other:
            if looked:
                tell_look(command, wanted.look)
            else:
                command.acted("filtered", filters=told_filters(wanted))
            return
    if hub.shared.settings.get("app") != app:
        await command.set("app", app)
    command.acted("opened")


async def show_talk(command: Command) -> None:
    """Show the conversation that the address names, if it names one and the tab shows another."""
    hub, tab, talk = command.hub, command.tab, talk_of(str(command.values.get(TALK, "")))
    if talk is None or talk == tab.chat.conversation:
        return
    if talk and not (await hub.reader.count("conversation", {"id": talk})).total:
        tab.show_chat(ChatWindow(conversation_in(hub.shared.settings), problem=GONE.format(conversation=talk)))
    else:
        await conversations.show(command, ChatWindow(talk))


def tell_look(command: Command, look: Look) -> None:
    """Tell the assistant how the user looks at the rows: the kind of view, or the row whose page it is."""
    if look.row:
        command.acted("viewed", row=look.row)
    else:
        command.acted("viewed", view=look.view.kind)


def told_filters(window: AppWindow) -> dict[str, str]:
    """Return the filters of a window as they stand in the address, for the assistant; bounded."""
    query = window.query or written(window.filters)
    return {name[:LONGEST_FILTER]: value[:LONGEST_FILTER] for name, value in parse_qsl(query)[:MOST_FILTERS]}


# --- rows ---


async def more(command: Command) -> None:
    """Append the rows after those in the page."""
    hub, tab = command.hub, command.tab
    window, table = tab.window, hub.apps.table_in(tab.window)
    if hub.apps[tab.app].has("read"):
        window.limit = min(window.limit + ROWS_SHOWN, MOST_ROWS)
        tab.refresh("app")
    if table is None or not window.shown.more:
        return
    if not window.look.is_list:
        window.limit = min(window.shown.count + ROWS_SHOWN, MOST_ROWS)
        tab.refresh("app")
        return
    version, following = window.version, window.shown.offset + window.shown.count
    window.limit = window.shown.count + ROWS_SHOWN
    where = {**scope(table, hub.shared.settings), **where_of(table, window.filters, tab.context.now)}
    read = await hub.reader.read(table.name, ROWS_SHOWN, where, order_of(table), following)
    by_model = await read_marks(hub.bus, table.name, [row["id"] for row in read.rows])
    context = await context_of(command, table, read.rows)

    def draw() -> str | None:
        overtaken = read.revision > hub.shared.revision or read.revision < hub.reader.newest.get(table.name, 0)
        if overtaken or tab.window is not window or window.version != version or window.own:
            return None
        return draw_more(table, window, read, by_model, context)

    tab.push(Frame(draw, "app"))


def draw_more(table: Table, window: AppWindow, read: Rows, by_model: frozenset[Key], context: RowContext) -> str:
    """Draw rows, to be appended to the list in the page."""
    if read.rows:
        window.extend(table, read.rows)
    items = (row_item(table, row, by_model=row["id"] in by_model, context=context) for row in read.rows)
    return append(list_id(table.name), *items) + replace(row_range(table, window.shown))


async def page(command: Command) -> None:
    """Show the rows from another offset on."""
    tab = command.tab
    tab.window = moved_window(tab.window, max(0, command.number("offset")))
    tab.refresh("list")


def moved_window(window: AppWindow, offset: int) -> AppWindow:
    """Return a window with the same filters, from another offset on."""
    return AppWindow(
        window.app,
        window.filters,
        offset,
        edited=window.edited,
        profile=window.profile,
        query=window.query,
        look=window.look,
        own=window.own,
    )


# --- menus and dialogs ---


async def panel(command: Command) -> None:
    """Fill a menu or dialog of this tab, which stands empty in the page until it is opened."""
    name, tab = command.text("name"), command.tab
    if name not in PANELS:
        raise BadCommand(f"There is no menu {name!r:.60}. Reload the page.")
    tab.panels.add(name)
    tab.refresh(PANELS[name])


# --- messages ---


async def older(command: Command) -> None:
    """Show the messages before those in the page."""
    chat = command.tab.chat
    if before := chat.oldest:
        read = await read_beside(command.hub, chat, to=before - 1)
        show = partial(draw_older, command.hub, chat, before, read, command.tab.reader)
        push_if_shown(command.tab, chat, show)


async def newer(command: Command) -> None:
    """Show the messages after those in the page."""
    chat = command.tab.chat
    if after := chat.newest:
        read = await read_beside(command.hub, chat, begin=after + 1)
        show = partial(draw_newer, command.hub, chat, after, read, command.tab.reader)
        push_if_shown(command.tab, chat, show)


async def newest(command: Command) -> None:
    """Show the end of the conversation."""
    command.tab.chat = ChatWindow(command.tab.chat.conversation)
    command.tab.refresh("chat")


async def trim(command: Command) -> None:
    """Send no more changes of messages that the page takes out, because it has too many.

    `first`, `last`: ids of the first and last message that stay; 0: none leaves on that side.
    """
    chat, first, last = command.tab.chat, command.number("first"), command.number("last")
    if chat.conversation != command.number("conversation"):
        return
    chat.limit = min(max(command.number("messages"), MESSAGES_SHOWN), MOST_MESSAGES)
    chat.oldest = max(chat.oldest, first)
    chat.newest = min(chat.newest or last, last) if last else chat.newest
    shown = (beside_button("older", shown=chat.oldest > 0), beside_button("newer", shown=chat.newest > 0))
    push_if_shown(command.tab, chat, lambda: "".join(map(replace, shown)))


async def read_beside(hub: Hub, chat: ChatWindow, *, to: int = 0, begin: int = 0) -> Talk:
    """Read the messages up to an id, or from one on; at least as new as every fact heard."""
    for _ in range(TRIES):
        read = await read_talk(hub.reader.read, chat.conversation, MESSAGES_SHOWN, to=to, begin=begin)
        if read.revision >= hub.reader.newest.get("message", 0):
            break
    return read


def push_if_shown(tab: Tab, chat: ChatWindow, draw: Callable[[], str]) -> None:
    """Send what changes the messages of the page, unless it shows another part of a conversation by then."""
    tab.push(Frame(lambda: draw() if tab.chat is chat else "", "chat", redraws=EVERY_MESSAGE))


def draw_older(hub: Hub, chat: ChatWindow, before: int, read: Talk, person: Person) -> str:
    """Draw older messages above those in the page; nothing if they are there already."""
    if chat.oldest != before:
        return ""
    chat.oldest = read.rows[0]["id"] if read.more else 0
    return draw_articles(hub, read, begin, person) + replace(beside_button("older", shown=chat.oldest > 0))


def draw_newer(hub: Hub, chat: ChatWindow, after: int, read: Talk, person: Person) -> str:
    """Draw newer messages below those in the page; nothing if they are there already.

    If messages changed while they were read, only the button is drawn again: facts could be missing, or come twice.
    """
    if chat.newest != after:
        return ""
    if not hub.reader.newest.get("message", 0) <= read.revision <= hub.shared.revision:
        return replace(beside_button("newer", shown=True))
    chat.newest = read.rows[-1]["id"] if read.more else 0
    return draw_articles(hub, read, append, person) + replace(beside_button("newer", shown=chat.newest > 0))


def draw_articles(hub: Hub, read: Talk, put: Callable[..., str], person: Person) -> str:
    """Draw messages at the start or at the end of the log. A text that is being written is sent apart."""
    drawn = articles(read.rows, hub.registry.tables, read.versions, hub.turns.of, person)
    return put("chat-log", *drawn) if drawn else ""

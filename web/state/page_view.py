"""`PageView`: what one page shows, as plain data. And the ids of its HTML elements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastcore.xml import Safe

from apps.core import DEFAULT_MODE
from apps.tables import Row, Table
from apps.views import Action, AppView, Examples
from bus.messages import LlmListed
from bus.settings import Settings
from web.state.branches.versions import Versions
from web.state.jobs.running import RunningJobs
from web.state.pulls import Pull
from web.state.reminders.shown import Reminder
from web.state.rows.context import RowContext
from web.state.servers import ServerEntry
from web.state.talks.lists import TalkList
from web.state.turns import Progress
from web.state.views.seen import Seen
from web.state.window import Key, Shown

MESSAGES_SHOWN = 50
"""Messages that a page starts with, and that are added when the user scrolls to the first or last one in the page."""
MOST_MESSAGES = 120
"""Messages in one page, at most. When there are more, the script has those far from what is in view taken out."""

MOST_WAITING = 50
"""Questions of a conversation that may wait while an answer comes."""

PANELS = {"profiles": "bar", "imports": "files", "all-settings": "settings"}
"""Menus and dialogs that stand empty in the page until they are opened, and the part of the page that each is in."""

MOST_DONE = 30
"""Entries of the action log."""


@dataclass(frozen=True, slots=True)
class Done:
    """An entry of the action log: a change, or several changes of one order."""

    id: int
    """Revision of the newest change."""
    order: str
    """Id of the order."""
    who: str
    did: str
    """What was done to what: "added the todo"."""
    name: str
    """The title of the row, in quotation marks; its id, if it has none."""
    at: float
    """Unix seconds."""
    count: int = 1
    """How many changes it is."""


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything that one page shows at one moment.

    When only some parts of a page are drawn again, only the fields that these parts need are filled.
    """

    revision: int
    """Revision of the store at which the data was read: all changes up to this number are included."""
    tab: str
    """Id of the browser tab that gets this page, new for each page."""
    app: str
    """Name of the open app."""
    apps: Mapping[str, str]
    """All apps in the order of the menu: name, and what is wrong with it ("" if nothing is)."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """What each app is called for people, by name."""
    declared: frozenset[str] = frozenset()
    """Names of the apps that can be changed in a form."""
    row_counts: Mapping[str, int] = field(default_factory=dict)
    """Number of rows by app, for the apps that are counted already."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """All tables, by name."""
    table: Table | None = None
    """The table that the open app shows; None when the app is broken."""
    app_tables: tuple[Table, ...] = ()
    """The tables that the open app can show."""
    rows: tuple[Row, ...] = ()
    """The rows of `table` that are in the page, in their order. `shown` says which ones these are."""
    shown: Shown = field(default_factory=Shown)
    """The filters, and which part of the list `rows` is."""
    context: RowContext = field(default_factory=RowContext)
    """For whom the page is drawn, and the titles of the rows that `rows` link to."""
    edited: frozenset[Key] = frozenset()
    """Ids of the rows whose form to edit them is in the page."""
    by_model: frozenset[Key] = frozenset()
    """Ids of the rows whose last change was made by the assistant."""
    read: AppView | None = None
    """The data of an app that reads its data itself; None for other apps."""
    query: str = ""
    """The query of the address (after the question mark), for an app that reads its data itself."""
    seen: Seen | None = None
    """What was read for a look other than the list; `shown.look` says which."""
    own: Safe | None = None
    """The HTML that the app itself makes of its rows; None when the page generates it."""
    actions: tuple[Action, ...] = ()
    """Actions of the open app, for the menu of actions."""
    examples: Examples = field(default_factory=Examples)
    """What its empty list, and an empty conversation, offer for a first click."""
    marked: Key = 0
    """Id of the row to scroll to and highlight; 0 for none."""
    conversation: Row | None = None
    """The conversation in view; None for a new one, before its first message."""
    conversations: TalkList = field(default_factory=TalkList)
    """What the list of conversations shows."""
    trunk: Row | None = None
    """The one of the list to which the one in view belongs: another one, if that is a version."""
    messages: tuple[Row, ...] = ()
    """The messages of the conversation that are in the page, oldest first; usually the newest ones."""
    more: bool = False
    """Whether the conversation has messages older than `messages`."""
    waiting: tuple[Row, ...] = ()
    """The questions of the conversation in view that wait while an answer comes, in their order."""
    versions: Mapping[int, tuple[Versions, ...]] = field(default_factory=dict)
    """The versions in view, by the id of the message behind which they are told; 0: at the end."""
    later: bool = False
    """Whether the conversation may have messages newer than `messages`."""
    marked_message: int = 0
    """Id of the message to scroll to and highlight; 0 for none."""
    streaming: Mapping[int, str] = field(default_factory=dict)
    """What is shown of the messages that are being generated, as HTML, by message id."""
    progress: Mapping[int, Progress] = field(default_factory=dict)
    """How far each of them is, by message id."""
    remarks: tuple[Row, ...] = ()
    """The last remarks on the open app, the newest first."""
    reminders: tuple[Reminder, ...] = ()
    """What has become due, the newest first."""
    all_remarks: bool = False
    """Whether the earlier ones are in the page, not only the newest."""
    marked_remark: int = 0
    """Id of the remark to scroll to and highlight; 0 for none."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """All settings in the store, by key."""
    budgets: Mapping[str, int] = field(default_factory=dict)
    """Limits for remarks from the environment, by setting; used where `settings` has none."""
    at_start: Settings | None = None
    """The settings of the processes, as they were read at the start."""
    profiles: tuple[Row, ...] = ()
    """All profiles."""
    imports: tuple[Row, ...] = ()
    """The imports of files, newest first."""
    models: LlmListed | None = None
    """The models that the worker listed; None until it has done so."""
    model_words: str = ""
    """What is searched for in the menu of models."""
    servers: tuple[ServerEntry, ...] = ()
    """The servers of models, as their files and the worker say."""
    server_problems: tuple[str, ...] = ()
    """What is wrong with the files of servers and keys."""
    keys: frozenset[str] = frozenset()
    """Names of the keys that are set."""
    pulls: tuple[Pull, ...] = ()
    """The downloads of models, the oldest first."""
    running: RunningJobs = field(default_factory=RunningJobs)
    """How far the jobs are that run."""
    missing: tuple[str, ...] = ()
    """Names of processes that are not ready; `bus` when no message arrives at all."""
    outdated: bool = False
    """Files of our code were replaced since everything was started."""
    done: tuple[Done, ...] = ()
    """What the user and the assistant did lately, the newest first."""

    panels: frozenset[str] = frozenset()
    """Names of the menus and dialogs, of those in `PANELS`, that were opened: the others are empty."""

    def empty(self, panel: str) -> str | None:
        """Return the value of `data-panel`: the name of a menu or dialog that is empty until it is opened, or None."""
        return None if panel in self.panels else panel

    @property
    def problem(self) -> str:
        """What is wrong with the open app; "" if nothing is."""
        return self.apps.get(self.app, "")

    @property
    def mode(self) -> str:
        """How much the assistant says without being asked: quiet, ambient or chatty."""
        return str(self.settings.get("mode", DEFAULT_MODE))

    @property
    def theme(self) -> str:
        """Light, dark or matrix; "" to follow the operating system."""
        return str(self.settings.get("theme", ""))

    @property
    def profile(self) -> int:
        """Id of the profile in view."""
        return profile_in(self.settings)

    @property
    def model(self) -> str:
        """Name of the model that answers; "" while it is not known."""
        return self.models.playing(str(self.settings.get("model", ""))) if self.models else ""


def model_named(listed: LlmListed | None, name: str) -> Row | None:
    """Return a model of the list; None if there is none of that name."""
    return next((model for model in (listed.models if listed else ()) if model["name"] == name), None)


def profile_in(settings: Mapping[str, Any]) -> int:
    """Return the id of the profile in view."""
    chosen = settings.get("profile")
    return chosen if type(chosen) is int else 1


def conversation_in(settings: Mapping[str, Any]) -> int:
    """Return the id of the conversation that was opened last, in any tab; 0 for a new one.

    What a tab shows is `ChatWindow.conversation`.
    """
    chosen = settings.get("conversation")
    return chosen if type(chosen) is int else 0


# --- ids in the page ---

OLDER_ID = "chat-older"
"""Id of the button before the oldest message in the page; hidden while there are no older ones."""
NEWER_ID = "chat-newer"
"""Id of the button after the last message in the page; hidden while the page goes to the end of the conversation."""


def message_id(message: int) -> str:
    """Return the id of a message's article."""
    return f"message-{message}"


def list_id(table: str) -> str:
    """Return the id of the list of a table's rows."""
    return f"{table}-list"


def row_id(table: str, row: int | str) -> str:
    """Return the id of the list item of a row."""
    return f"{table}-row-{row}"

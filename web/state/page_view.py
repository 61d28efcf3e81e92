"""What one page shows, as plain data; and the ids that its elements have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastcore.xml import Safe

from apps.core import DEFAULT_MODE
from apps.tables import Row, Table
from apps.views import Action, AppView
from bus.messages import LlmListed
from web.state.window import Key, Shown

MESSAGES_SHOWN = 50
MOST_MESSAGES = 1_000
"""Of a conversation in one page."""
CONVERSATIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PageView:
    """All that a page shows, at one moment."""

    revision: int
    """Of the store: facts up to this one are contained."""
    tab: str
    """A new name for the browser tab that gets the page; who drew it knows by it what it shows."""
    app: str
    apps: Mapping[str, str]
    """What is wrong with each app, by its name, in the order of the menu; "" for a sound one."""
    row_counts: Mapping[str, int] = field(default_factory=dict)
    """How many rows each app has, as far as they were counted."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """All there are, by name."""
    table: Table | None = None
    """The one that the app shows; None when it is broken."""
    rows: tuple[Row, ...] = ()
    """Of the table, in their order, those that `shown` tells of."""
    shown: Shown = field(default_factory=Shown)
    by_model: frozenset[Key] = frozenset()
    """Ids of the rows that the assistant changed last."""
    read: AppView | None = None
    """What the app has read for itself, when it does so."""
    query: str = ""
    """What the address says behind the question mark, for such an app."""
    own: Safe | None = None
    """What the app itself makes of its rows; None for the generated view."""
    actions: tuple[Action, ...] = ()
    """Of the open app."""
    marked: Key = 0
    """Id of the row that is to be pointed out; 0 for none."""
    conversation: Row | None = None
    conversations: tuple[Row, ...] = ()
    """Newest first."""
    messages: tuple[Row, ...] = ()
    """The newest of the conversation, oldest first."""
    more: bool = False
    """The conversation has older messages."""
    marked_message: int = 0
    streaming: Mapping[int, str] = field(default_factory=dict)
    """Text so far, by the id of the message, of those that are being generated."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)
    """What the environment allows of remarks, where no setting says otherwise."""
    profiles: tuple[Row, ...] = ()
    imports: tuple[Row, ...] = ()
    """The newest first."""
    models: LlmListed | None = None
    """None until the worker has said which there are."""
    missing: tuple[str, ...] = ()
    """Processes that are not ready; `bus` when nothing at all is heard."""

    @property
    def problem(self) -> str:
        """What is wrong with the open app; "" for nothing."""
        return self.apps.get(self.app, "")

    @property
    def mode(self) -> str:
        """How much the assistant says by itself."""
        return str(self.settings.get("mode", DEFAULT_MODE))

    @property
    def theme(self) -> str:
        """Light, dark or matrix; "" for what the system prefers."""
        return str(self.settings.get("theme", ""))

    @property
    def profile(self) -> int:
        """Id of the profile in view."""
        return profile_in(self.settings)

    @property
    def model(self) -> str:
        """Name of the model that plays; "" while nobody knows."""
        return self.models.playing(str(self.settings.get("model", ""))) if self.models else ""


def profile_in(settings: Mapping[str, Any]) -> int:
    """Return the id of the profile in view."""
    chosen = settings.get("profile")
    return chosen if type(chosen) is int else 1


def conversation_in(settings: Mapping[str, Any]) -> int:
    """Return the id of the conversation in view; 0 before the first one."""
    chosen = settings.get("conversation")
    return chosen if type(chosen) is int else 0


# --- ids in the page ---

OLDER_ID = "chat-older"
"""Of what stands before the oldest message in the page, while there are older ones."""


def message_id(message: int) -> str:
    """Return the id of the article of a message."""
    return f"message-{message}"


def list_id(table: str) -> str:
    """Return the id of the list of a table's rows."""
    return f"{table}-list"


def row_id(table: str, row: int | str) -> str:
    """Return the id of the list item of a row."""
    return f"{table}-row-{row}"

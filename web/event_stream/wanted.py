"""What one reader hears: the topics that it asks for, as far as it may read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bus.clients.keys import ClientKey
from bus.messages import StoreChanged
from web.event_stream.events import KINDS


class Rights(Protocol):
    """What a request may hear. `client`: the key with which it came, None with the token or from our own page."""

    @property
    def client(self) -> ClientKey | None:
        """Return the key."""

    def may_read(self, table: str) -> bool:
        """Return whether rows of a table may be read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Topics by their beginnings; none given: all. A key for some tables opens only the facts of these tables."""

    prefixes: tuple[str, ...]
    rights: Rights

    def hears(self, kind: str, key: str) -> bool:
        """Return whether a message is told."""
        return self._may_hear(kind, key) and (not self.prefixes or f"{kind}/{key}".startswith(self.prefixes))

    def hears_some(self, kind: str) -> bool:
        """Return whether any message of a kind could be told."""
        return (kind == StoreChanged.kind or not self._limited) and (
            not self.prefixes or any(matches(prefix, kind) for prefix in self.prefixes)
        )

    @property
    def _limited(self) -> bool:
        client = self.rights.client
        return bool(client and client.tables)

    def _may_hear(self, kind: str, key: str) -> bool:
        return self.rights.may_read(key) if kind == StoreChanged.kind else not self._limited


def matches(prefix: str, kind: str) -> bool:
    """Return whether topics of a kind can begin with a prefix."""
    return f"{kind}/".startswith(prefix) or prefix.startswith(f"{kind}/")


def unknown_prefix(prefixes: Sequence[str]) -> str | None:
    """Return the first prefix with which no topic begins that becomes an event; None if there is none."""
    return next((one for one in prefixes if not any(matches(one, kind.kind) for kind in KINDS)), None)

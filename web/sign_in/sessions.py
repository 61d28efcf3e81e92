"""The browsers that are signed in. Each has a session of its own, which ends 30 days after its last use.

The secret of a session is only in the browser's cookie. The file holds a hash of it, keyed with the web token: a new
token ends all sessions.
"""

import contextlib
import hmac
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from bus.errors import PianolaError
from bus.token import TICKET_SECONDS

LIFETIME_SECONDS = 30 * 86400
"""After so long without use a session ends."""
RENEW_SECONDS = 86400
"""The browser gets its cookie again, with the full life time, when it got it so long ago."""
SAVE_SECONDS = 3600
"""The time of the last use is written to the file at most so often."""
MOST_SESSIONS = 64
"""For each kind of host name. One more ends the one that was not used for the longest time. So scripts, which come to
127.0.0.1, never sign out the browsers, which come to the page's own name."""
ALL = "all"
REVOKED = 4001
"""Closes the WebSockets of a session that was ended. The page says so, and does not reconnect by itself."""


class NotSaved(PianolaError):
    """The file of the sessions could not be written."""

    def __init__(self, path: Path, problem: OSError) -> None:
        super().__init__(
            f"{path} cannot be written ({problem.strerror}): the sessions are ended until the web process restarts, "
            "and would be valid again then. Make room, and revoke them again."
        )


@dataclass(slots=True)
class Session:
    """A browser that is signed in. Times in Unix seconds. `own_name`: it came to the page's own host name."""

    id: str
    digest: str = field(repr=False)
    browser: str
    own_name: bool
    began: float
    used: float
    renewed: float


class Sessions:
    """All sessions and used tickets, in memory and in their file."""

    def __init__(
        self, path: Path, token: str, log: Callable[[str], None], clock: Callable[[], float] = time.time
    ) -> None:
        """`log`: gets a sentence when the file cannot be read or written. `clock`: returns Unix seconds."""
        self._path, self._token, self._log, self._clock = path, token, log, clock
        self._sessions: dict[str, Session] = {}
        """By the hash of the secret."""
        self._tickets: dict[str, float] = {}
        """Hashes of the tickets that were used, with the time of it."""
        self._saved = 0.0
        self._closers: dict[str, list[Callable[[int], None]]] = {}
        """By the id of the session: closes its WebSockets."""
        self._load()

    # --- signing in ---

    def begin(self, browser: str, *, own_name: bool) -> str:
        """Begin a session; return its secret, for the cookie."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        digest = self._digest(secret)
        self._sessions[digest] = Session(secrets.token_hex(4), digest, browser, own_name, now, now, now)
        self._drop_expired()
        self._drop_unused(own_name=own_name)
        self._try_to_save()
        return secret

    def was_used(self, ticket: str) -> bool:
        """Return whether a ticket has opened the page already."""
        return self._digest(ticket) in self._tickets

    def use_up(self, ticket: str) -> None:
        """Note that a ticket opens the page now: each does so once, also when web restarts."""
        now = self._clock()
        self._tickets = {one: at for one, at in self._tickets.items() if now - at <= 3 * TICKET_SECONDS}
        self._tickets[self._digest(ticket)] = now
        self._try_to_save()

    # --- using ---

    def find(self, secret: str, *, own_name: bool) -> Session | None:
        """Return the session of a secret, if it is valid at this kind of host name."""
        session = self._sessions.get(self._digest(secret))
        return session if session and session.own_name == own_name and not self._is_expired(session) else None

    def use(self, session: Session) -> None:
        """Note that a session is used now."""
        session.used = self._clock()
        if session.used - self._saved > SAVE_SECONDS:
            self._try_to_save()

    def renew(self, session: Session) -> bool:
        """Return whether the browser should get its cookie again."""
        if self._clock() - session.renewed < RENEW_SECONDS:
            return False
        session.renewed = self._clock()
        self._try_to_save()
        return True

    @contextlib.contextmanager
    def connected(self, session: Session, close: Callable[[int], None]) -> Iterator[None]:
        """Have `close` called with a code when the session is revoked in the meantime: it has a WebSocket open."""
        closers = self._closers.setdefault(session.id, [])
        closers.append(close)
        try:
            yield
        finally:
            self.use(session)
            closers.remove(close)
            if not closers:
                self._closers.pop(session.id, None)

    # --- looking and ending ---

    def as_json(self) -> list[dict[str, Any]]:
        """Return what `pianola sessions` shows of each session, the one used last first."""
        self._drop_expired()
        found = sorted(self._sessions.values(), key=lambda one: -one.used)
        return [
            {"id": one.id, "browser": one.browser, "own_name": one.own_name, "began": one.began, "used": one.used}
            for one in found
        ]

    def revoke(self, which: str) -> int:
        """End a session, or all, and close its WebSockets. Return how many were ended; raises `NotSaved`."""
        ended = [one for one in self._sessions.values() if which in (one.id, ALL)]
        for session in ended:
            self._end(session)
        if ended:
            try:
                self._save()
            except OSError as error:
                raise NotSaved(self._path, error) from error
        return len(ended)

    def _end(self, session: Session) -> None:
        del self._sessions[session.digest]
        for close in list(self._closers.get(session.id, ())):
            close(REVOKED)

    def _is_expired(self, session: Session) -> bool:
        return session.id not in self._closers and self._clock() - session.used > LIFETIME_SECONDS

    def _drop_expired(self) -> None:
        self._sessions = {key: one for key, one in self._sessions.items() if not self._is_expired(one)}

    def _drop_unused(self, *, own_name: bool) -> None:
        if Counter(one.own_name for one in self._sessions.values())[own_name] > MOST_SESSIONS:
            self._end(
                min((one for one in self._sessions.values() if one.own_name == own_name), key=lambda one: one.used)
            )

    def _digest(self, secret: str) -> str:
        return hmac.digest(self._token.encode(), f"kept {secret}".encode(errors="replace"), "sha256").hex()

    # --- the file ---

    def _load(self) -> None:
        if not self._path.exists():
            return
        try:
            kept = json.loads(self._path.read_bytes())
            known = {one.name for one in fields(Session)}
            sessions = [Session(**{name: one[name] for name in known}) for one in kept["sessions"]]
            self._sessions = {one.digest: one for one in sessions}
            self._tickets = {str(ticket): float(at) for ticket, at in kept["tickets"].items()}
            self._drop_expired()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            self._sessions, self._tickets = {}, {}
            self._log(f"{self._path} cannot be read ({problem!r:.200}): every browser has to sign in again.")

    def _try_to_save(self) -> None:
        try:
            self._save()
        except OSError as error:
            self._log(f"{self._path} cannot be written ({error.strerror}): its changes are lost when web restarts.")

    def _save(self) -> None:
        """Write another file, then put it in the place of the old one: it is never seen half."""
        self._saved = self._clock()
        kept = {"sessions": [asdict(one) for one in self._sessions.values()], "tickets": self._tickets}
        draft = self._path.with_name(f"{self._path.name}.new")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(kept, file)
        draft.replace(self._path)

"""Shows in the tabs how far jobs are, and tells every tab that one has ended.

While a job runs, `job.progressed` changes its bar and its line of words. What state it is in only the facts of the
table `job` say. Progress is heard ten times a second for each job: it costs next to nothing where no tab shows it.
"""

import asyncio
from functools import partial

from apps.core import JOB_ACTIVE
from apps.registry import Registry
from apps.tables import Row
from bus.bus import Bus
from bus.messages import JobAnswered, JobProgressed, StoreChanged
from bus.wire import Envelope
from web.html.jobs.card import card_id, draw_progress
from web.html.jobs.ending import draw_ending
from web.html.parts.fragments import delete, replace
from web.live.app_view import draw_card
from web.live.outbox import Frame
from web.live.shared import Shared
from web.live.tab import Tab, Tabs
from web.state.page_view import profile_in

FLUSH_SECONDS = 0.09
"""Progress that comes so soon after the last one that was sent waits, and goes together with what follows, ten times a
second: a person sees no more. The first one is sent at once. Shorter than the pause of a job, which is 0.1 s."""
PROGRESS = "progress"
"""The key of its frames: of those that wait in a tab's queue only the newest one is sent."""


class JobDisplay:
    """Keeps what was heard in `Shared`, and draws what has changed."""

    def __init__(self, tabs: Tabs, shared: Shared, registry: Registry) -> None:
        """Hears nothing before `listen`."""
        self._tabs = tabs
        self._shared = shared
        self._registry = registry
        self._planned = False
        """Progress is still to be sent."""
        self._sent_at = 0.0
        """When progress was sent last, in the loop's time."""

    def listen(self, bus: Bus) -> None:
        """Hear what changes it."""
        bus.hear(JobProgressed, self._heard_progress)
        bus.hear(JobAnswered, lambda _heard: None)  # subscribes: a command waits for it as an answer

    # --- progress ---

    def _heard_progress(self, heard: Envelope) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        job = self._shared.running.take(heard.message, now)
        if job is None or not any(job in tab.window.jobs for tab in self._tabs):
            return
        if now - self._sent_at >= FLUSH_SECONDS:
            self._send()
        elif not self._planned:
            self._planned = True
            loop.call_at(self._sent_at + FLUSH_SECONDS, self._send)

    def _send(self) -> None:
        self._planned = False
        self._sent_at = asyncio.get_running_loop().time()
        for tab in self._tabs:
            if tab.window.jobs:
                tab.push(Frame(partial(self._draw_progress, tab), "app", key=PROGRESS))

    def _draw_progress(self, tab: Tab) -> str:
        """Draw how far the jobs are that run and that the tab shows now."""
        known = {job: self._shared.running.known(job) for job in sorted(tab.window.jobs)}
        return draw_progress({job: latest for job, latest in known.items() if latest})

    # --- facts ---

    def take(self, fact: StoreChanged) -> None:
        """Draw a job whose row has changed, where it is shown; tell every tab that one has ended."""
        job = int(fact.id)
        if not fact.row or fact.row["state"] != "running":
            self._shared.running.drop(job)
        for tab in self._tabs:
            if job in tab.window.jobs:
                tab.push(Frame(partial(self._draw, job, fact.row, tab), "app", fact.revision))
        if self._has_ended(fact):
            self._tabs.push(Frame(draw_ending(fact.row)))

    def _draw(self, job: int, row: Row, tab: Tab) -> str:
        if job not in tab.window.jobs:  # it shows another page meanwhile
            return ""
        return replace(draw_card(row, self._shared.running, self._registry)) if row else delete(card_id(job))

    def _has_ended(self, fact: StoreChanged) -> bool:
        """Return whether a job of the profile in view is over. Who cancels one in the page sees it there."""
        row = fact.row
        if fact.verb != "update" or fact.before.get("state") not in JOB_ACTIVE:
            return False
        over = row["state"] in ("done", "failed") or (row["state"] == "cancelled" and fact.actor != "user")
        return over and row["profile"] == profile_in(self._shared.settings)

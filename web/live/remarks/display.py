"""Shows in the tabs the remarks on their apps: a new one, one that ends, one whose row is deleted, or comes back."""

from apps.core import REMINDER
from apps.talk.remarks import is_remark
from bus.messages import StoreChanged
from web.live.streams import Streams
from web.live.tab import Tabs

PART = "remarks"


class RemarkDisplay:
    """Has the strip of remarks drawn again in the tabs that a fact concerns. `live/events.py` calls it."""

    def __init__(self, tabs: Tabs, streams: Streams) -> None:
        """`streams`: has the texts that are being generated."""
        self._tabs = tabs
        self._streams = streams

    def take(self, fact: StoreChanged) -> None:
        """Take a change of a remark."""
        row = fact.row or fact.before
        if fact.row and row["state"] == "streaming":
            self._streams.show(row, begins=fact.verb == "insert")
        else:
            self._streams.end(row)
        for tab in self._tabs:
            if tab.app == row["app"]:
                tab.refresh(PART)

    def take_row(self, fact: StoreChanged) -> None:
        """Take a change of any row: a remark is shown only while the rows that it is about are there.

        A reminder is shown only while its row is due.
        """
        for tab in self._tabs:
            if fact.table == REMINDER.name or (fact.table, fact.id) in tab.strip.due:
                tab.refresh(PART)
        was_remark = fact.table == "message" and is_remark(fact.before)
        if fact.verb in ("update", "sort") and not was_remark:
            return
        is_gone = fact.verb in ("delete", "erase")
        for tab in self._tabs:
            if tab.strip.concerns(fact.table, fact.id) or (is_gone and tab.is_drawing(PART)):
                tab.refresh(PART)

"""The action log as HTML: a menu beside the title of the conversation, with what was done lately."""

from fastcore.xml import FT

from apps.types.unix_time import SECONDS, date_and_time, iso_time
from web.html.parts.elements import A, Details, Div, Li, Ol, P, Span, Summary, Time
from web.state.filters import address
from web.state.page_view import Done, PageView

JOURNAL = "journal"
"""Name of the app that shows the whole history, if it is installed."""
TITLE = "What was done lately"


def action_log(view: PageView) -> FT:
    """Return the menu. Closed, it is an icon."""
    return Details(
        Summary(Span(TITLE, cls="hidden"), title=TITLE, cls="icon icon-done"),
        Div(
            done_list(view),
            A("All, with Undo, in the journal", href=address(JOURNAL, {}), cls="choice more", data_open=JOURNAL)
            if JOURNAL in view.apps
            else None,
            cls="panel",
        ),
        id="done-menu",
        cls="menu",
    )


def done_list(view: PageView) -> FT:
    """Return the entries, the newest first."""
    return Div(
        P("Nothing yet.", cls="note") if not view.done else None,
        Ol(*(_entry(one) for one in view.done), aria_label=f"{TITLE}, the newest first"),
        id="done-list",
    )


def _entry(one: Done) -> FT:
    moment = date_and_time(one.at, SECONDS)
    when = Time(moment.rpartition(" ")[2], datetime=iso_time(one.at), title=moment)
    if one.count > 1:
        return Li(P(Span(one.who, cls="who"), f" made {one.count:,} changes in one step."), when)
    name = Span(one.name, cls="name", dir="auto")
    return Li(P(Span(one.who, cls="who"), f" {one.did} ", name, "."), when)

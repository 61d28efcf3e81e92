"""The remarks on the open app as HTML: a strip below its list with the newest one, and a menu with the earlier ones.

It is no live region: a remark is worth a look, and no interruption. CSS lays it over the end of the pane, so that
nothing in the page moves when one comes.
"""

from collections.abc import Iterator
from dataclasses import replace

from fastcore.xml import FT, Safe

from apps.tables import Row
from web.html.chat.markdown import render
from web.html.macros.offer import macro_offer, offers_macro
from web.html.parts.about import clock
from web.html.parts.elements import (
    Button,
    Details,
    Div,
    Li,
    Ol,
    P,
    Section,
    Span,
    Summary,
    commands,
    icon_button,
)
from web.html.parts.menus import app_title
from web.html.reminders.strip import reminder_list
from web.state.page_view import PageView, message_id

REMARK = "Remark"


def remark_strip(view: PageView) -> FT:
    """Return the strip. It is empty, and hidden by CSS, while there is no remark and nothing has become due."""
    offer = next(filter(offers_macro, view.remarks), None)
    view = replace(view, remarks=tuple(row for row in view.remarks if not offers_macro(row)))
    newest = view.remarks[0] if view.remarks else None
    return Section(
        *((macro_offer(offer),) if offer else ()),
        *((reminder_list(view.reminders, view.context),) if view.reminders else ()),
        *((_newest(newest, view), _menu(newest, view)) if newest else ()),
        id="remarks",
        aria_label="Remarks",
    )


def _newest(row: Row, view: PageView) -> FT:
    return Div(
        _text(row, view),
        answer_button(row, "remark-answer"),
        icon_button(
            "close", "Dismiss the remark", id="remark-dismiss", **commands("remark-dismiss", message=row["id"])
        ),
        id=message_id(row["id"]),
        cls="remark message",
        data_state=row["state"],
        role="group",
        aria_label=REMARK,
        data_marked=True if row["id"] == view.marked_remark else None,
    )


def _text(row: Row, view: PageView) -> FT:
    text = view.streaming.get(row["id"]) if row["state"] == "streaming" else None
    shown = Safe(render(row["text"]) if text is None else text)
    return Div(shown, cls="text", dir="auto", title=row["text"] or None)


def answer_button(row: Row, key: str) -> FT:
    """Return the button that answers a remark: the next message takes it into the talk. `key`: its id in the page."""
    return icon_button(
        "answer", "Answer", id=key, data_remark=str(row["id"]), hidden=row["state"] == "streaming" or None
    )


def _menu(newest: Row, view: PageView) -> FT:
    return Details(
        Summary(
            Span("More about remarks", cls="hidden"),
            title="Earlier remarks, and no more of them",
            cls="icon icon-more",
            data_stays=True,
            **commands("remarks"),
        ),
        Div(
            *_about_newest(newest),
            Div(
                P("No more remarks", id="silence-title", cls="label-line"),
                _silence(f"about {app_title(view.app, view)}", "app", app=view.app),
                _silence("today", "today"),
                _silence("for good", "good"),
                role="group",
                aria_labelledby="silence-title",
            ),
            *_earlier(view),
            cls="panel",
        ),
        id="remarks-menu",
        cls="menu",
        open=any(row["id"] == view.marked_remark for row in view.remarks[1:]) or None,
    )


def _about_newest(row: Row) -> Iterator[FT]:
    if row["state"] == "streaming":
        return
    yield _choice("Why did it say this?", f"why-message-{row['id']}", "why", table="message", id=row["id"])
    yield _choice("Erase it for good …", f"erase-message-{row['id']}", "erase-ask", table="message", id=row["id"])


def _silence(label: str, scope: str, **values: str) -> FT:
    return _choice(label.capitalize(), f"silence-{scope}", "silence", scope=scope, **values)


def _choice(label: str, key: str, do: str, **values: object) -> FT:
    return Button(label, type="button", id=key, cls="choice", **commands(do, **values))


def _earlier(view: PageView) -> Iterator[FT]:
    if not view.all_remarks:
        return
    yield P("Earlier", cls="label-line")
    yield Ol(*(_earlier_one(row, view) for row in view.remarks[1:]), aria_label="Earlier remarks")


def _earlier_one(row: Row, view: PageView) -> FT:
    key = row["id"]
    return Li(
        Div(Safe(render(row["text"])), cls="text", dir="auto"),
        clock(row),
        answer_button(row, f"remark-answer-{key}"),
        icon_button("why", "Why did it say this?", id=f"why-message-{key}", **commands("why", table="message", id=key)),
        id=message_id(key),
        data_marked=True if key == view.marked_remark else None,
    )

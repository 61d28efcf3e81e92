"""Conversations and lists on paper, in pieces: black on white, without controls, with the addresses of links."""

from html import escape

from fastcore.xml import FT, Safe

from apps.tables import Field, Row, Table
from apps.types.unix_time import date_and_time
from bus.servers.titles import called
from web.html.chat.conversations import conversation_title
from web.html.chat.markdown import render
from web.html.chat.progress import REHEARSAL
from web.html.parts.elements import Article, Div, Header, P, Span, Td, Th, Thead, Tr
from web.html.parts.fragments import html
from web.html.rows.values import in_cell
from web.state.fields import beside_fields, field_title, noun, plural
from web.state.filters import options, tags_in_use
from web.state.rows.context import RowContext

MINUTES = "%Y-%m-%d %H:%M"
TICKED, NOT_TICKED = "☑", "☐"


def head(title: str) -> str:
    """Return the beginning of a page; the script in it opens the browser's dialog for printing."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)} · Pianola</title>"
        '<link rel="stylesheet" href="/static/print.css"><script src="/static/print.js" type="module"></script>'
        f'</head><body><main><h1 dir="auto">{escape(title)}</h1>'
    )


END = "</main></body></html>"


# --- a conversation ---


def talk_head(row: Row) -> str:
    """Return the beginning of the page of a conversation."""
    return head(conversation_title(row))


def message(row: Row) -> str:
    """Return a message; "" for one that says nothing."""
    text = without_instructions(row).strip()
    if not text and not row["problem"]:
        return ""
    written = row["role"] == "assistant"
    body = Div(Safe(render(text)) if written else text, cls="text" if written else "text plain", dir="auto")
    when = Span(date_and_time(row["created"] or 0, MINUTES), cls="when")
    problem = P(row["problem"], cls="problem") if row["problem"] else None
    about = Header(Span(author(row), cls="who"), " ", when)
    return html(Article(about, body if text else None, problem, data_role=row["role"], data_purpose=row["purpose"]))


def author(row: Row) -> str:
    """Return who says a message."""
    if row["role"] == "user":
        return "You"
    if row["role"] == "action":
        return "Done by the assistant" if row["state"] == "applied" else "The assistant"
    model = "Rehearsal player" if row["model"] == REHEARSAL else called(row["model"])
    return {"note": "Summary", "comment": "Remark"}.get(row["purpose"]) or model or "Assistant"


def without_instructions(row: Row) -> str:
    """Return the text of a message without the instructions in it, since cards say what they did."""
    text, at, kept = str(row["text"]), 0, ""
    for start, end in (row["detail"] or {}).get("spans") or ():
        kept, at = kept + text[at:start], end
    return kept + text[at:]


# --- a list ---


def list_head(title: str, table: Table, filters: Row) -> str:
    """Return the beginning of the page of a list. `title`: of its app."""
    known = [*(one for group in options(table) for one in group), *tags_in_use(table, {}, filters)]
    chosen = [one.label for one in known if filters.get(one.field) == one.value]
    columns = Thead(Tr(*(Th(field_title(one)) for one in columns_of(table))))
    return f"{head(' · '.join([title, *chosen]))}<table>{html(columns)}<tbody>"


def list_row(table: Table, row: Row, context: RowContext) -> str:
    """Return a row of a list. `context`: for whom it is printed, and what its links are called."""
    return html(Tr(*(_cell(one, row[one.name], context) for one in columns_of(table))))


def list_end(table: Table, count: int) -> str:
    """Return the end of the page of a list. `count`: how many rows it has."""
    words = f"No {plural(table)}." if not count else f"{count:,} {plural(table) if count > 1 else noun(table)}."
    return f"</tbody></table>{html(P(words, cls='count'))}{END}"


def columns_of(table: Table) -> list[Field]:
    """Return the fields of a list: boxes, the title, and the others."""
    return [*(one for one in table.fields if one.kind.is_switch), table.title_field, *beside_fields(table)]


def _cell(one: Field, value: object, context: RowContext) -> FT:
    words = in_cell(one, value, context)
    if one.kind.is_switch:
        return Td(TICKED if value else NOT_TICKED, cls="box", aria_label=words)
    return Td(words, dir="auto")

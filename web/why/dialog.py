"""The answer to "Why?" as HTML: the chain of causes; then, word for word, what the model was told and wrote."""

import json

from fastcore.xml import FT

from bus.servers.titles import called
from web.html.parts.dialogs import dialog
from web.html.parts.elements import H3, Button, Details, Div, Li, Ol, P, Pre, Section, Span, Summary, commands
from web.why.reasons import Link, Reasons, Told

NAME = "why"

PATHS = {
    "tools": "It could call tools.",
    "text": "It was to write its instructions as text.",
    "format": "Its answer had to follow a form, because the one before could not be read.",
}
KINDS = {
    "layer": "System",
    "tools": "Tools that it may call",
    "format": "The form of its answer",
    "user": "You",
    "assistant": "It said",
    "tool": "Result of a tool",
    "system": "System",
}


def why_dialog(reasons: Reasons) -> FT:
    """Return the dialog that shows the reasons."""
    return dialog(
        NAME,
        "Why?",
        Div(
            _chain(reasons.chain),
            *(_what_it_read(reasons) if reasons.answer else ()),
            cls="help-text",
            tabindex="0",
            role="region",
            aria_label="Reasons",
        ),
    )


def _chain(links: tuple[Link, ...]) -> FT:
    return Section(
        H3("From here back to where it began"),
        Ol(*(_link(place, link) for place, link in enumerate(links)), cls="reasons"),
    )


def _link(place: int, link: Link) -> FT:
    show = commands("reveal", table="message", id=link.message)
    return Li(
        P(f"because {_inside(link.sentence)}" if place else link.sentence),
        P(" ← ".join(link.ids), cls="ids") if link.ids else None,
        Button("Show it in the chat", type="button", id=f"reason-{place}", **show) if link.message else None,
    )


def _inside(sentence: str) -> str:
    """Return a sentence without its capital letter, as it continues another one; names keep theirs."""
    first, *_ = sentence.partition(" ")
    return f"{sentence[0].lower()}{sentence[1:]}" if first in ("You", "A", "An", "The", "No") else sentence


# --- what the model was told, and what it wrote ---


def _what_it_read(reasons: Reasons) -> tuple[FT | None, ...]:
    told = reasons.told
    if told is None:
        kept = P("It is not kept (any more): what a model was told is forgotten after 30 days.", cls="note")
        return H3("What the model was told"), kept, *_what_it_wrote(reasons)
    return (
        H3("What the model was told"),
        P(
            f"{called(told.model) or 'The model'} read this, word for word, in this order. {PATHS.get(told.path, '')}",
            cls="note",
        ),
        *_parts(told),
        *_what_it_wrote(reasons),
    )


def _parts(told: Told) -> list[FT]:
    return [_part(f"told-{place}", *_head(kind, name), text) for place, (kind, name, text) in enumerate(told.parts)]


def _head(kind: str, name: str) -> tuple[str, str]:
    if kind == "layer":
        return KINDS[kind], name
    return KINDS.get(name if kind == "turn" else kind, name), ""


def _part(name: str, kind: str, title: str, text: str) -> FT:
    return Details(
        Summary(
            Span(f"{kind}: {title}" if title else kind, cls="part-name"),
            Span(f"{len(text):,} characters", cls="size"),
        ),
        Pre(text, tabindex="0", aria_label=title or kind),
        id=name,
        cls="told",
    )


def _what_it_wrote(reasons: Reasons) -> tuple[FT | None, ...]:
    answer = reasons.answer or {}
    calls = (answer["detail"] or {}).get("calls")
    written = json.dumps(calls, ensure_ascii=False, indent=1) if calls else ""
    return (
        H3("What it wrote"),
        _part("wrote", "Its answer", "word for word", answer["text"]) if answer["text"] else None,
        _part("called", "Its calls of tools", "", written) if written else None,
    )

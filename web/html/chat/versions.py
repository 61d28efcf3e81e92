"""The versions of a message as HTML: “2 of 3”, the way to the others, and what the assistant did in them."""

from collections.abc import Mapping

from fastcore.xml import FT

from web.html.parts.elements import A, Div, P, Span, command_button
from web.state.branches.versions import Versions
from web.state.filters import TALK

VersionsByMessage = Mapping[int, tuple[Versions, ...]]
"""By the id of the message behind which they are told; 0: at the end of the talk."""


def versions_lines(message: int, versions: VersionsByMessage) -> list[FT]:
    """Return what stands behind a message that has several versions. `message`: its id, 0 for the end of the talk."""
    return [_line(one) for one in versions.get(message, ())]


def _line(versions: Versions) -> FT:
    name = f"versions-{versions.conversations[0]}-{versions.before}"
    return Div(
        _ways(versions, name),
        _deeds(versions) if versions.left else None,
        id=name,
        cls="versions",
    )


def _ways(versions: Versions, name: str) -> FT:
    place, conversations = versions.place, versions.conversations
    return Div(
        _way(f"{name}-older", "‹", "The version before", conversations[place - 1] if place else 0),
        Span(f"{place + 1} of {len(conversations)}", cls="count"),
        _way(f"{name}-newer", "›", "The next version", (*conversations, 0)[place + 1]),
        role="group",
        aria_label="Versions of this message",
        cls="version-ways",
    )


def _way(name: str, sign: str, label: str, conversation: int) -> FT:
    """Return the link to another version. `conversation`: 0 for none."""
    if not conversation:
        return Span(sign, aria_hidden="true", cls="way")
    way = {"href": f"?{TALK}={conversation}", "data_talk": conversation}
    return A(sign, id=name, aria_label=label, title=label, cls="way", **way)


def _deeds(versions: Versions) -> FT:
    where = "the other version" if len(versions.others) == 1 else "the other versions"
    undo = command_button(
        "Undo these",
        "undo-versions",
        conversation=versions.conversations[versions.place],
        parent=versions.conversations[0],
        before=versions.before,
    )
    return P(f"In {where} the assistant did: ", Span(" ".join(versions.left), dir="auto"), " ", undo, cls="note")

"""Where the instructions stand in a reply, so that the page can show their cards in their place. Pure."""

from services.agent.parse.scanner import Found, Passage, find_instructions, passages, without_reasoning

Span = list[int]
"""Start and end, in characters of the text."""


def spans_of(text: str) -> list[Span]:
    """Return the parts of a text that are instructions, in order; a fence with nothing else in it is one part."""
    found = find_instructions(text)
    fences = [one for one in passages(without_reasoning(text)) if one.fenced] if found else []
    spans: list[Span] = []
    for start, end in [
        *(_fence_span(text, fence, found) for fence in fences),
        *((one.start, one.end) for one in found),
    ]:
        if start < end and not any(one[0] <= start and end <= one[1] for one in spans):
            spans.append([start, end])
    return sorted(spans)


def _fence_span(text: str, fence: Passage, found: list[Found]) -> tuple[int, int]:
    """Return start and end of the whole fence if it contains only instructions; else 0, 0."""
    inside = [one for one in found if fence.start <= one.start and one.end <= fence.end]
    rest, at = "", fence.start
    for one in inside:
        rest, at = rest + text[at : one.start], max(at, one.end)
    if not inside or (rest + text[at : fence.end]).strip(" \t\r\n,[]"):
        return 0, 0
    closed = text.find("\n", fence.end)
    return text.rfind("\n", 0, fence.start - 1) + 1, len(text) if closed < 0 else closed + 1


def without_instructions(text: str) -> str:
    """Return the words of a reply, without its instructions."""
    kept, at = "", 0
    for start, end in spans_of(text):
        kept, at = kept + text[at:start], end
    return (kept + text[at:]).strip()

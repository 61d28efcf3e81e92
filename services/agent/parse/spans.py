"""Where the instructions stand in a reply, so that the page can show their entries instead of them. Pure."""

from services.agent.parse.scanner import Found, find_instructions, passages, without_reasoning

Span = list[int]
"""Start and end, in characters of the text."""


def spans_of(text: str) -> list[Span]:
    """Return the parts of a text that are instructions, each with the fence in which it stands alone."""
    found = find_instructions(text)
    fences = [one for one in passages(without_reasoning(text)) if one.fenced] if found else []
    spans: list[Span] = []
    for start, end in [*(_fence(text, fence.start, fence.end, found) for fence in fences), *_bare(found)]:
        if start < end and not any(one[0] <= start and end <= one[1] for one in spans):
            spans.append([start, end])
    return sorted(spans)


def _bare(found: list[Found]) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in found]


def _fence(text: str, start: int, end: int, found: list[Found]) -> tuple[int, int]:
    """Return the whole fence when nothing else stands in it; else nothing."""
    inside = [one for one in found if start <= one.start and one.end <= end]
    rest, at = "", start
    for one in inside:
        rest, at = rest + text[at : one.start], max(at, one.end)
    if not inside or (rest + text[at:end]).strip(" \t\r\n,[]"):
        return 0, 0
    closed = text.find("\n", end)
    return text.rfind("\n", 0, start - 1) + 1, len(text) if closed < 0 else closed + 1

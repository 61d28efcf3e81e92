"""How an order is dressed: politeness, a story before or behind it, capital letters. It changes nothing."""

from training.orders.speaker import Speaker

POLITE_BEFORE_SHARE, POLITE_BEHIND_SHARE, CAPITAL_SHARE = 0.15, 0.2, 0.4
STORY_BEFORE_SHARE, STORY_BEHIND_SHARE = 0.12, 0.2
ENDS = "?!.…"


def dressed(says: str, speaker: Speaker, *, stories: bool = True) -> str:
    """Return an order as somebody would type it. `stories`: with remarks around it."""
    story = ""
    if stories and speaker.happens(STORY_BEFORE_SHARE):
        story = speaker.phrase("story_before")
    elif speaker.happens(POLITE_BEFORE_SHARE):
        story = speaker.phrase("polite_before")
    told = f"{story}{says}"
    if stories and speaker.happens(STORY_BEHIND_SHARE):
        told = _behind(told, speaker.phrase("story_behind"))
    elif says[-1] not in ENDS and speaker.happens(POLITE_BEHIND_SHARE):
        told += speaker.phrase("polite_behind")
    return f"{told[0].upper()}{told[1:]}" if speaker.happens(CAPITAL_SHARE) else told


def _behind(says: str, story: str) -> str:
    """Return an order with a story behind it; behind a question or a full stop it is a sentence of its own."""
    if says[-1] not in ENDS:
        return says + story
    begun = story.lstrip(".,; ")
    return f"{says} {begun}"

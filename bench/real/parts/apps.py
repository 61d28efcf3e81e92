"""Part: apps by saying so, each in a home of its own."""

from typing import Any

from bench.real.orders import LANGUAGES
from bench.real.own.play import Outcome, play
from bench.real.own.wishes import Wish, read_wishes
from bench.real.session import BadOption, Session

REPLIES = "apps.jsonl"


def measure_apps(session: Session) -> dict[str, Any]:
    """Play the wishes and changes that the options choose; write every reply as a line of JSON."""
    wishes = chosen(read_wishes(), session.options.only, session.options.limit)
    outcomes = session.play_each(wishes, play, REPLIES, line_of)
    found = {kind: figures([one for one in outcomes if one.wish.kind == kind]) for kind in ("wish", "change")}
    for kind, one in found.items():
        print(f"{kind}: {one['right']} of {one['all']} right, {one['first_try']} at the first try")
    return found


def figures(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return how many were right, and how long the answers took."""
    seconds = sorted(one.reply.seconds for one in outcomes)
    return {
        "all": len(outcomes),
        "right": sum(one.is_right for one in outcomes),
        "first_try": sum(one.is_first_try for one in outcomes),
        "median_seconds": round(seconds[len(seconds) // 2], 1) if seconds else 0.0,
        "wrong": {one.wish.id: one.problem or one.made for one in outcomes if not one.is_right},
    }


def line_of(outcome: Outcome) -> str:
    """Return what is printed after each wish."""
    mark = " " if outcome.is_right else "!"
    return f"{mark} {outcome.reply.seconds:6.1f} s  {outcome.wish.id:18} {outcome.problem or outcome.made}"


def chosen(wishes: list[Wish], only: tuple[str, ...], limit: int) -> list[Wish]:
    """Return the wishes of these kinds, languages or ids; at most `limit` (0: all), spread evenly."""
    for word in only:
        if not any(word in (one.id, one.language, one.kind) for one in wishes):
            raise BadOption(
                f"ONLY is {word!r:.40}. Expected an id, wish, change, or a language: {', '.join(LANGUAGES)}."
            )
    found = [one for one in wishes if not only or any(word in (one.id, one.language, one.kind) for word in only)]
    if not limit or limit >= len(found):
        return found
    return [found[number * len(found) // limit] for number in range(limit)]

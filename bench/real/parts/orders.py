"""Part (a): all orders, each in a home of its own."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.real.judge import GOOD
from bench.real.orders import LANGUAGES, SETS, Order, read_orders
from bench.real.play import Outcome, play
from bench.real.report import figures, report
from bench.real.session import BadOption, Session

REPLIES = "replies.jsonl"


def measure_orders(session: Session) -> dict[str, Any]:
    """Play the orders that the options choose; write every reply as a line of JSON."""
    orders = chosen(read_orders(SETS[session.options.set]), session.options.only, session.options.limit)
    outcomes = session.play_each(orders, play, REPLIES, line_of)
    print(report(outcomes, session.options.worst))
    return figures(outcomes) | {"by": breakdown(outcomes)}


def line_of(outcome: Outcome) -> str:
    """Return what is printed after each order."""
    mark = " " if outcome.verdict in GOOD else "!"
    return f"{mark} {outcome.verdict:9}{outcome.seconds:6.1f} s  {outcome.order.id}"


def chosen(orders: Sequence[Order], only: Sequence[str], limit: int) -> list[Order]:
    """Return the orders of these kinds, languages, apps or ids; at most `limit` (0: all), spread evenly."""
    for word in only:
        if not any(matches(order, word) for order in orders):
            kinds = ", ".join(sorted({order.kind for order in orders}))
            known = f"an id, an app, a language ({', '.join(LANGUAGES)}), or a kind: {kinds}"
            raise BadOption(f"ONLY is {word!r:.40}. Expected {known}.")
    found = [order for order in orders if not only or any(matches(order, word) for word in only)]
    if not limit or limit >= len(found):
        return found
    return [found[number * len(found) // limit] for number in range(limit)]


def matches(order: Order, word: str) -> bool:
    """Return whether a word of the option ONLY means this order."""
    return word in (order.id, order.app, order.language, order.kind)


def breakdown(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Counter[str]]]:
    """Return the verdicts counted by kind, by language and by app."""
    found: dict[str, dict[str, Counter[str]]] = {"kind": {}, "language": {}, "app": {}}
    for one in outcomes:
        for name, value in (("kind", one.order.kind), ("language", one.order.language), ("app", one.order.app)):
            found[name].setdefault(value, Counter())[one.verdict] += 1
    return found

"""The figures of a run as tables for people, and as a map for programs."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench.figures import percentile
from bench.real.judge import GOOD, VERDICTS, Verdict
from bench.real.play import Outcome

WORST_FIRST: tuple[Verdict, ...] = ("wrong", "offered", "said", "missed", "needless")
WORST = 10


def report(outcomes: Sequence[Outcome], worst: int = WORST) -> str:
    """Return all tables and the worst orders as text."""
    parts = [
        summary(outcomes),
        table("kind", outcomes, lambda one: one.order.kind),
        table("language", outcomes, lambda one: one.order.language),
        table("app", outcomes, lambda one: one.order.app),
        table("to do", outcomes, lambda one: "something" if one.order.wants_something else "nothing"),
        "\n".join(["The worst:", *(describe(one) for one in worst_of(outcomes)[:worst])]),
    ]
    return "\n\n".join(parts)


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the figures as a map."""
    counts = Counter(one.verdict for one in outcomes)
    questions = [one for one in outcomes if one.order.answer]
    return {
        "orders": len(outcomes),
        "verdicts": {name: counts[name] for name in VERDICTS},
        "right_share": share(sum(counts[name] for name in GOOD), len(outcomes)),
        "wrong_share": share(counts["wrong"], len(outcomes)),
        "needless_share": share(counts["needless"], len(outcomes)),
        "questions": len(questions),
        "questions_answered": sum(one.is_answered for one in questions),
        "embellished": sum(one.is_embellished for one in outcomes if one.verdict in GOOD),
        "stopped": sum(one.reply.stopped for one in outcomes),
        "failed": sum(bool(one.reply.problem) for one in outcomes),
        "seconds": spread([one.reply.seconds for one in outcomes]),
        "first_word_seconds": spread([one.reply.first_word_seconds for one in outcomes]),
        "read_tokens": spread([sum(chat.read_tokens for chat in one.chats) for one in outcomes]),
        "written_tokens": spread([sum(int(c.timings.get("predicted_n", 0)) for c in one.chats) for one in outcomes]),
    }


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return the main figures in a few lines."""
    found = figures(outcomes)
    verdicts = ", ".join(f"{name} {count}" for name, count in found["verdicts"].items() if count)
    return "\n".join(
        [
            f"{found['orders']} orders: {verdicts}",
            f"right {found['right_share']} %, wrong and done {found['wrong_share']} %, "
            f"proposed without need {found['needless_share']} %",
            f"questions about rows answered: {found['questions_answered']} of {found['questions']}; "
            f"answers that failed or were stopped: {found['failed']}; right, but with a note that nobody asked for: "
            f"{found['embellished']}",
            f"seconds an order: {found['seconds']}; to the first word: {found['first_word_seconds']}",
            f"tokens processed: {found['read_tokens']}; written: {found['written_tokens']}",
        ]
    )


def spread(samples: Sequence[float]) -> str:
    """Return median, p90 and the largest sample as a text."""
    if not samples:
        return "none"
    return f"median {statistics.median(samples):.1f}, p90 {percentile(samples, 0.9):.1f}, most {max(samples):.1f}"


def share(count: int, of: int) -> float:
    """Return a share in per cent, with one decimal."""
    return round(100 * count / of, 1) if of else 0.0


def table(name: str, outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> str:
    """Return a table: one line for each value of `key`, one column for each verdict."""
    counts: dict[str, Counter[Verdict]] = {}
    for one in outcomes:
        counts.setdefault(key(one), Counter())[one.verdict] += 1
    head = f"{name:14}{'orders':>8}{'right %':>9}" + "".join(f"{verdict:>10}" for verdict in VERDICTS)
    lines = [_line(value, counts[value]) for value in sorted(counts)]
    return "\n".join([head, *lines])


def _line(value: str, counts: Counter[Verdict]) -> str:
    good = share(sum(counts[name] for name in GOOD), counts.total())
    return f"{value:14}{counts.total():>8}{good:>9}" + "".join(f"{counts[name] or '·':>10}" for name in VERDICTS)


def worst_of(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the orders that went wrong, the worst first."""
    bad = [one for one in outcomes if one.verdict not in GOOD]
    return sorted(bad, key=lambda one: (WORST_FIRST.index(one.verdict), -len(one.done), one.order.id))


def describe(one: Outcome) -> str:
    """Return what was said, what came, and what was done, in four lines."""
    cards = "; ".join(f"[{card['state']}] {card['text']}" for card in one.reply.cards.values())
    return "\n".join(
        [
            f"- {one.verdict}: {one.order.id} ({one.order.kind}, {one.order.language}): {one.order.says}",
            f"    reply: {_short(one.reply.said)}" + (f" ({one.reply.problem})" if one.reply.problem else ""),
            f"    cards: {_short(cards) or 'none'}",
            f"    done:  {_short('; '.join(map(str, one.done))) or 'nothing'}",
        ]
    )


def _short(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"

"""Print how much of the corpus is understood: `python -m bench.piano`. Exit code 1 if anything wrong would be done."""

import sys
from collections import Counter

from bench.piano.corpus import read_corpus
from bench.piano.outcome import outcome_of


def main() -> int:
    """Run all cases; print the share that is right, and each case that is not."""
    played = [(case, outcome_of(case)) for case in read_corpus()]
    for case, outcome in played:
        if outcome.verdict != "right":
            print(f"{outcome.verdict}: {case.file}: {case.name}\n  did {outcome.orders}, said {outcome.corrections}")
    counts = Counter(outcome.verdict for _, outcome in played)
    share = 100 * counts["right"] / len(played)
    print(f"understood {counts['right']} of {len(played)} replies ({share:.1f} %), wrong executions: {counts['wrong']}")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())

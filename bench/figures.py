"""Percentiles of a list of samples."""

from collections.abc import Sequence


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the sample below which the given share of all samples lies."""
    ordered = sorted(samples)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def percentiles(samples: Sequence[float]) -> str:
    """Return p50, p99 and the largest sample as a text."""
    p50, p99 = percentile(samples, 0.5), percentile(samples, 0.99)
    return f"p50 {p50:.2f}  p99 {p99:.2f}  max {max(samples):.2f}  (n={len(samples)})"

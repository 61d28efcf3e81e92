"""Where each page stands in the picture: rings around the start by depth, each page near the page it was found on.

Linear time: 10,000 links need some 20 ms. A force layout would need minutes for the same, and its distances say less
than the depth does.
"""

import math
from collections.abc import Sequence

from apps.links.graph.graph import NOWHERE, Graph

RING = 90.0
"""Pixels between two rings, at least."""
ROOM = 20.0
"""Pixels that a page takes on its ring, at least."""


def positions(graph: Graph, pages: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return x and y for some pages of a graph, the start among them, which is at 0, 0."""
    reached = [page for page in pages if graph.depth[page] != NOWHERE]
    apart = [page for page in pages if graph.depth[page] == NOWHERE]
    children = children_of(graph, reached)
    angles = angles_of(graph, reached, children)
    radii = radii_of([graph.depth[page] for page in reached], len(apart))
    made = {page: point(angles[page], radii[graph.depth[page]]) for page in reached}
    step = 2 * math.pi / max(len(apart), 1)
    return made | {page: point(place * step, radii[NOWHERE]) for place, page in enumerate(apart)}


def point(angle: float, radius: float) -> tuple[float, float]:
    """Return a point on a ring."""
    return round(radius * math.cos(angle), 1), round(radius * math.sin(angle), 1)


def children_of(graph: Graph, pages: Sequence[int]) -> dict[int, list[int]]:
    """Return the pages that were first found on each page; at the start those whose own such page is not drawn."""
    children: dict[int, list[int]] = {page: [] for page in pages}
    for page in pages:
        if page != graph.start:
            children.get(graph.parent[page], children[graph.start]).append(page)
    return children


def angles_of(graph: Graph, pages: Sequence[int], children: dict[int, list[int]]) -> dict[int, float]:
    """Give each page the middle of its part of the circle; a part is as wide as what hangs on the page is large."""
    weights = dict.fromkeys(pages, 1)
    for page in sorted(pages, key=lambda page: -graph.depth[page]):
        weights[page] = max(1, sum(weights[child] for child in children[page]))
    angles, waiting = {}, [(graph.start, 0.0, 2 * math.pi)] if pages else []
    while waiting:
        page, begin, width = waiting.pop()
        angles[page] = begin + width / 2
        total = sum(weights[child] for child in children[page])
        for child in children[page]:
            part = width * weights[child] / total
            waiting.append((child, begin, part))
            begin += part
    return angles


def radii_of(depths: Sequence[int], apart: int) -> dict[int, float]:
    """Return the radius of each ring, large enough for its pages; `NOWHERE`: the ring of the pages that are apart."""
    counts: dict[int, int] = {}
    for depth in depths:
        counts[depth] = counts.get(depth, 0) + 1
    radii, radius = {0: 0.0}, 0.0
    for depth in range(1, max(counts, default=0) + 1):
        radius = max(radius + RING, counts.get(depth, 0) * ROOM / (2 * math.pi))
        radii[depth] = radius
    radii[NOWHERE] = max(radius + RING, apart * ROOM / (2 * math.pi))
    return radii

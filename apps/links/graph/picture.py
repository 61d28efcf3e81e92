"""The picture of a graph as the page draws it: the pages nearest to the start, with their places, and their links.

`graph.json`: `pages`, arrays of `[URL, x, y, depth, status, links in, links out, title]`; `edges`, arrays of
`[from, to, kind]` with places in `pages`; `total_pages` and `total_edges`, which may be more than are drawn. The
counts of links are those of the whole graph.
"""

from typing import Any

from apps.links.graph.graph import NOWHERE, Graph
from apps.links.graph.layout import positions

MOST_PAGES = 3_000
MOST_EDGES = 12_000
"""What a browser draws at once without a pause that people notice."""


def picture(graph: Graph) -> dict[str, Any]:
    """Return what the page draws."""
    pages = drawn_pages(graph)
    places = {page: place for place, page in enumerate(pages)}
    return {
        "pages": [page_of(graph, page, point) for page, point in in_order(pages, positions(graph, pages))],
        "edges": drawn_edges(graph, places),
        "total_pages": len(graph.urls),
        "total_edges": len(graph.source),
    }


def drawn_pages(graph: Graph) -> list[int]:
    """Return the pages that are drawn: near ones first, of those the ones with the most links."""

    def order(page: int) -> tuple[bool, int, int, int]:
        depth = graph.depth[page]
        return depth == NOWHERE, depth, -graph.in_links[page], page

    return sorted(range(len(graph.urls)), key=order)[:MOST_PAGES]


def in_order(pages: list[int], points: dict[int, tuple[float, float]]) -> list[tuple[int, tuple[float, float]]]:
    """Return pages with their points, in the order of `pages`."""
    return [(page, points[page]) for page in pages]


def page_of(graph: Graph, page: int, point: tuple[float, float]) -> list[Any]:
    """Return a page as it stands in the file."""
    figures = (graph.depth[page], graph.status[page], graph.in_links[page], graph.out_links[page])
    return [graph.urls[page], *point, *figures, graph.title.get(page, "")]


def drawn_edges(graph: Graph, places: dict[int, int]) -> list[list[int]]:
    """Return the links between drawn pages: first those on the shortest ways, then others, as many as fit."""
    shortest: list[list[int]] = []
    others: list[list[int]] = []
    for source, target, kind in zip(graph.source, graph.target, graph.kind, strict=True):
        if source in places and target in places:
            made = [places[source], places[target], kind]
            (shortest if graph.parent[target] == source else others).append(made)
    return (shortest + others)[:MOST_EDGES]

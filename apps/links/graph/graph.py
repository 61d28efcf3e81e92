"""A finished link graph in memory: arrays, so that 500,000 links need some 10 MB."""

from array import array
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from apps.links.graph.files import REDIRECT, lines

NOWHERE = -1
"""Depth of a page that no click leads to; the target of a page that redirects to no page of the graph."""
UNASKED = 0


@dataclass(slots=True)
class Graph:
    """Pages by their ids 0, 1, 2 …; links as two arrays of ids."""

    urls: list[str] = field(default_factory=list)
    start: int = NOWHERE
    """Id of the page from which depths are counted."""
    asked: bytearray = field(default_factory=bytearray)
    """1 for each page that was asked for, with an answer or without."""
    status: "array[int]" = field(default_factory=lambda: array("h"))
    """HTTP status; 0: no answer, or not asked for; -1: robots.txt forbids it."""
    problem: dict[int, str] = field(default_factory=dict)
    title: dict[int, str] = field(default_factory=dict)
    leads_to: dict[int, int] = field(default_factory=dict)
    """Pages that redirect, with the page they lead to, or `NOWHERE`."""
    source: "array[int]" = field(default_factory=lambda: array("i"))
    target: "array[int]" = field(default_factory=lambda: array("i"))
    kind: bytearray = field(default_factory=bytearray)
    depth: "array[int]" = field(default_factory=lambda: array("i"))
    """Fewest clicks from the start. A redirect is no click."""
    parent: "array[int]" = field(default_factory=lambda: array("i"))
    """The page before it on such a shortest way."""
    in_links: "array[int]" = field(default_factory=lambda: array("i"))
    out_links: "array[int]" = field(default_factory=lambda: array("i"))

    @property
    def crawled(self) -> bool:
        """Whether pages were asked for: an import knows no status."""
        return any(self.asked)

    def is_broken(self, page: int) -> bool:
        """Return whether a page was asked for and gave none."""
        return bool(self.asked[page]) and (self.status[page] == 0 or self.status[page] >= 400)


def read_graph(folder: Path, start: str) -> Graph:
    """Read a graph from its files. `start`: URL of its first page; "": the page that is likely to be it."""
    graph = Graph([line[0] for line in lines(folder, "urls")])
    count = len(graph.urls)
    graph.asked = bytearray(count)
    graph.status = array("h", bytes(2 * count))
    for key, status, problem, _, _, title, leads_to in lines(folder, "pages"):
        take_page(graph, key, status, problem, title)
        if 300 <= status < 400:
            graph.leads_to[key] = leads_to
    for source, target, kind in lines(folder, "edges"):
        graph.source.append(source)
        graph.target.append(target)
        graph.kind.append(kind)
    graph.start = graph.urls.index(start) if start in graph.urls else likely_start(graph)
    count_links(graph)
    measure_depths(graph)
    return graph


def take_page(graph: Graph, key: int, status: int, problem: str, title: str) -> None:
    """Take what is known of a page beside its links."""
    graph.asked[key], graph.status[key] = status >= 0, status
    if problem:
        graph.problem[key] = problem
    if title:
        graph.title[key] = title


def likely_start(graph: Graph) -> int:
    """Return the page with the shortest path; of several the one with the most links of its own; `NOWHERE`: none."""
    links = array("i", bytes(4 * len(graph.urls)))
    for source in graph.source:
        links[source] += 1
    pages = (page for page in range(len(graph.urls)) if links[page])
    return min(pages, key=lambda page: (graph.urls[page].rstrip("/").count("/"), -links[page]), default=NOWHERE)


def count_links(graph: Graph) -> None:
    """Count the links to and from each page. A redirect is no link."""
    graph.in_links = array("i", bytes(4 * len(graph.urls)))
    graph.out_links = array("i", bytes(4 * len(graph.urls)))
    for source, target, kind in zip(graph.source, graph.target, graph.kind, strict=True):
        if kind != REDIRECT:
            graph.out_links[source] += 1
            graph.in_links[target] += 1


def neighbours(graph: Graph) -> tuple["array[int]", "array[int]"]:
    """Return where the links of each page begin in a list of the numbers of links, and that list."""
    count = len(graph.urls)
    begins = array("i", bytes(4 * (count + 1)))
    for source in graph.source:
        begins[source + 1] += 1
    for page in range(count):
        begins[page + 1] += begins[page]
    free, order = begins[:], array("i", bytes(4 * len(graph.source)))
    for edge, source in enumerate(graph.source):
        order[free[source]] = edge
        free[source] += 1
    return begins, order


def measure_depths(graph: Graph) -> None:
    """Find the fewest clicks to each page, breadth first; redirects, which are no clicks, come before links."""
    count = len(graph.urls)
    graph.depth = array("i", [NOWHERE]) * count
    graph.parent = array("i", [NOWHERE]) * count
    if graph.start == NOWHERE:
        return
    begins, order = neighbours(graph)
    graph.depth[graph.start] = 0
    done, waiting = bytearray(count), deque([graph.start])
    while waiting:
        page = waiting.popleft()
        if done[page]:
            continue
        done[page] = 1
        for edge in order[begins[page] : begins[page + 1]]:
            target, redirect = graph.target[edge], graph.kind[edge] == REDIRECT
            depth = graph.depth[page] + (not redirect)
            if graph.depth[target] == NOWHERE or depth < graph.depth[target]:
                graph.depth[target], graph.parent[target] = depth, page
                (waiting.appendleft if redirect else waiting.append)(target)

"""A graph as files for other programs: links and pages as CSV, and GraphML."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from apps.links.graph.graph import Graph

BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheets do not read a file as UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that a spreadsheet runs as a formula."""
KINDS = ("link", "nofollow", "redirect")
GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="url" for="node" attr.name="url" attr.type="string"/>
<key id="title" for="node" attr.name="title" attr.type="string"/>
<key id="depth" for="node" attr.name="depth" attr.type="int"/>
<key id="status" for="node" attr.name="status" attr.type="int"/>
<key id="kind" for="edge" attr.name="kind" attr.type="string"/>
<graph id="links" edgedefault="directed">
"""


def write_edges(graph: Graph, path: Path) -> None:
    """Write the links as CSV, which can be imported again."""
    rows = zip(graph.source, graph.target, graph.kind, strict=True)
    lines = ([graph.urls[source], graph.urls[target], KINDS[kind]] for source, target, kind in rows)
    write_csv(path, ["source", "target", "kind"], lines)


def write_pages(graph: Graph, path: Path) -> None:
    """Write the pages as CSV."""
    head = ["url", "title", "depth", "status", "problem", "links in", "links out", "redirects to"]
    write_csv(path, head, (page_line(graph, page) for page in range(len(graph.urls))))


def page_line(graph: Graph, page: int) -> list[Any]:
    """Return the cells of a page. What is not known is empty."""
    leads_to = graph.leads_to.get(page, -1)
    return [
        graph.urls[page],
        graph.title.get(page, ""),
        graph.depth[page] if graph.depth[page] >= 0 else "",
        graph.status[page] if graph.status[page] > 0 else "",
        graph.problem.get(page, ""),
        graph.in_links[page],
        graph.out_links[page],
        graph.urls[leads_to] if leads_to >= 0 else "",
    ]


def write_csv(path: Path, head: list[str], lines: Iterator[list[Any]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BYTE_ORDER_MARK)
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
        writer.writerow(head)
        writer.writerows(map(harmless, lines))


def harmless(cells: list[Any]) -> list[Any]:
    """Return cells none of which is a formula: the texts come from strangers."""
    return [f"'{one}" if isinstance(one, str) and one.startswith(FORMULA) else one for one in cells]


def write_graphml(graph: Graph, path: Path) -> None:
    """Write the graph as GraphML."""
    with path.open("w", encoding="utf-8") as file:
        file.write(GRAPHML)
        file.writelines(node(graph, page) for page in range(len(graph.urls)))
        for edge, (source, target) in enumerate(zip(graph.source, graph.target, strict=True)):
            kind = KINDS[graph.kind[edge]]
            file.write(f'<edge source="p{source}" target="p{target}"><data key="kind">{kind}</data></edge>\n')
        file.write("</graph>\n</graphml>\n")


def node(graph: Graph, page: int) -> str:
    """Return a page as GraphML."""
    values = {"url": graph.urls[page], "title": graph.title.get(page, "")}
    values |= {"depth": str(graph.depth[page]), "status": str(graph.status[page])}
    data = "".join(f"<data key={quoteattr(key)}>{escape(printable(text))}</data>" for key, text in values.items())
    return f'<node id="p{page}">{data}</node>\n'


def printable(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(one for one in text if one.isprintable())

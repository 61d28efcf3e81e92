"""What is found in a link graph: orphans, broken links, chains of redirects, far pages, pages by links to them.

An orphan is a page that is known, but that no other page links to: a sitemap names it, or it links to others. The start
is none, nor is what a redirect leads to.
"""

from collections.abc import Iterable
from typing import Any

from apps.links.graph.files import REDIRECT
from apps.links.graph.graph import NOWHERE, Graph

FAR = 3
"""Clicks from the start: deeper pages are a finding."""
MOST_SHOWN = 500
"""Entries of one finding; `total` counts all."""
MOST_LINKING = 5
"""Pages that are named as linking to a broken one."""

Finding = dict[str, Any]


def findings(graph: Graph) -> dict[str, Any]:
    """Return all findings, and the figures of the graph."""
    found = {
        "broken": broken(graph),
        "chains": chains(graph),
        "orphans": orphans(graph),
        "deep": deep(graph),
        "linked": most_linked(graph),
    }
    totals = {name: one["total"] for name, one in found.items()}
    asked = sum(graph.asked)
    figures = totals | {"pages": len(graph.urls), "edges": len(graph.source), "asked": asked}
    figures |= {"redirects": len(graph.leads_to), "forbidden": sum(status < 0 for status in graph.status)}
    figures |= {"deepest": max(graph.depth, default=0), "start": name_of(graph, graph.start)}
    return {"figures": figures, **found}


def name_of(graph: Graph, page: int) -> str:
    """Return the URL of a page, "" for none."""
    return graph.urls[page] if page != NOWHERE else ""


def shown(entries: Iterable[Finding]) -> Finding:
    """Return the first entries, and how many there are."""
    every = list(entries)
    return {"total": len(every), "entries": every[:MOST_SHOWN]}


def broken(graph: Graph) -> Finding:
    """Return the pages that were asked for and are not there, those with the most links to them first."""
    pages = sorted(filter(graph.is_broken, range(len(graph.urls))), key=lambda page: (-graph.in_links[page], page))
    linking: dict[int, list[str]] = {page: [] for page in pages[:MOST_SHOWN]}
    for source, target in zip(graph.source, graph.target, strict=True):
        if target in linking and len(linking[target]) < MOST_LINKING:
            linking[target].append(graph.urls[source])
    return shown(
        {
            "url": graph.urls[page],
            "status": graph.status[page],
            "problem": graph.problem.get(page, ""),
            "in_links": graph.in_links[page],
            "linked_from": linking.get(page, []),
        }
        for page in pages
    )


def chains(graph: Graph) -> Finding:
    """Return redirects that lead to redirects, the longest first; with those that lead in a circle."""
    led_to = {target for source, target in graph.leads_to.items() if target != source}
    begins = [page for page in graph.leads_to if page not in led_to]
    found = [chain_from(graph, page) for page in begins]
    covered = {page for chain in found for page in chain}
    for page in graph.leads_to:  # a circle that nothing leads into begins anywhere
        if page not in covered:
            found.append(chain := chain_from(graph, page))
            covered.update(chain)
    long = [chain for chain in found if len(chain) > 2 or is_circle(graph, chain)]
    return shown(
        {"urls": [graph.urls[page] for page in chain], "circle": is_circle(graph, chain)}
        for chain in sorted(long, key=lambda chain: (-len(chain), chain))
    )


def chain_from(graph: Graph, page: int) -> list[int]:
    """Return the pages of a chain of redirects, each once."""
    chain = [page]
    known = {page}
    while (page := graph.leads_to.get(page, NOWHERE)) != NOWHERE and page not in known:
        chain.append(page)
        known.add(page)
    return chain


def is_circle(graph: Graph, chain: list[int]) -> bool:
    """Return whether a chain leads back into itself."""
    return graph.leads_to.get(chain[-1], NOWHERE) in chain


def orphans(graph: Graph) -> Finding:
    """Return the pages that no other page links to."""
    led_to = {target for target, kind in zip(graph.target, graph.kind, strict=True) if kind == REDIRECT}
    pages = (
        page
        for page in range(len(graph.urls))
        if not graph.in_links[page] and page != graph.start and page not in led_to
    )
    return shown(
        {"url": graph.urls[page], "status": graph.status[page], "out_links": graph.out_links[page]} for page in pages
    )


def deep(graph: Graph) -> Finding:
    """Return the pages more than three clicks from the start, those with the most links to them first."""
    pages = [page for page, depth in enumerate(graph.depth) if depth > FAR]
    pages.sort(key=lambda page: (-graph.in_links[page], graph.depth[page], page))
    return shown(
        {"url": graph.urls[page], "depth": graph.depth[page], "in_links": graph.in_links[page]} for page in pages
    )


def most_linked(graph: Graph) -> Finding:
    """Return the pages that are linked to, those with the most links to them first."""
    pages = [page for page, count in enumerate(graph.in_links) if count]
    pages.sort(key=lambda page: (-graph.in_links[page], page))
    return shown(
        {
            "url": graph.urls[page],
            "in_links": graph.in_links[page],
            "out_links": graph.out_links[page],
            "depth": graph.depth[page],
        }
        for page in pages
    )

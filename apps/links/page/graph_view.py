"""One graph: what was found, the picture, and the exports. `web/static/links.js` draws the picture into it."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastcore.xml import (
    FT,
    H3,
    A,
    Aside,
    Button,
    Details,
    Div,
    Input,
    Label,
    Li,
    Nav,
    Ol,
    Option,
    P,
    Section,
    Select,
    Span,
    Summary,
    Table,
    Tbody,
    Td,
    Th,
    Thead,
    Tr,
    Ul,
)

from apps.links.graph.artefacts import EDGES, GRAPHML, PAGES
from apps.links.page.reading import OneGraph
from apps.tables import Row

ROWS_SHOWN = 100
"""Of one finding; the CSV files have all."""
DEPTHS = ("start", "1 click", "2", "3", "4", "5 and more")
STATUSES = ("found", "redirect", "broken", "not asked")
CYTOSCAPE_STYLE = "__________cytoscape_stylesheet"
"""Cytoscape inserts a style element, which the page's policy forbids, unless an element with this id is there."""

Entry = Mapping[str, Any]


def graph_page(one: OneGraph) -> FT:
    """Return the page of a graph."""
    if one.row is None:
        return Div(back(), P("There is no such link graph (any more).", cls="problem"), cls="links-page")
    if not one.found:
        gone = (
            f"The files of job {one.row['job']} are gone, so that there is nothing to show. Crawl or import it again."
        )
        return Div(back(), P(gone, cls="problem"), cls="links-page")
    note = one.found.get("note", "")
    return Div(
        back(),
        H3(one.row["title"], id="graph-title", dir="auto"),
        figures(one.found["figures"]),
        P(note, id="graph-made", cls="note") if note else None,
        picture(one.row),
        *(finding(name, one.found) for name in FINDINGS),
        exports(one.row),
        cls="links-page",
    )


def back() -> FT:
    """Return the link to the list."""
    return Nav(A("All link graphs", href="/apps/links", data_open="links", id="links-back"), aria_label="Link graphs")


def figures(found: Entry) -> FT:
    """Return the numbers of the graph as a sentence."""
    parts = [
        f"{found['pages']:,} pages",
        f"{found['edges']:,} links",
        f"{found['deepest']:,} clicks to the farthest page",
    ]
    if found["asked"]:
        parts.insert(1, f"{found['asked']:,} of them asked for")
        parts.append(f"{found['redirects']:,} redirects")
    if found["forbidden"]:
        parts.append(f"{found['forbidden']:,} forbidden by robots.txt")
    return P(" · ".join(parts), id="graph-figures")


# --- the picture ---


def picture(row: Row) -> FT:
    """Return the place of the picture, with its tools."""
    return Section(
        Div(
            Label(Span("Find a page"), Input(type="search", id="graph-search", autocomplete="off"), cls="field"),
            Label(
                Span("Colour by"),
                Select(Option("depth", value="depth"), Option("status", value="status"), id="graph-colour"),
                cls="field",
            ),
            Div(
                Button("−", type="button", id="graph-out", aria_label="Zoom out", title="Zoom out (-)"),
                Button("+", type="button", id="graph-in", aria_label="Zoom in", title="Zoom in (+)"),
                Button("Whole", type="button", id="graph-fit", title="Show the whole graph (0)"),
                cls="graph-zoom",
            ),
            cls="graph-tools",
        ),
        Ul(id="graph-matches", aria_label="Pages found", hidden=True),
        legend("depth", DEPTHS),
        legend("status", STATUSES),
        P("Loading the picture …", id="graph-note", cls="note", role="status"),
        Div(
            id="graph-picture",
            data_job=str(row["job"]),
            tabindex="0",
            role="group",
            aria_label="Picture of the links. Arrow keys move it, plus and minus zoom. The tables below say the same.",
        ),
        Span(id=CYTOSCAPE_STYLE, hidden=True),
        Aside(id="graph-chosen", aria_label="The chosen page", aria_live="polite", hidden=True),
        id="graph-section",
        aria_labelledby="graph-title",
    )


def legend(name: str, labels: Iterable[str]) -> FT:
    """Return what the colours mean. The script reads the colours from it."""
    items = (
        Li(Span(cls=f"swatch {name}-{place}", data_swatch=f"{name}-{place}", aria_hidden="true"), label)
        for place, label in enumerate(labels)
    )
    return Ul(
        *items, id=f"graph-legend-{name}", cls="graph-legend", hidden=name != "depth", aria_label=f"Colours: {name}"
    )


# --- findings ---


def link_to(url: str) -> FT:
    """Return a button that chooses a page in the picture."""
    return Button(url, type="button", cls="page-link", data_page=url, dir="ltr")


def status_words(entry: Entry) -> str:
    """Return what became of asking for a page."""
    return f"HTTP {entry['status']}" if entry["status"] > 0 else str(entry.get("problem", "") or "not asked for")


def broken_row(entry: Entry) -> tuple[object, ...]:
    """Return the cells of a broken page."""
    return status_words(entry), f"{entry['in_links']:,}", Ul(*(Li(link_to(url)) for url in entry["linked_from"]))


def chain_row(entry: Entry) -> tuple[object, ...]:
    """Return the cells of a chain of redirects."""
    steps = Ol(*(Li(link_to(url)) for url in entry["urls"][1:]))
    return steps, "leads in a circle" if entry["circle"] else f"{len(entry['urls']) - 1} redirects"


FINDINGS: Mapping[str, tuple[str, str, tuple[str, ...], Any]] = {
    "broken": ("Broken pages", "No page was asked for in vain.", ("Answer", "Links to it", "From"), broken_row),
    "chains": ("Chains of redirects", "No redirect leads to another.", ("Leads to", "Length"), chain_row),
    "orphans": (
        "Orphans: known, but no page links to them",
        "Every page has a link to it.",
        ("Links of its own",),
        lambda entry: (f"{entry['out_links']:,}",),
    ),
    "deep": (
        "More than 3 clicks from the start",
        "No page is that far.",
        ("Clicks", "Links to it"),
        lambda entry: (f"{entry['depth']:,}", f"{entry['in_links']:,}"),
    ),
    "linked": (
        "Pages by links to them",
        "There is no link.",
        ("Links to it", "Links of its own", "Clicks"),
        lambda entry: (
            f"{entry['in_links']:,}",
            f"{entry['out_links']:,}",
            f"{entry['depth']:,}" if entry["depth"] >= 0 else "not reached",
        ),
    ),
}
"""Each finding: its title, what is said when there is none, the columns beside the page, and their cells."""


def page_of(entry: Entry) -> str:
    """Return the page that an entry of a finding is about; of a chain its first."""
    return str(entry.get("url") or entry["urls"][0])


def finding(name: str, found: Mapping[str, Any]) -> FT:
    """Return a finding as a table that can be folded."""
    title, none, columns, cells = FINDINGS[name]
    total, entries = found[name]["total"], found[name]["entries"][:ROWS_SHOWN]
    head = Tr(*(Th(column, scope="col") for column in ("Page", *columns)))
    rows = (
        Tr(Th(link_to(entry.get("url") or entry["urls"][0]), scope="row"), *map(Td, cells(entry))) for entry in entries
    )
    more = f"The first {len(entries):,} of {total:,}. The CSV files have all." if total > len(entries) else ""
    return Details(
        Summary(title, " ", Span(f"{total:,}", cls="count")),
        Div(
            Table(Thead(head), Tbody(*rows), aria_label=title),
            cls="wide-table",
            tabindex="0",
            role="region",
            aria_label=f"{title}, table",
        )
        if entries
        else P(none, cls="note"),
        P(more, cls="note") if more else None,
        id=f"finding-{name}",
        cls="finding",
        open=bool(entries) and name != "linked",
    )


def exports(row: Row) -> FT:
    """Return the links to the files."""
    files = {EDGES: "Links as CSV", PAGES: "Pages as CSV", GRAPHML: "GraphML"}
    links = (A(label, href=f"/jobs/{row['job']}/{name}", download=True) for name, label in files.items())
    return P("Save: ", *(part for link in links for part in (link, " ")), id="graph-exports", cls="note")

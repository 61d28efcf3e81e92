"""The list of graphs, and the forms that make one."""

from fastcore.xml import (
    FT,
    H3,
    A,
    Button,
    Details,
    Div,
    Input,
    Label,
    Li,
    P,
    Section,
    Span,
    Summary,
    Table,
    Tbody,
    Td,
    Th,
    Thead,
    Time,
    Tr,
    Ul,
)

from apps.links.graph.files import MOST_EDGES
from apps.links.page.botify import botify
from apps.links.page.reading import Graphs
from apps.links.store import CRAWL
from apps.tables import Row
from apps.types.unix_time import date_and_time, iso_time
from apps.views import AppView, commands
from apps.work.uploads import LARGEST_BYTES

RULES = (
    "Only pages of the same host are asked for, at the pace that you choose, or slower if the site asks for that.",
    "robots.txt is respected, and so is nofollow: what it forbids is not asked for.",
    "Machines of your own network, and this one, are asked only if you choose “yes” at “allow private addresses”. "
    "This holds for redirects, too.",
    "The crawler says who it is (“pianola”), sends no cookies, and signs in nowhere.",
    "An address with a password in it is refused.",
)
SOURCES = {"crawl": "crawled", "csv": "CSV file", "botify": "Botify"}


def listing(view: AppView, graphs: Graphs) -> FT:
    """Return the page without a graph."""
    return Div(
        view.pieces.run_form(CRAWL),
        Details(Summary("What a crawl does, and what it does not"), Ul(*map(Li, RULES)), id="crawl-rules", cls="note"),
        Div(*(view.pieces.progress(row) for row in graphs.jobs), id="links-jobs", cls="jobs"),
        graph_list(graphs),
        P("No link graph yet. Crawl a site, or import links.", cls="empty") if not graphs.rows else None,
        older(view, graphs),
        unfinished(view, graphs),
        imports(),
        botify(view.pieces, graphs.counts),
        cls="links-page",
    )


def unfinished(view: AppView, graphs: Graphs) -> FT | None:
    """Return the jobs that made no graph, folded below the graphs; open while one of them is the newest job."""
    if not graphs.ended:
        return None
    newest_graph = graphs.rows[0]["job"] if graphs.rows else 0
    more = graphs.ended_total > len(graphs.ended)
    return Details(
        Summary("Without a graph: they failed or were cancelled ", Span(f"{graphs.ended_total:,}", cls="count")),
        Div(*(view.pieces.progress(row) for row in graphs.ended), cls="jobs"),
        P(A("Show all in Jobs", href=f"/apps/jobs?app={view.app}", data_open="jobs"), cls="note") if more else None,
        id="links-ended",
        open=graphs.ended[0]["id"] > newest_graph,
    )


def graph_list(graphs: Graphs) -> FT | None:
    """Return the graphs as a table."""
    if not graphs.rows:
        return None
    head = ("Site", "From", "Pages", "Links", "Broken", "Orphans", "Deep", "Made", "")
    return Div(
        Table(
            Thead(Tr(*(Th(name, scope="col") if name else Td() for name in head))),
            Tbody(*map(graph_row, graphs.rows)),
            id="graph-list",
        ),
        cls="wide-table",
        tabindex="0",
        role="region",
        aria_label="Link graphs",
    )


def graph_row(row: Row) -> FT:
    """Return a graph as a line of the table."""
    figures = (row[name] for name in ("pages", "edges", "broken", "orphans", "deep"))
    delete = commands("delete", table="graph", id=row["id"])
    label = f"Delete {row['title']}"
    return Tr(
        Th(
            A(row["title"], href=f"/apps/links?graph={row['id']}", data_open="links", id=f"graph-{row['id']}-open"),
            scope="row",
            dir="auto",
        ),
        Td(SOURCES[row["source"]]),
        *(Td(f"{number:,}", cls="number") for number in figures),
        Td(Time(date_and_time(row["created"], "%d %b %H:%M"), datetime=iso_time(row["created"]))),
        Td(
            Button(
                type="button",
                cls="icon icon-delete",
                id=f"graph-{row['id']}-delete",
                aria_label=label,
                title=label,
                **delete,
            )
        ),
        id=f"graph-{row['id']}",
    )


def older(view: AppView, graphs: Graphs) -> FT:
    """Return the button that shows older graphs."""
    return Div(
        Button("Show older", type="button", id="graphs-more", **commands("more")),
        cls="range",
        hidden=view.offset + len(graphs.rows) >= graphs.total,
    )


def imports() -> FT:
    """Return the way to import links."""
    return Section(
        H3("Import links", id="links-import-title"),
        P(
            f"A CSV file with the columns source and target (or from and to), also packed with gzip: at most "
            f"{MOST_EDGES:,} different links, and {LARGEST_BYTES // 1024**2} MB. A link export of Botify fits, too.",
            cls="note",
        ),
        Label(
            Span("CSV file"),
            Input(
                type="file",
                id="links-file",
                accept=".csv,.txt,.tsv,.gz,text/csv",
                data_largest=str(LARGEST_BYTES),
                hx_preserve="true",  # a file may be chosen in it while the page is drawn again
            ),
            cls="field",
        ),
        P(id="links-file-problem", cls="problem", role="alert", hidden=True),
        cls="links-imports",
        aria_labelledby="links-import-title",
    )

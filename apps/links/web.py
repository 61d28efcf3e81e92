"""The page of link graphs: crawl or import, the list, and one graph (`?graph=ID`)."""

from fastcore.xml import FT

from apps.hookspecs import hook
from apps.links.page.graph_view import graph_page
from apps.links.page.listing import listing
from apps.links.page.reading import Graphs, OneGraph, read_page
from apps.views import AppView
from bus.messages import StoreChanged


@hook
async def read(view: AppView) -> Graphs | OneGraph:
    """Read the list, or one graph."""
    return await read_page(view)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for graphs, and for jobs unless they only run on, which `pieces.progress` follows."""
    if fact.table == "job":
        return fact.verb != "update" or fact.row["state"] != "running"
    return fact.table == "graph"


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    return graph_page(view.read) if isinstance(view.read, OneGraph) else listing(view, view.read)

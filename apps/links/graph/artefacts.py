"""What a finished graph leaves: files in the job's folder that the page serves, and its row."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from apps.links.graph.exports import write_edges, write_graphml, write_pages
from apps.links.graph.findings import findings
from apps.links.graph.graph import read_graph
from apps.links.graph.picture import picture
from apps.work.made_files import FOLDER
from apps.work.progress import Progress, Result

FINDINGS, PICTURE, EDGES, PAGES, GRAPHML = "findings.json", "graph.json", "edges.csv", "pages.csv", "graph.graphml"


def finish(progress: Progress, source: str, start: str, title: str = "", note: str = "") -> Result:
    """Write all files of a graph; return its row. `start`: URL, "" for the page that is likely to be it.

    `note`: what the user should know of how it was made, a sentence.
    """
    progress.at(0, 0, "looking at the links")
    graph = read_graph(progress.folder, start)
    folder = progress.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    found = findings(graph) | {"note": note}
    write_json(folder / FINDINGS, found)
    write_json(folder / PICTURE, picture(graph))
    write_edges(graph, folder / EDGES)
    write_pages(graph, folder / PAGES)
    write_graphml(graph, folder / GRAPHML)
    figures = found["figures"]
    row = {name: figures[name] for name in ("start", "pages", "edges", "broken", "orphans", "deep")}
    row |= {"title": title or site_name(figures["start"]), "source": source, "job": progress.job}
    progress.at(figures["pages"], figures["pages"], "done")
    told = {"forbidden": figures["forbidden"]} | ({"note": note} if note else {})
    return Result(row | told, [{"table": "graph", "values": row}])


def site_name(url: str) -> str:
    """Return what people call the site of a URL: its host, and its path if it has one."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rstrip('/')}"[:300] or "links"


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")

"""The table of link graphs, and the long work that makes them."""

from collections.abc import Sequence

from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.declared import Job

GRAPH = Table(
    "graph",
    (
        Field("title", required=True, limit=300, searched=True, label="site"),
        Field("source", choices=("crawl", "csv", "botify"), default="crawl"),
        Field("start", limit=2_000, label="start address"),
        Field("pages", "integer"),
        Field("edges", "integer", label="links"),
        Field("broken", "integer"),
        Field("orphans", "integer"),
        Field("deep", "integer", label="deeper than 3"),
        Field("job", "integer"),
        Field("created", "time"),
    ),
    label="a link graph",
    scoped=True,
    made_by_jobs=True,
)
"""A link graph: one row for each finished crawl or import. Its pages and links are files of the job `job`."""

CRAWL = Job(
    "crawl",
    "Crawl a site",
    (
        Field("url", required=True, limit=1_000, label="start address"),
        Field("pages", "integer", default=500, label="most pages"),
        Field("depth", "integer", default=5, label="most clicks from the start"),
        Field("per_second", "integer", default=5, label="pages per second"),
        Field("private", "boolean", default=False, label="allow private addresses"),
    ),
    resumes=True,
    limits={"pages": (1, 10_000), "depth": (0, 100), "per_second": (1, 200)},
    without_sign_in=("url",),
)

IMPORT_CSV = Job(
    "import_csv",
    "Import links",
    (
        Field("name", required=True, limit=255, label="name of the file"),
        Field("file", required=True, limit=64, label="the uploaded file"),
    ),
    resumes=True,
)
"""`file`: the name under which the page has kept the upload (`apps/work/uploads.py`)."""

IMPORT_BOTIFY = Job(
    "import_botify",
    "Count links at Botify",
    (
        Field("project", required=True, limit=100, label="project, as in the address of its page"),
        Field("user", required=True, limit=100, label="user or organisation"),
        Field("analysis", limit=100, label="analysis (empty: the newest)"),
        Field("depth", "integer", default=5, label="most clicks from the start"),
        Field("agreed", "integer", label="links that may be exported"),
        Field("export", limit=100, label="number of an export that is there"),
    ),
    resumes=True,
    keys=("botify",),
    settings=("botify_host",),
    limits={"depth": (0, 100), "agreed": (0, 1_000_000)},
)
"""It counts. With `agreed`, the number of links to which the user has agreed, it lets Botify export them, which costs
credits; with `export` it imports an export that Botify has started already."""


@hook
def tables() -> Sequence[Table]:
    """Return the table of graphs."""
    return (GRAPH,)


@hook
def jobs() -> Sequence[Job]:
    """Return the crawl and the imports."""
    return (CRAWL, IMPORT_CSV, IMPORT_BOTIFY)

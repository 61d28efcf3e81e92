"""Apps as pip would have installed them: `install` writes packages and entry points into a folder for PYTHONPATH."""

from pathlib import Path

BOOKS = {
    "store": """
from apps.hookspecs import hook
from apps.tables import Field, Table

BOOK = Table(
    "book",
    (
        Field("title", required=True, searched=True),
        Field("status", choices=("wanted", "reading", "read"), default="wanted"),
        Field("note", searched=True),
        Field("lent", "boolean"),
    ),
    label="a book",
)


@hook
def tables():
    return (BOOK,)
""",
    "web": """
from apps.hookspecs import hook
from apps.views import Action


@hook
def actions():
    lent = {"verb": "insert", "table": "book", "values": {"title": "Borrowed", "lent": True}}
    return (Action("Borrow one", (lent,)),)
""",
}
"""A table with choices, a boolean, and two texts; its rows belong to no profile."""

BROKEN = {"store": "import a_module_that_there_is_not\n"}

MOODY = {
    "store": BOOKS["store"].replace("book", "mood").replace("BOOK", "MOOD"),
    "web": """
from apps.hookspecs import hook


@hook
def view(view):
    raise RuntimeError("not today")
""",
}
"""Its view raises."""

CARDS = {
    "store": BOOKS["store"].replace("book", "card").replace("BOOK", "CARD"),
    "web": """
from fastcore.xml import FT

from apps.hookspecs import hook


@hook
def view(view):
    titles = [FT("p", (row["title"],), {"class": "card"}) for row in view.rows]
    return FT("div", (FT("h3", (f"{view.total} cards",), {}), view.pieces.form(), *titles), {"id": "cards"})
""",
}
"""It draws its rows itself."""


def install(folder: Path, **apps: dict[str, str]) -> str:
    """Write each app as a package of its own; return the folder for PYTHONPATH."""
    for name, files in apps.items():
        package = folder / f"side_{name}"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        for file, text in files.items():
            (package / f"{file}.py").write_text(text)
        about = folder / f"side_{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: side-{name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[pianola.apps]\n{name} = side_{name}\n")
    return str(folder)

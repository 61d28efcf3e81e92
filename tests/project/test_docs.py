"""Every path, link and module that docs and docstrings name exists."""

import ast
import re
from pathlib import Path

import pytest

from bench.structure import PACKAGES, modules
from tests.support.system import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "tests").glob("*.md"))]
TOPS = (*PACKAGES, "tests", "docs", "bench", "examples")

PATH = re.compile(rf"(?<![\w./$-])((?:{'|'.join(TOPS)})/[\w./-]*[\w/])")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
DOTTED = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+)`")

MADE_LATER = ("web/static/vendor", "web/node_modules")
"""Folders that only an installed checkout has."""

KNOWN = modules(ROOT)


def paths_in(text: str) -> list[str]:
    """Return the paths of our own files that a text names."""
    return [path.rstrip("/.") for path in PATH.findall(text)]


def missing_paths(text: str) -> list[str]:
    """Return the paths in a text that are not there, as a file, folder or module."""
    found = []
    for path in paths_in(text):
        place = ROOT / path
        if not place.exists() and not place.with_suffix(".py").exists() and not path.startswith(MADE_LATER):
            found.append(path)
    return found


def is_known(dotted: str) -> bool:
    """Return whether a dotted name is a module of ours, or something defined in one; kinds of messages are not ours."""
    for depth in range(len(dotted.split(".")), 0, -1):
        name = ".".join(dotted.split(".")[:depth])
        if name in KNOWN:
            rest = dotted.removeprefix(name).strip(".").split(".")[0]
            return not rest or rest in defined_in(KNOWN[name].tree) or KNOWN[name].file.name == "__init__.py"
    return False


def defined_in(tree: ast.Module) -> set[str]:
    """Return the names that a module defines or imports at its top."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {one.id for one in targets if isinstance(one, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {one.asname or one.name for one in node.names}
    return names


def docstrings(tree: ast.Module) -> str:
    """Return all docstrings of a module, those behind constants and fields too."""
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return "\n".join(one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_each_path_and_link_of_a_page_leads_somewhere():
    texts = {page: page.read_text() for page in PAGES}
    missing = [f"{page.name} names {path}" for page, text in texts.items() for path in missing_paths(text)]
    broken = [
        f"{page.name} links to {link}"
        for page, text in texts.items()
        for link in LINK.findall(text)
        if not (page.parent / link).exists()
    ]

    assert not missing + broken, "\n".join(missing + broken)


def test_each_path_and_module_that_a_docstring_names_exists():
    kinds = re.compile(r"^(?:bus|store)\.[a-z]+$")
    strange = []
    for module in KNOWN.values():
        text = docstrings(module.tree)
        unknown = [one for one in DOTTED.findall(text) if not is_known(one) and not kinds.match(one)]
        strange += [f"{module.file} names {one}" for one in [*missing_paths(text), *unknown]]

    assert not strange, "\n".join(strange)


def section(page: str, heading: str) -> str:
    """Return the part of a page under a heading."""
    text = (ROOT / page).read_text()
    return re.split(r"^## ", text.partition(f"## {heading}")[2], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize(
    ("page", "heading", "least"),
    [
        ("docs/architecture.md", "One click, in nine steps", 9),
        ("docs/architecture.md", "You want to", 25),
        ("CONTRIBUTING.md", "Recipes", 12),
    ],
)
def test_the_map_and_the_recipes_name_files(page, heading, least):
    named = {path for path in paths_in(section(page, heading)) if Path(path).suffix == ".py"}

    assert len(named) >= least


def test_the_tour_has_ten_files_that_can_be_read_in_a_few_minutes():
    named = re.findall(r"^\| \d+ \| `([^`]+)`", (ROOT / "docs" / "tour.md").read_text(), re.MULTILINE)

    assert len(named) == 10
    assert all(len((ROOT / name).read_text().splitlines()) < 720 for name in named)


def test_each_word_of_the_glossary_stands_in_the_file_that_defines_it():
    rows = re.findall(
        r"^\| ([^|]+) \| [^|]+ \| `([^`]+)` \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE
    )
    strange = []
    for words, file in rows:
        text = (ROOT / file).read_text().lower()
        first = re.sub(r"\(.*?\)", "", words).split(",")[0].split()[0].lower()
        if first.rstrip("y") not in text:
            strange.append(f"{first} in {file}")

    assert len(rows) > 30
    assert not strange, strange


def test_a_missing_path_is_found():
    assert missing_paths("see `web/nowhere.py` and docs/tour.md") == ["web/nowhere.py"]
    assert not is_known("web.live.hub.Nowhere")
    assert is_known("web.live.hub.Hub")

"""A type of field is one entry in the declaration, and one in each process that treats types differently."""

import ast
from typing import get_args

import pytest

from apps.tables import Field
from apps.types import FIELD_TYPES, TypeName
from services.agent.parse.types import MODEL_TYPES
from store.file.types import COLUMNS
from tests.support.system import ROOT
from web.state.types import PAGE_TYPES

ENTRIES = {
    "apps/types/__init__.py, FIELD_TYPES": FIELD_TYPES,
    "store/file/types.py, COLUMNS": COLUMNS,
    "services/agent/parse/types.py, MODEL_TYPES": MODEL_TYPES,
    "web/state/types.py, PAGE_TYPES": PAGE_TYPES,
}


@pytest.mark.parametrize("place", ENTRIES)
def test_each_process_knows_every_type(place):
    missing = set(get_args(TypeName)) - set(ENTRIES[place])
    unknown = set(ENTRIES[place]) - set(get_args(TypeName))

    assert not missing, f"{place} has no entry for {', '.join(missing)}"
    assert not unknown, f"{place} has {', '.join(unknown)}, which is not in TypeName"


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_the_empty_value_of_a_type_fits_it_and_survives_the_store(name):
    field, column = Field("one", name, to="other" if FIELD_TYPES[name].is_link else ""), COLUMNS[name]

    assert field.checked(field.empty) == field.empty
    assert column.read(column.stored(field.empty)) == field.empty


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_the_docs_for_authors_of_apps_name_the_type(name):
    lines = (ROOT / "docs" / "apps.md").read_text().splitlines()

    assert [line for line in lines if line.startswith("|") and f"`{name}`" in line.split("|")[1]]


def compared_types(tree: ast.AST) -> list[int]:
    """Return the lines that compare something's `type` with a text: what a type means belongs into its entry."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "type"
        and any(isinstance(one, ast.Constant | ast.Tuple) for one in node.comparators)
    ]


def test_nobody_asks_for_the_name_of_a_type():
    files = [file for name in ("apps", "store", "services", "web") for file in (ROOT / name).rglob("*.py")]
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in files
        if "node_modules" not in file.parts
        for line in compared_types(ast.parse(file.read_text()))
    ]

    assert not found, f"{', '.join(found)}: move the difference into types.py"


def test_the_search_finds_a_comparison():
    assert compared_types(ast.parse('one.type == "time"'))
    assert compared_types(ast.parse('one.type in ("text", "json")'))

"""Names of tables and fields for people, and which field is a row's title."""

from apps.names import without_article
from apps.tables import Field, Table
from web.state.types import PAGE_TYPES


def noun(table: Table) -> str:
    """Return the word for one row: "todo"."""
    return without_article(table.label or table.name)


def plural(table: Table) -> str:
    """Return the word for several rows: "todos"."""
    return table.plural or f"{noun(table)}s"


def field_title(one: Field) -> str:
    """Return the name of a field for people."""
    return one.heading


def beside_fields(table: Table) -> list[Field]:
    """Return the fields that are shown beside the title."""
    title = table.title_field
    return [one for one in table.fields if one is not title and PAGE_TYPES[one.type].input]

"""How a table and its fields are named for people, and which field names a row."""

from apps.tables import Field, Table
from web.state.field_types import PAGE_TYPES


def plural(table: Table) -> str:
    """Return what the rows are called."""
    return f"{(table.label or table.name).removeprefix('a ').removeprefix('an ')}s"


def field_title(one: Field) -> str:
    """Return the name of a field for people."""
    return (one.label or one.name).replace("_", " ").capitalize()


def title_field(table: Table) -> Field:
    """Return the field that names a row."""
    texts = [one for one in table.fields if one.kind.is_text and not one.choices]
    return next((one for one in texts if one.required), (*texts, *table.fields)[0])


def beside_fields(table: Table) -> list[Field]:
    """Return the fields that are shown beside the one that names a row."""
    title = title_field(table)
    return [one for one in table.fields if one is not title and PAGE_TYPES[one.type].input]

"""Tables of a made-up app: some fields of a kind of table, under its names or invented ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from apps.names import GIVEN_FIELDS, RESERVED_FIELDS, name_from
from apps.tables import Field, Table
from training.scenes.invented import invented_name, invented_word
from training.speech.language import FieldKind, TableKind

MOST_FIELDS = 4
INVENTED_SHARE = 0.2
"""Of tables whose names are invented."""
FIRST_SHARE = 0.6
"""Of tables that have the first field of their kind, whatever others they have."""
REQUIRED_SHARE = 0.6
"""Of tables whose title is required, as in ours."""
NEW_TITLE_FIELDS = ("title", "name", "what", "subject", "entry", "label")


@dataclass(frozen=True, slots=True)
class SceneTable:
    """A declared table, and how people speak of it."""

    table: Table
    kind: TableKind
    fields: tuple[FieldKind, ...]
    """Those that it has besides the title, by the names that they have in it."""

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.table.name

    @property
    def title(self) -> str:
        """Name of the field that is the title."""
        return self.table.fields[0].name

    def of_types(self, *types: str) -> list[FieldKind]:
        """Return the fields of these types, without those with choices."""
        return [one for one in self.fields if one.type in types and not one.choices]

    @property
    def switches(self) -> list[FieldKind]:
        """The fields that are true or false."""
        return self.of_types("boolean")

    @property
    def settable(self) -> list[FieldKind]:
        """The fields that are set to a value."""
        return [one for one in self.fields if one.type != "boolean"]

    def declared(self, field: FieldKind) -> Field:
        """Return the declaration of a field."""
        return self.table.all_fields[field.name]


def made_table(kind: TableKind, rng: Random, *, taken: Sequence[str] = (), link: FieldKind | None = None) -> SceneTable:
    """Return a table of a kind. `taken`: names that it may not have. `link`: a further field."""
    fields = _some_fields(kind, rng)
    if rng.random() < INVENTED_SHARE:
        kind, fields = _masked(kind, rng), [_masked_field(one, rng) for one in fields]
    said = [one.name for one in fields]
    if link and link.name not in said:
        fields.append(link)
    title = _title_field(kind, said, rng)
    names = _names((title, *(one.name for one in fields)))
    declared = tuple(replace(one, name=names[one.name], label=_label(one.name, names)) for one in fields)
    first = Field(names[title], required=rng.random() < REQUIRED_SHARE, label=_label(title, names))
    table = Table(
        name_from(rng.choice(kind.names), taken, "table"),
        (first, *map(_declared, declared)),
        label=kind.row,
        sortable=rng.random() < 0.5,
        scoped=True,
    )
    return SceneTable(table, kind, declared)


def _title_field(kind: TableKind, taken: Sequence[str], rng: Random) -> str:
    """Return the name of the field that is the title."""
    usual = [kind.title_field] * len(NEW_TITLE_FIELDS)
    return rng.choice([one for one in (*usual, *NEW_TITLE_FIELDS) if one not in taken])


def _some_fields(kind: TableKind, rng: Random) -> list[FieldKind]:
    """Return some fields; the first one of a kind is the one that it most often has."""
    count = rng.randint(1 if kind.actions else 0, min(MOST_FIELDS, len(kind.fields)))
    chosen = set(rng.sample(range(len(kind.fields)), count))
    if kind.fields and rng.random() < FIRST_SHARE:
        chosen.add(0)
    return [one for number, one in enumerate(kind.fields) if number in chosen]


def _masked(kind: TableKind, rng: Random) -> TableKind:
    """Return a kind of table whose names mean nothing."""
    thing = invented_word(rng)
    return replace(kind, names=(invented_name(rng),), row=f"a {thing}", things=(thing,), add=(), gone=())


def _masked_field(field: FieldKind, rng: Random) -> FieldKind:
    """Return a field whose name and choices mean nothing, so that it is spoken of by its name alone."""
    choices = {invented_word(rng): () for _ in field.choices}
    return FieldKind(invented_name(rng), field.type, choices=choices, values=field.values, plain=field.plain)


def _names(said: Sequence[str]) -> dict[str, str]:
    """Return for each name that people use the one that it has in a declaration: "fällig" is "faellig"."""
    names: dict[str, str] = {}
    for one in said:
        names[one] = name_from(one, {*names.values(), *GIVEN_FIELDS, *RESERVED_FIELDS}, "field")
    return names


def _label(said: str, names: dict[str, str]) -> str:
    """Return the label of a field, if its name does not say the same."""
    return "" if names[said] == said else said.replace("_", " ")


def _declared(field: FieldKind) -> Field:
    return Field(
        field.name,
        field.type,
        choices=tuple(field.choices),
        label=field.label,
        unit=field.unit,
        none=field.type in ("integer", "real"),
        to=field.to,
    )

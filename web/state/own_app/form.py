"""What the form of a declared app holds, as texts. Pure.

The inputs are named by their place: `t0label` is the label of the first table, `t0f1type` the type of its second field,
`t0vsort` what its view table is sorted by.
"""

from dataclasses import dataclass, field

from apps.shown.view import KINDS, LIST, OPTIONS, Kind, View

NEW_FIELDS = 7
"""Empty fields of a new table."""
MORE_FIELDS = 3
"""Empty fields behind those that a table has."""
MOST_TABLES = 20
MOST_FIELDS = 100
"""What a form can hold; a declaration can have more."""


@dataclass(frozen=True, slots=True)
class FieldForm:
    """The inputs of a field. `name`: that it has already, "" for a new one."""

    label: str = ""
    name: str = ""
    type: str = "text"
    required: bool = False
    unique: bool = False
    """No two rows have the same value in it."""
    several: bool = False
    """For a link: it may lead to several rows."""
    choices: str = ""
    unit: str = ""
    least: str = ""
    most: str = ""
    to: str = ""
    """For a link: the table to whose rows it leads, by its name, or a new one by its label."""

    @property
    def said(self) -> str:
        """What a view says for it: its name, else the label from which that will be made."""
        return self.name or self.label


CHOSEN: dict[Kind, tuple[str, ...]] = {
    kind: tuple(one for one in options if one != "columns" and (kind, one) != ("chart", "date"))
    for kind, options in OPTIONS.items()
}
"""By the kind of a view: the options that the form shows."""


@dataclass(frozen=True, slots=True)
class ViewsForm:
    """The inputs about the views of a table."""

    offered: tuple[str, ...] = KINDS
    """The kinds of views that are offered, as far as the fields allow them."""
    opens: str = ""
    """The view that opens first; "" for the list."""
    chosen: View = LIST
    """The options of all kinds together. Fields are named as `FieldForm.said` has it; "": the app chooses."""


@dataclass(frozen=True, slots=True)
class TableForm:
    """The inputs of a table. `name`: that it has already."""

    label: str = ""
    name: str = ""
    fields: tuple[FieldForm, ...] = ()
    together: str = ""
    """Groups of fields that are unique together, as people write them: "name, day; room"."""
    title: str = ""
    """The field that is the title of a row, as `FieldForm.said` has it; "": the first required text."""
    views: ViewsForm = field(default_factory=ViewsForm)
    is_open: bool = False
    """The part with the views is unfolded."""

    @property
    def is_filled(self) -> bool:
        """Whether it says anything: a table without a label and without fields goes."""
        return bool(self.label or self.filled_fields)

    @property
    def filled_fields(self) -> tuple[FieldForm, ...]:
        """Its fields without the empty lines."""
        return tuple(one for one in self.fields if one.label)


@dataclass(frozen=True, slots=True)
class AppForm:
    """The inputs of an app. `id`: of its row; 0 for a new one. `card`: the message that proposes it; 0 for none."""

    id: int = 0
    card: int = 0
    label: str = ""
    icon: str = ""
    tables: tuple[TableForm, ...] = ()

    @property
    def filled_tables(self) -> tuple[TableForm, ...]:
        """Its tables without the empty ones."""
        return tuple(one for one in self.tables if one.is_filled)


def new_table(label: str = "") -> TableForm:
    """Return the form of a new table, whose first field is required."""
    first = FieldForm("Name", required=True)
    return TableForm(label, fields=(first, *[FieldForm()] * NEW_FIELDS))


def new_form() -> AppForm:
    """Return the form of a new app: one table."""
    return AppForm(tables=(new_table(),))

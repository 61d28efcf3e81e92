"""What an import would do: which rows it would add, and which lines have which problems. Changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from apps.tables import Field, Row, Table
from web.files.cells import written
from web.files.lines import Line, LineReader, Problem, shown
from web.files.opening import open_rows, refuse_too_many
from web.files.sheets import BadSheet

PROBLEMS_SHOWN = 50
ROWS_SHOWN = 5
COLUMNS_SHOWN = 20


@dataclass(slots=True)
class Preview:
    """The result of reading a whole file. `rows`: number of good lines. `bad`: number of lines with a problem."""

    rows: int = 0
    bad: int = 0
    problems: list[Problem] = field(default_factory=list)
    """The first problems."""
    sample: list[Row] = field(default_factory=list)
    """The first good rows, as text by field."""
    left_out: list[str] = field(default_factory=list)
    """Columns that the table does not have."""

    program: str = ""
    """Which program the file comes from; "" for none that is known."""

    def detail(self) -> Row:
        """Return what the page shows, in the form that the row of the import stores."""
        return {
            "problems": [
                {"line": one.line, "field": one.field, "value": one.value, "sentence": one.sentence}
                for one in self.problems
            ],
            "sample": self.sample,
            "left_out": self.left_out,
        }


def check_file(path: Path, table: Table, profiles: Mapping[str, int], profile: int) -> Preview:
    """Read a whole file; raises `BadSheet`. Takes seconds for a large file, so do not call it in the event loop."""
    reader = LineReader(table, profiles, profile)
    preview = Preview()
    refuse_too_many(open_rows(path, reader, in_order=False)[0])
    sheet, preview.program = open_rows(path, reader)
    for line in reader.lines(sheet):
        _count(preview, line, table)
    if not preview.rows + preview.bad:
        raise BadSheet("The file has no line after the header. Expected one line for each row.")
    preview.left_out = [shown(name) for name in reader.left_out][:COLUMNS_SHOWN]
    return preview


def _count(preview: Preview, line: Line, table: Table) -> None:
    preview.rows += not line.problems
    preview.bad += bool(line.problems)
    preview.problems += line.problems[: PROBLEMS_SHOWN - len(preview.problems)]
    if not line.problems and len(preview.sample) < ROWS_SHOWN:
        preview.sample.append(_sample(line, table))


def _sample(line: Line, table: Table) -> Row:
    values = {"id": line.key} if line.key else {}
    values |= {name: shown(_text(table.all_fields[name], value)) for name, value in line.values.items()}
    values.pop("profile", None)
    return values


def _text(one: Field, value: object) -> str:
    return value if isinstance(value, str) else written(one, value)

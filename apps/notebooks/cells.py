"""Read a notebook: its cells, with their tags, or a sentence about the first cell that a workflow cannot have."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bus.errors import PianolaError

Kind = Literal["markdown", "code"]
KINDS: dict[str, Kind] = {"markdown": "markdown", "raw": "markdown", "code": "code"}
TAGS: dict[str, Kind] = {
    "inputs": "code",
    "setup": "code",
    "job": "code",
    "prompt": "markdown",
    "result": "markdown",
}
"""What a cell can be, and of which kind it must be then."""
SKIPPED = "skip"
MOST_BYTES = 5_000_000


class BadNotebook(PianolaError):
    """A notebook cannot become a workflow. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell. `number`: 1 for the first. `tag`: one of `TAGS`; "" for markdown that only tells something."""

    number: int
    kind: Kind
    tag: str
    text: str

    def bad(self, reason: str) -> BadNotebook:
        """Return the refusal of this cell."""
        return BadNotebook(f"cell {self.number} ({self.tag or self.kind}) cannot be a step: {reason}")


def read_cells(file: Path) -> list[Cell]:
    """Return the cells of a notebook without those that are empty or skipped, or raise `BadNotebook`."""
    notebook = _notebook(file)
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise BadNotebook(f"{file.name} is written in {language!s:.40}. Expected Python.")
    cells = [_cell(number, one) for number, one in enumerate(notebook["cells"], 1)]
    return [one for one in cells if one.tag != SKIPPED and one.text]


def _notebook(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadNotebook(f"{file.name} has more than {MOST_BYTES:,} bytes. Clear its outputs, and save it again.")
        notebook = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadNotebook(f"{file} cannot be read: {error.strerror}. Give the path of a notebook.") from error
    except ValueError as error:
        raise BadNotebook(f"{file.name} is no notebook: it is no JSON in UTF-8 ({error}).") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list) or notebook.get("nbformat") != 4:
        raise BadNotebook(f"{file.name} is no notebook of format 4. Save it again in JupyterLab.")
    return notebook


def _cell(number: int, one: dict[str, Any]) -> Cell:
    kind = KINDS.get(one.get("cell_type", ""))
    source = one.get("source", "")
    text = ("".join(source) if isinstance(source, list) else str(source)).strip()
    if kind is None:
        raise BadNotebook(f"cell {number} is of the kind {one.get('cell_type')!r:.40}. Expected markdown or code.")
    tags = [tag for tag in one.get("metadata", {}).get("tags", ()) if tag in TAGS or tag == SKIPPED]
    cell = Cell(number, kind, tags[0] if tags else "", text)
    if len(tags) > 1:
        raise cell.bad(f"it has the tags {' and '.join(tags)}. Leave one of them.")
    if kind == "code" and not cell.tag and text:
        raise cell.bad(f"it has no tag. Give it one of: {', '.join((*TAGS, SKIPPED))}.")
    if cell.tag in TAGS and TAGS[cell.tag] != kind:
        raise cell.bad(f"a cell with the tag {cell.tag} must be {TAGS[cell.tag]}. Change its kind, or its tag.")
    return cell

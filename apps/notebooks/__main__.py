"""Write the app of a notebook into the current folder (`pianola notebook-to-workflow FILE.ipynb`)."""

import re
import sys
from pathlib import Path

from apps.notebooks.cells import BadNotebook, read_cells
from apps.notebooks.steps import planned
from apps.notebooks.writing import files_of
from apps.starter import OFFLINE, CannotStart, write_files
from bus.code.folder import DOCS, command
from bus.errors import EXIT_REFUSED, PianolaError
from bus.text.console import print_line

NEXT = """\
The workflow {name} is in {folder}, with {count} steps. Look at it, then:
  {pianola} python -m pytest {folder}
  {pianola} python -m pip install {offline}-e {folder}
then `pianola down` and `pianola up`: it stands among the workflows. {docs}/workflows.md goes on from here.
"""


def name_of(file: Path) -> str:
    """Return the name of the app: that of the file, in letters that a name may have."""
    return re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")


def main(arguments: list[str]) -> int:
    """Write the folder, and print the next steps. Nothing is written if a cell cannot be a step."""
    file, where = Path(arguments[0]), Path.cwd()
    try:
        plan = planned(name_of(file), read_cells(file))
        folder = write_files(plan.name, where, files_of(plan))
    except (BadNotebook, CannotStart) as problem:
        sys.stderr.write(f"pianola: {file.name} was not made into a workflow: {problem}\n")
        return EXIT_REFUSED
    except PianolaError as problem:
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_REFUSED
    told = NEXT.format(
        name=plan.name, folder=folder, count=len(plan.steps), pianola=command(), offline=OFFLINE, docs=DOCS
    )
    print_line(told.rstrip("\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

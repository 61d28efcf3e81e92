"""Move the file of an own app out of the way: `python -m apps.own.remove FOLDER NAME`, for `pianola app remove`."""

import sys
from pathlib import Path

from apps.own.versions import remove
from bus.errors import EXIT_REFUSED
from bus.text.console import print_line


def main(arguments: list[str]) -> int:
    """Move it, and say where it is now."""
    folder, name = arguments
    try:
        moved = remove(Path(folder), name)
    except OSError as error:
        sys.stderr.write(f"pianola: the file of the app {name} cannot be moved: {error.strerror}. Move it by hand.\n")
        return EXIT_REFUSED
    where = f"Its file is now {moved}; " if moved else "Its file is gone already; "
    print_line(f"The app {name} is removed. {where}its rows are kept. Move the file back to have it again.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

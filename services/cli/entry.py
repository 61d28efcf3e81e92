"""What the script `pianola` calls: in a wheel this file is `pianola_workbench/__init__.py`.

There all our code lies in one folder, so that no `bus` or `services` of another package collides with ours. That
folder goes into the path of our own processes only.
"""

import sys
from pathlib import Path


def main() -> int:
    """Run the command line."""
    folder = Path(__file__).parent
    if (folder / "Procfile").is_file():  # not in a checkout, whose folder pip has put into the path
        sys.path.insert(0, str(folder))
    from services.cli.main import main as run  # noqa: PLC0415 (found only now)

    return run()

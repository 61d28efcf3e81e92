"""Merge a player into one file: BASE ADAPTER FILE-DESCRIPTOR. Started by `merged_file`.

Each line of the standard output is a JSON object: `done` and `total` bytes, at the end `size` and `sha256`, or
`problem`. When nobody reads them any more it ends at the next one.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

NICENESS = 10
"""It leaves the processors to others."""


def main(base: str, adapter: str, descriptor: str) -> int:
    """Write the file; return the exit code."""
    from llm_worker.merge.weights import merge  # noqa: PLC0415 (where the package is missing, that is told in a line)

    os.nice(NICENESS)
    with os.fdopen(int(descriptor), "wb", closefd=False) as target:
        size, sha256 = merge(Path(base), Path(adapter), target, lambda done, total: tell(done=done, total=total))
    tell(size=size, sha256=sha256)
    return 0


def tell(**values: Any) -> None:
    """Write a line."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        code = main(*sys.argv[1:])
    except BrokenPipeError:  # the worker is gone
        os._exit(1)
    except Exception as error:  # whatever the package raises, and a full disk
        tell(problem=f"{type(error).__name__}: {error}")
        code = 1
    sys.exit(code)

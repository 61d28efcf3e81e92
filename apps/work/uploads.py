"""A file that the user gives to a job: the page keeps it in the folder `uploads` beside the folders of the jobs.

The page sends the job the name under which it is kept, as an argument. The job takes it into its own folder.
"""

import re
import shutil
from pathlib import Path

from apps.work.progress import JobFailed, Progress

FOLDER = "uploads"
LARGEST_BYTES = 256 * 1024 * 1024
"""Of one file: it goes to the disk as it comes, and jobs read it line by line."""
NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)
TAKEN = "upload"
"""Name of the file in the job's folder."""


def take(progress: Progress, name: str) -> Path:
    """Return the path of an uploaded file, which belongs to the job from now on; raises `JobFailed` if it is gone."""
    taken, kept = progress.folder / TAKEN, progress.folder.parent / FOLDER / name
    if taken.is_file():
        return taken
    if not NAME.fullmatch(name) or not kept.is_file():
        raise JobFailed("The uploaded file is not there (any more). Choose the file again.")
    shutil.move(kept, taken)
    return taken

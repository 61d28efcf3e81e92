"""What was found out about the file of an own app."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileState:
    """The file of an app, as it is now."""

    name: str
    version: str = ""
    """A version that was tried out and works; "" if the newest one does not, or the file is gone."""
    problem: str = ""
    """Why the newest version does not work."""

    @property
    def is_gone(self) -> bool:
        """Whether there is no file any more."""
        return not self.version and not self.problem

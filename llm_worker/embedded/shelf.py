"""Which model files are the bases of players: by size and name, else by their SHA-256, which is noted in a file.

To hash 500 MB takes a second or more, so it is done only for a file that has the size of a base and another name, and
once: `models/.known.json` keeps what was found.
"""

import json
from contextlib import suppress
from pathlib import Path

from llm_worker.player_cards import BadCard, PlayerCard, check_adapter, read_cards, sha256_of


class Shelf:
    """The players, and the files that are known to be their bases or not."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the notes are kept; it need not be there."""
        self._notes = folder / ".known.json"
        self._known = self._read_notes()
        self._cards, self._bad = read_cards()
        self._checked: dict[str, str] = {}

    @property
    def problems(self) -> list[str]:
        """What is wrong with cards that cannot be read."""
        return [str(one) for one in self._bad]

    def player_of(self, path: Path, size: int) -> tuple[PlayerCard | None, str]:
        """Return the player whose base this file is, if its adapter is there; else None, and what is wrong or ""."""
        card = next((one for one in self._cards if self._is_base(one, path, size)), None)
        if card is None:
            return None, ""
        problem = self._problem_of(card)
        return (None, problem) if problem else (card, "")

    def _is_base(self, card: PlayerCard, path: Path, size: int) -> bool:
        return size == card.base.size and (path.name == card.base.file or self._sha256(path) == card.base.sha256)

    def _problem_of(self, card: PlayerCard) -> str:
        """Return what is wrong with the adapter, "" if nothing is. It is looked at once."""
        if card.name not in self._checked:
            try:
                check_adapter(card)
                self._checked[card.name] = ""
            except BadCard as bad:
                self._checked[card.name] = str(bad)
        return self._checked[card.name]

    # --- notes ---

    def _sha256(self, path: Path) -> str:
        """Return the SHA-256 of a file, noted or made now; "" if it cannot be read."""
        try:
            found = path.stat()
            key = f"{path} {found.st_size} {found.st_mtime_ns}"
            if key not in self._known:
                self._known[key] = sha256_of(path)
                self._write_notes()
            return self._known[key]
        except OSError:
            return ""

    def _read_notes(self) -> dict[str, str]:
        try:
            notes = json.loads(self._notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in notes.items()} if type(notes) is dict else {}

    def _write_notes(self) -> None:
        with suppress(OSError):  # then it is hashed again at the next start
            self._notes.write_text(json.dumps(self._known, indent=1), encoding="utf-8")

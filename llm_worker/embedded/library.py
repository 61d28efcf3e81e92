"""Which model files there are: the one in `PIANOLA_GGUF`, and those in the folder `models` of the data folder."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bus.settings import Settings
from llm_worker.contract import EMBEDDED, Model
from llm_worker.embedded.gguf import BadGguf, Header, read_header
from llm_worker.embedded.shelf import Shelf
from llm_worker.player_cards import PlayerCard

USUAL_WINDOW = 8_192
"""Tokens of the context, if nobody chose another window and the model was made for so many."""
LEAST_PARAMETERS = 400_000_000
"""Smaller models talk, but do not carry out orders."""
ONLY_EMBEDS = re.compile(r"bert|t5encoder|embed", re.IGNORECASE)
"""Architectures of models that do not chat."""
LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}$")
"""A model in several files is listed by the first; the engine finds the others."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that can be served, and what it says of itself."""

    path: Path
    size: int
    modified: float
    """Unix seconds."""
    header: Header
    player: PlayerCard | None = None
    """The player whose adapter is loaded beside it; None: it is served as it is."""

    @property
    def name(self) -> str:
        """The model's name, without that of its server."""
        return self.player.name if self.player else self.path.stem

    @property
    def adapter(self) -> str:
        """The path of the adapter that is loaded beside it, "" for none."""
        return str(self.player.adapter_path) if self.player else ""

    @property
    def window(self) -> int:
        """Tokens of the context that are used when nobody chose a number."""
        return min(self.header.context or USUAL_WINDOW, USUAL_WINDOW)

    def window_for(self, wanted: object) -> int:
        """Return the window for a wish: what the model was made for is not exceeded, no wish gives the usual one."""
        if type(wanted) is not int or wanted <= 0:
            return self.window
        return min(wanted, self.header.context) if self.header.context else wanted

    @property
    def capabilities(self) -> tuple[str, ...]:
        """As in Ollama's API, by its architecture and its chat template."""
        if ONLY_EMBEDS.search(self.header.architecture):
            return ("embedding",)
        template = self.header.template
        thinks = "enable_thinking" in template or "<think>" in template
        return ("completion", *(["tools"] if "tools" in template else []), *(["thinking"] if thinks else []))

    def as_model(self, *, loaded: bool, until: float) -> Model:
        """Return it as the worker lists it. `until`: Unix seconds when it leaves the memory, 0: unknown."""
        return Model(
            self.name,
            EMBEDDED,
            local=True,
            size=self.size + (self.player.adapter.size if self.player else 0),
            digest=f"{self.path}:{self.modified}",
            modified=datetime.fromtimestamp(self.modified, UTC),
            loaded=loaded,
            loaded_until=until,
            capabilities=self.capabilities,
            context=self.header.context,
            window=self.window,
            plays=self.header.parameters >= LEAST_PARAMETERS,
        )


class Library:
    """The files, each read once, and again when it has changed; and the players that can be made of them."""

    def __init__(self, settings: Settings) -> None:
        """Reads nothing yet."""
        self.folder = settings.home / "models"
        self._named = Path(settings.gguf).expanduser().absolute() if settings.gguf else None
        self._known: dict[tuple[Path, int, int], ModelFile | BadGguf] = {}
        self._shelf = Shelf(settings.home / "models")

    def paths(self) -> list[Path]:
        """Return the paths of all files that could be served; the one in the settings first."""
        found = sorted(path for path in self.folder.glob("*.gguf") if not LATER_PART.search(path.stem))
        return [*([self._named] if self._named else []), *found]

    def read(self) -> tuple[list[ModelFile], list[str]]:
        """Return the models that can be served, of two with the same name the first, and a sentence for each other.

        A file that is the base of a player stands for two models: the player, and the file as it is.
        """
        good: dict[str, ModelFile] = {}
        problems = self._shelf.problems
        for one in self._all():
            if isinstance(one, BadGguf):
                problems.append(str(one))
            else:
                player, problem = self._shelf.player_of(one.path, one.size)
                problems += [problem] if problem else []
                for model in ([replace(one, player=player)] if player else []) + [one]:
                    good.setdefault(model.name, model)
        return list(good.values()), list(dict.fromkeys(problems))

    def find(self, name: str) -> ModelFile | None:
        """Return the file of a model, None if there is none (any more)."""
        return next((one for one in self.read()[0] if one.name == name), None)

    def _all(self) -> Iterator[ModelFile | BadGguf]:
        for path in self.paths():
            try:
                found = path.stat()
            except OSError as error:
                way_out = "Correct PIANOLA_GGUF, or unset it" if path == self._named else "Remove this link"
                yield BadGguf(path, f"cannot be read: {error.strerror}", way_out)
                continue
            state = (path, found.st_size, found.st_mtime_ns)
            if state not in self._known:
                self._known[state] = read_model_file(path)
            yield self._known[state]


def read_model_file(path: Path) -> ModelFile | BadGguf:
    """Return a file as a model, or what is wrong with it."""
    try:
        found = path.stat()
        return ModelFile(path, found.st_size, found.st_mtime, read_header(path))
    except BadGguf as bad:
        return bad
    except OSError as error:
        return BadGguf(path, f"cannot be read: {error.strerror}", "Put it there again, or choose another model")

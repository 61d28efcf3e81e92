"""How far a pull has come, from the lines of /api/pull.

    {"status": "pulling manifest"}
    {"status": "pulling 0a1b2c3d4e5f", "digest": "sha256:0a1b…", "total": 2497280480, "completed": 1048576}
    {"status": "success"}

A model has several layers, each with its own digest. Ollama keeps what has come, and goes on there the next time.
"""

from llm_worker.contract import About, Pulled
from llm_worker.problems import PullFailed, WrongProtocol, shown
from llm_worker.stream.json_values import count, decoded

MAX_LAYERS = 1_000


class PullReader:
    """Adds up the layers of one pull."""

    def __init__(self, about: About, model: str) -> None:
        """`about`, `model`: for the sentences of errors."""
        self._about = about
        self._model = model
        self._layers: dict[str, tuple[int, int]] = {}
        """Digest to bytes that have come, and bytes in all."""
        self.succeeded = False

    def read(self, line: bytes) -> Pulled:
        """Return how far it is after this line. Raises `PullFailed` for an error in it, `WrongProtocol` for no line."""
        value = decoded(line)
        if value is None:
            raise WrongProtocol(self._about, line[:2000].decode(errors="replace"), "a line of JSON with `status`")
        if error := value.get("error"):
            raise PullFailed(self._about, self._model, str(error))
        digest, status = value.get("digest"), value.get("status")
        if type(digest) is str and (digest in self._layers or len(self._layers) < MAX_LAYERS):
            self._layers[digest] = count(value.get("completed")), count(value.get("total"))
        self.succeeded = self.succeeded or status == "success"
        done, total = (sum(layer[index] for layer in self._layers.values()) for index in (0, 1))
        return Pulled(done, total, shown(status)[:200] if type(status) is str else "")

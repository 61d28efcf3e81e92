"""The models that can be got for this machine: a few good ones, for Ollama and for the embedded engine."""

from collections.abc import Set
from dataclasses import dataclass, replace

from bus.messages import Values
from bus.servers.tables import RECOMMENDED_MODEL
from llm_worker.choice import SHARE_OF_MEMORY
from llm_worker.contract import EMBEDDED, OLLAMA
from llm_worker.embedded.catalogue import APACHE, CARDS, PLAYERS, Card, Repository
from llm_worker.embedded.download import host_of
from llm_worker.embedded.library import USUAL_WINDOW
from llm_worker.embedded.memory import needed_bytes
from llm_worker.merge import installed as merging_installed
from llm_worker.merge.merged_file import GROWTH
from llm_worker.problems import MergeMissing

LIBRARY = "the library of Ollama"


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be got; the fields are those of a map in `offers` of `llm.listed`."""

    name: str
    server: str
    title: str
    size: int
    needed: int
    """Bytes of memory with the usual window."""
    licence: str
    origin: str
    tried: bool
    plays: bool = True
    address: str = ""
    best: bool = False
    about: str = ""
    merged: bool = False
    """It is a player for Ollama: its weights and its adapter are joined on this machine."""
    comparable_bytes: int = 0
    """The size of the general models that understand orders about as well; 0: as its own size says."""

    def as_values(self, memory: int, problem: str) -> Values:
        """Return the map. `memory`: of this machine, in bytes; `problem`: why it cannot be got now, or ""."""
        return {
            "name": self.name,
            "server": self.server,
            "title": self.title,
            "size": self.size,
            "licence": self.licence,
            "from": self.origin,
            "fits": self.fits(memory),
            "tried": self.tried,
            "plays": self.plays,
            "best": self.best,
            "address": self.address,
            "problem": problem,
            "about": self.about,
        }

    def fits(self, memory: int) -> bool:
        """Return whether it leaves enough memory for other programs; an unknown memory counts as large."""
        return not memory or self.needed <= memory * SHARE_OF_MEMORY


def of_ollama(name: str, title: str, size: int, bytes_per_token: int, *, tried: bool) -> Offer:
    """Return an offer of Ollama's library."""
    needed = needed_bytes(size, bytes_per_token, USUAL_WINDOW)
    return Offer(name, OLLAMA, title, size, needed, APACHE, LIBRARY, tried)


FOR_OLLAMA = (
    of_ollama(RECOMMENDED_MODEL, "Qwen3 4B instruct", 2_497_293_931, 147_456, tried=False),
    of_ollama("qwen2.5-coder:1.5b", "Qwen2.5 Coder 1.5B instruct", 986_062_089, 28_672, tried=True),
    of_ollama("qwen2.5-coder:0.5b", "Qwen2.5 Coder 0.5B instruct", 397_821_319, 12_288, tried=True),
)
"""Largest first. Sizes are about what Ollama's library tells."""


def of_card(card: Card, host: str) -> Offer:
    """Return the offer of a card in the catalogue of the embedded engine. `host`: of model files, as a URL."""
    address = card.source.address(host, card.file) if isinstance(card.source, Repository) else ""
    origin = f"{host_of(host)}/{card.origin}" if address else card.origin
    needed = needed_bytes(card.size, card.bytes_per_token, USUAL_WINDOW)
    name = f"{EMBEDDED}/{card.name}"
    return Offer(
        name,
        EMBEDDED,
        card.title,
        card.size,
        needed,
        card.licence,
        origin,
        card.tried,
        card.plays,
        address,
        about=card.about,
        comparable_bytes=card.comparable_bytes,
    )


def player_for_ollama(card: Card, host: str) -> Offer:
    """Return the offer of a player for Ollama: what is got is its base."""
    offer = of_card(card, host)
    title = f"{card.title}, for Ollama"
    needed = offer.needed + round(card.size * (GROWTH - 1))
    return replace(offer, name=card.name, server=OLLAMA, title=title, needed=needed, merged=True)


def all_offers(host: str, memory: int) -> list[Offer]:
    """Return all offers; of each server the largest that fits and plays is the best."""
    with_players = {card.file for card in PLAYERS}  # who gets a player has its base as well
    cards = [*PLAYERS, *(card for card in CARDS if card.file not in with_players)]
    for_ollama = [*(player_for_ollama(card, host) for card in PLAYERS), *FOR_OLLAMA]
    each = (for_ollama, [of_card(card, host) for card in cards])
    return [one for offers in each for one in with_best(offers, memory)]


def with_best(offers: list[Offer], memory: int) -> list[Offer]:
    """Return the offers of one server, one of them marked."""
    fitting = [one for one in offers if one.plays and one.fits(memory)]
    best = max(fitting, key=lambda one: one.comparable_bytes or one.size, default=None)
    return [replace(one, best=one is best) for one in offers]


def offered(host: str, memory: int, installed: Set[str], problems: dict[str, str]) -> list[Values]:
    """Return the maps for `llm.listed`. `installed`: names of models; `problems`: why a server can get none now."""
    return [
        one.as_values(memory, problems.get(one.server) or without_merging(one))
        for one in all_offers(host, memory)
        if installed.isdisjoint((one.name, f"{one.name}:latest"))
    ]


def without_merging(offer: Offer) -> str:
    """Return why a player cannot be made for Ollama now; "" if it can, and for all other offers."""
    return str(MergeMissing(offer.title)) if offer.merged and not merging_installed() else ""

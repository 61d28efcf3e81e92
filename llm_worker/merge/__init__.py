"""Weights and the adapter of a player made one file, for servers that load no adapters (Ollama).

`weights` does it, in a process of its own (`__main__`), because it takes numpy and all of a core for some seconds;
`merged_file` is the worker's side. The file has no name on the disk: nothing of it stays, whatever ends when.
"""

from importlib.util import find_spec


def installed() -> bool:
    """Return whether the package is there that reads and writes quantised weights."""
    return find_spec("gguf") is not None

"""The files of the code: when each was changed, and which processes use it, by the imports in them."""

import ast
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

SHARED = "bus"
"""The language of all processes: a change of it restarts all, so that no two speak differently."""
APPS = "apps"
LOADER = "apps.registry"
"""Who imports it loads the apps: `store.py` of each, and the file that is named like the process."""
SKIPPED = ("node_modules", "static", "__pycache__")

Times = dict[Path, int]
"""File to the time of its last change, in nanoseconds."""


class Sources:
    """The Python files below `root`, for the processes of the Procfile."""

    def __init__(self, root: Path, processes: Mapping[str, str]) -> None:
        """`processes`: name to the module that `python -m` runs."""
        self._root = root
        self._processes = processes
        self._tops = sorted({SHARED, APPS, *(module.split(".")[0] for module in processes.values())})
        self._imports: dict[Path, tuple[int, frozenset[str]]] = {}
        """What each file imported when it was read last, and its time then."""

    def times(self) -> Times:
        """Return all files with the times of their last changes."""
        found = {}
        for top in self._tops:
            for folder, below, files in os.walk(self._root / top):
                below[:] = [one for one in below if one not in SKIPPED]
                for name in files:
                    if name.endswith(".py"):
                        path = Path(folder, name)
                        if (changed := _time_of(path)) is not None:
                            found[path] = changed
        return found

    def users(self, changed: Iterable[Path], times: Times) -> dict[Path, set[str]]:
        """Return which processes use each of the changed files, in the order of the Procfile."""
        graph = self._graph(times)
        reached = {name: self._reached(name, graph) for name in self._processes}
        return {path: {name for name, modules in reached.items() if self._uses(modules, path)} for path in changed}

    def concerned(self, changed: Iterable[Path], times: Times) -> list[str]:
        """Return the modules to try: those of the changed files that are still there, and those that import them."""
        graph, names = self._graph(times), {self.module_of(path) for path in changed}
        return sorted(name for name, imported in graph.items() if name in names or imported & names)

    def module_of(self, path: Path) -> str:
        """Return the dotted name of a file."""
        parts = path.relative_to(self._root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def _uses(self, modules: set[str], path: Path) -> bool:
        name = self.module_of(path)
        return name in modules or name.split(".")[0] == SHARED

    def _graph(self, times: Times) -> dict[str, frozenset[str]]:
        """Return what each module imports, also inside of functions. A file that cannot be read keeps what it had."""
        for path, changed in times.items():
            if self._imports.get(path, (0,))[0] != changed:
                before = self._imports.get(path, (0, frozenset[str]()))[1]
                self._imports[path] = changed, _imports_of(path, before)
        return {self.module_of(path): self._imports[path][1] for path in times}

    def _reached(self, process: str, graph: Mapping[str, frozenset[str]]) -> set[str]:
        module = self._processes[process]
        reached = _closure([module, f"{module}.__main__"], graph)
        if LOADER in reached:
            files = {"store", process}
            reached |= _closure([name for name in graph if _is_of_app(name, files)], graph)
        return reached


def _time_of(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # removed at this moment
        return None


def _is_of_app(name: str, files: set[str]) -> bool:
    parts = name.split(".")
    return len(parts) == 3 and parts[0] == APPS and parts[2] in files


def _imports_of(path: Path, before: frozenset[str]) -> frozenset[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return before
    return frozenset(_names_in(tree))


def _names_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _closure(roots: Iterable[str], graph: Mapping[str, frozenset[str]]) -> set[str]:
    """Return the modules that are imported from the roots on, with the packages around them."""
    reached: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            one = ".".join(parts[:depth])
            if one in graph and one not in reached:
                reached.add(one)
                waiting += graph[one]
    return reached

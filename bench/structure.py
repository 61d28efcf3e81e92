"""The structure of the code: files, functions, folders, cycles, and imports against the order of the rooms.

Run `python -m bench.structure` in a checkout; `python -m bench.structure FOLDER` measures another one. A room is a
folder of a process (or one module at its top); it imports only rooms that stand behind it in `ROOMS`.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from statistics import median

PACKAGES = ("bus", "apps", "services", "store", "llm_worker", "web", "training")

ROOMS = {
    "web": (
        "__main__",
        "serving",
        "app",
        "commands",
        "why",
        "files",
        "api",
        "event_stream",
        "live",
        "server_files",
        "html",
        "html.chat",
        "html.markdown",
        "html.views",
        "html.rows",
        "html.parts",
        "state",
        "served",
        "gate",
        "sign_in",
    ),
    "services.agent": (
        "__main__",
        "handlers",
        "talk",
        "act",
        "prompt",
        "prompt.files",
        "state",
        "own",
        "parse",
        "grounding",
    ),
    "services.jobs": (
        "__main__",
        "schedules",
        "cleaner",
        "orders",
        "queue",
        "rows",
        "run",
        "process",
        "folder",
        "child",
    ),
    "services.mcp": ("__main__", "stdio", "http", "serve", "connect"),
    "services.shell": ("__main__", "complete", "order", "rows", "search", "tables", "values", "lookup", "session"),
    "services": ("cli", "lab", "listeners", "supervise"),
    "store": (
        "__main__",
        "offline",
        "query",
        "inspection",
        "upkeep",
        "cleaner",
        "pruner",
        "app_files",
        "writer",
        "orders",
        "own",
        "tables",
        "file",
    ),
    "llm_worker": (
        "__main__",
        "generations",
        "generation",
        "spool",
        "pulls",
        "players",
        "listing",
        "offers",
        "choice",
        "servers",
        "ollama",
        "merge",
        "embedded",
        "openai",
        "rehearsal",
        "http",
        "keys",
        "problems",
        "contract",
        "player_cards",
        "stream",
    ),
}
"""The rooms of each process, from the top to the ground. Modules that are not named lie below all of them."""


@dataclass(frozen=True)
class Module:
    """A file of ours. `file`: its path in the checkout."""

    name: str
    file: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax. Parsing all files takes seconds, so it waits until somebody asks."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())


@cache
def modules(root: Path) -> dict[str, Module]:
    """Return all modules of the packages below `root`, by their dotted names."""
    files = (file for package in PACKAGES for file in sorted((root / package).rglob("*.py")))
    made = {}
    for file in files:
        if "node_modules" in file.parts:
            continue
        path = file.relative_to(root)
        parts = path.with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        made[name] = Module(name, path, file.read_text())
    return made


def imports(module: Module, known: dict[str, Module]) -> Iterator[tuple[str, int]]:
    """Yield each module of ours that a module imports, and the line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, node.lineno) for one in node.names if one.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                if inner in known or node.module in known:
                    yield (inner if inner in known else node.module), node.lineno


def place(name: str) -> tuple[str, int] | None:
    """Return the process of a module, and how deep its room lies (0: the top); None where there are no rooms."""
    for process, rooms in ROOMS.items():
        if not name.startswith(f"{process}."):
            continue
        own = name.removeprefix(f"{process}.")
        found = [room for room in rooms if own == room or own.startswith(f"{room}.")]
        return process, rooms.index(max(found, key=len)) if found else len(rooms)
    return None


def upward(known: dict[str, Module]) -> list[str]:
    """Return the imports of a room by a lower one, each as a sentence."""
    found = []
    for module in known.values():
        for name, line in imports(module, known):
            here, there = place(module.name), place(name)
            if here and there and here[0] == there[0] and there[1] < here[1]:
                found.append(f"{module.name}:{line} imports {name}, which belongs to a room above it")
    return found


def cycles(known: dict[str, Module]) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or around (Tarjan's algorithm)."""
    arrows = {name: sorted({one for one, _ in imports(module, known)} - {name}) for name, module in known.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in arrows[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = [stack.pop()]
            while group[-1] != name:
                group.append(stack.pop())
            if len(group) > 1:
                groups.append(sorted(group))

    for name in arrows:
        if name not in index:
            visit(name)
    return groups


def folders(known: dict[str, Module]) -> Counter[str]:
    """Return how many modules each folder holds; `__init__.py` is not counted."""
    files = (module.file for module in known.values() if module.file.name != "__init__.py")
    return Counter(file.parent.as_posix() for file in files)


def function_lengths(known: dict[str, Module]) -> list[tuple[int, str]]:
    """Return the lines of each function, with its name, the shortest first."""
    return sorted(
        (node.end_lineno - node.lineno + 1, f"{module.name}.{node.name}")
        for module in known.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )


def main() -> int:
    """Print the figures."""
    known = modules(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
    functions = function_lengths(known)
    lengths = [length for length, _ in functions]
    fullest, most = folders(known).most_common(1)[0]
    sizes = [module.lines for module in known.values()]
    print(f"files                    {len(known)}, median {median(sizes):.0f} lines, longest {max(sizes)}")
    print(f"lines                    {sum(sizes):,}")
    print(f"functions                {len(functions):,}, median {median(lengths):.0f} lines")
    print(f"  under 15 lines         {100 * sum(one < 15 for one in lengths) / len(lengths):.0f} %")
    print(f"  longest                {functions[-1][0]} lines ({functions[-1][1]})")
    print(f"folders                  {len(folders(known))}")
    print(f"  most modules in one    {most} ({fullest})")
    print(f"import cycles            {len(cycles(known))}")
    print(f"imports of a room above  {len(upward(known))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

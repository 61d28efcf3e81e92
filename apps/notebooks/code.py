"""What the Python of a cell uses and makes, found without running it. Pure."""

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from apps.notebooks.cells import Cell

GIVEN = {*dir(builtins), "progress"}
"""Names that every job knows."""
OF_NOTEBOOKS = {"display": "shows something", "input": "asks at the keyboard", "get_ipython": "speaks to the notebook"}
"""Functions that only a notebook has. A step shows what it returns, and asks in a cell with the tag `inputs`."""
COMMAND = re.compile(r"^\s*[%!?]|^\s*\w[\w.]*\?$", re.MULTILINE)
NAMING = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
"""What gives a name beside assignments: `except … as name`, `case name`, `case [*name]`."""
LABEL = re.compile(r"#\s*(.+?)\s*$")
TYPES = {bool: "boolean", int: "integer", float: "real", str: "text"}
Literal = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form: `name = value  # label`. `is_long`: it is written in three quotation marks."""

    name: str
    value: Literal | None
    """None: what a job made, of any type."""
    label: str = ""
    is_long: bool = False

    @property
    def type(self) -> str:
        """The type of the field."""
        return "json" if self.value is None else TYPES[type(self.value)]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a cell. `made`: those that it gives a value at its top level, in order."""

    used: frozenset[str]
    """All that it reads."""
    bound: frozenset[str]
    """All that it gives a value itself, wherever."""
    made: tuple[str, ...]


def parsed(cell: Cell) -> ast.Module:
    """Return the syntax tree, or refuse the cell. `await` at the top level is allowed."""
    try:
        tree = ast.parse(cell.text)
    except (SyntaxError, ValueError) as error:
        if found := COMMAND.search(cell.text):
            raise cell.bad(f"`{found[0].strip()}…` is a command of notebooks. Write plain Python.") from error
        raise cell.bad(f"it is no Python that can be read ({error}).") from error
    for one in (inner for statement in tree.body for inner in _inside(statement)):
        if isinstance(one, ast.Return):
            raise cell.bad(f"line {one.lineno}: this `return` is outside of a function. Give the value a name instead.")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in OF_NOTEBOOKS:
            raise cell.bad(f"line {node.lineno}: `{node.id}` {OF_NOTEBOOKS[node.id]}, and a step has no notebook.")
        if isinstance(node, ast.ImportFrom) and any(one.name == "*" for one in node.names):
            raise cell.bad(f"line {node.lineno}: name what is imported instead of `*`.")
    return tree


def inputs_of(cell: Cell) -> list[Input]:
    """Return the fields of a cell with the tag `inputs`, or refuse it."""
    lines = cell.text.splitlines()
    found = []
    for one in parsed(cell).body:
        if not isinstance(one, ast.Assign) or len(one.targets) != 1 or not isinstance(one.targets[0], ast.Name):
            raise cell.bad(f"line {one.lineno}: only `name = value` can be a field of a form.")
        try:
            value = ast.literal_eval(one.value)
        except ValueError:
            value = None
        if type(value) not in TYPES:
            raise cell.bad(f"line {one.lineno}: the value of a field is a text, a number, True or False.")
        comment = LABEL.search(lines[(one.end_lineno or one.lineno) - 1][one.end_col_offset or 0 :])
        is_long = (ast.get_source_segment(cell.text, one.value) or "").startswith(('"""', "'''"))
        found.append(Input(one.targets[0].id, value, comment[1] if comment else "", is_long))
    return found


def names_of(cell: Cell) -> Names:
    """Return the names of a cell with the tag `job` or `setup`, or refuse it."""
    tree = parsed(cell)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, NAMING) and node.name}
    bound |= {node.rest for node in ast.walk(tree) if isinstance(node, ast.MatchMapping) and node.rest}
    made: list[str] = []
    for one in tree.body:
        made += _made_by(one)
    bound |= set(made) | {name for node in ast.walk(tree) for name in _defined(node)}
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    changed = [node.target for node in ast.walk(tree) if isinstance(node, ast.AugAssign)]  # `n += 1` reads n
    loaded |= {target.id for target in changed if isinstance(target, ast.Name)}
    return Names(frozenset(loaded - GIVEN), frozenset(bound), tuple(dict.fromkeys(made)))


def _inside(one: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement, and those in its blocks: of a loop, a condition … A function's or a class's are its own."""
    yield one
    if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for block in ("body", "handlers", "orelse", "finalbody", "cases"):
        for inner in getattr(one, block, ()):
            yield from _inside(inner)


def _made_by(statement: ast.stmt) -> list[str]:
    """Return the plain names that a statement at the top level gives a value, also in its blocks."""
    return [name for one in _inside(statement) for name in _assigned(one)]


def _assigned(one: ast.AST) -> list[str]:
    targets = one.targets if isinstance(one, ast.Assign) else []
    targets = [one.target] if isinstance(one, ast.AnnAssign | ast.AugAssign) else targets
    names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return [name for name in names if not name.startswith("_")]


def _defined(node: ast.AST) -> list[str]:
    """Return the names that a definition or an import brings."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [one.asname or one.name.partition(".")[0] for one in node.names]
    return []


def definitions_of(cell: Cell) -> set[str]:
    """Return what a cell with the tag `setup` defines. It may only import and define: it runs when the app loads."""
    tree = parsed(cell)
    for one in tree.body:
        if not _defined(one) and not _assigned(one) and not isinstance(one, ast.Expr | ast.If | ast.Try):
            raise cell.bad(f"line {one.lineno}: a setup only imports, defines, and sets constants.")
        if isinstance(one, ast.Expr) and not isinstance(one.value, ast.Constant):
            raise cell.bad(f"line {one.lineno}: a setup only imports, defines, and sets constants.")
    statements = [inner for one in tree.body for inner in _inside(one)]
    return {name for one in statements for name in (*_defined(one), *_assigned(one))}

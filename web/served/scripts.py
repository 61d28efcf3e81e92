"""Several script modules as one file: each becomes a function, in the order in which a browser would run them.

Nothing but this project's own way of writing modules is understood: imports `from "./NAME.js"` at the beginning of a
line, and `export` before a function, class or constant. Anything else is refused with a sentence. Lines that hold
nothing but a comment, and indentation, are left out: they are for those who read the files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bus.errors import PianolaError

IMPORT = re.compile(r'^import (?:(?P<what>\* as \w+|\{[^}]*\}) from )?"\./(?P<name>[\w-]+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+))", re.MULTILINE)
NOT_UNDERSTOOD = re.compile(r"^(?:import[ {*\"]|export[ {*]).*", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*.*?\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^[ \t]+|\n+(?=\n)", re.MULTILINE)
FENCE = "```"
LONG_TEXT = re.compile(r"^[^`\n]*(?:`[^`\n]*`[^`\n]*)*`[^`\n]*$", re.MULTILINE)
"""A line that may begin or end a text of several lines: it has an odd number of backticks."""
RENAMED = re.compile(r"\b(\w+) as (\w+)")


class BadScript(PianolaError):
    """The scripts cannot be made one file."""


@dataclass(frozen=True)
class Module:
    """A script: its text without its imports, what it imports (name and pattern), and what it exports."""

    text: str
    imports: tuple[tuple[str, str], ...]
    exports: tuple[str, ...]


def slim(text: str) -> str:
    """Return a script, or a style sheet, without lines that are comments, empty lines, and indentation.

    One that may have a text of several lines stays as it is: such lines can be a part of the text.
    """
    if LONG_TEXT.search(text.replace(FENCE, "")):
        return text
    return INDENT.sub("", COMMENT.sub("", text)).lstrip("\n")


def parse(name: str, text: str) -> Module:
    """Return a script in its parts; raises `BadScript`."""
    text = slim(text)
    imports = tuple((found["name"], pattern(found["what"] or "")) for found in IMPORT.finditer(text))
    exports = tuple(found["name"] for found in EXPORT.finditer(text))
    rest = EXPORT.sub("", IMPORT.sub("", text))
    if other := NOT_UNDERSTOOD.search(rest):
        raise BadScript(
            f"web/static/{name}.js has “{other[0]:.80}”, which cannot be put into one file with the other scripts. "
            'Write `import … from "./NAME.js";` or `export` before a function, class or const'
        )
    return Module(rest, imports, exports)


def pattern(what: str) -> str:
    """Return what stands to the left of `=` for what stands behind `import`: `{ a as b }` becomes `{ a: b }`."""
    return what.removeprefix("* as ") if what.startswith("*") else RENAMED.sub(r"\1: \2", what)


class Bundle:
    """The modules that a page needs at once: all that the first one imports, and what these import.

    Its script exports `modules`: what each module exports, by name.
    """

    def __init__(self, first: str, texts: Mapping[str, str]) -> None:
        """`texts`: all scripts by name, without `.js`. Raises `BadScript`."""
        self._texts = texts
        self.modules: dict[str, Module] = {}
        """In the order in which they run."""
        self._add(first, ())

    def _add(self, name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            raise BadScript(f"scripts import each other in a circle: {' → '.join((*importers, name))}. Cut it")
        if name in self.modules:
            return
        if name not in self._texts:
            raise BadScript(f"web/static/{importers[-1]}.js imports {name}.js, which is not there")
        module = parse(name, self._texts[name])
        for imported, _ in module.imports:
            self._add(imported, (*importers, name))
        self.modules[name] = module

    @property
    def script(self) -> str:
        """All of them as one script."""
        parts = (self._function(name, module) for name, module in self.modules.items())
        return "export const modules = {};\n" + "".join(parts)

    def _function(self, name: str, module: Module) -> str:
        taken = "".join(self._taken(imported, what) for imported, what in module.imports if what)
        return f'modules["{name}"] = (() => {{\n{taken}{module.text}return {{ {", ".join(module.exports)} }};\n}})();\n'

    @staticmethod
    def _taken(name: str, what: str) -> str:
        return f'const {what} = modules["{name}"];\n'

    def later(self, name: str, address: str) -> str:
        """Return a script that is loaded when it is needed: it takes from this bundle what is in it.

        `address`: of the bundle. What is not in it stays an import.
        """
        text = slim(self._texts[name])

        def take(found: re.Match[str]) -> str:
            if found["name"] not in self.modules:
                return found[0]
            return self._taken(found["name"], pattern(found["what"])) if found["what"] else ""

        return f'import {{ modules }} from "{address}";\n{IMPORT.sub(take, text)}'

    def part(self, name: str, address: str) -> str:
        """Return a script that exports what one module of this bundle exports. `address`: of the bundle."""
        exports = ", ".join(self.modules[name].exports)
        return f'import {{ modules }} from "{address}";\nexport const {{ {exports} }} = modules["{name}"];\n'

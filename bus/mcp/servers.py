"""Servers of tools: tables `[mcp.NAME]` in `pianola.toml`, and in `mcp.toml` of `pianola mcp add` and the page.

    [mcp.files]
    command = ["npx", "-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes"]

    [mcp.weather]
    url = "http://127.0.0.1:8080/mcp"

`pianola.toml` is the user's own file, and is never written by us; `mcp.toml` is never edited by hand.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bus.errors import BadSetting
from bus.files.private import save_private
from bus.servers.tables import api_url, is_loopback, shortened, text_of

NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
KNOWN = ("command", "url", "environment")
MOST_SERVERS = 16
MOST_WORDS = 100
LONGEST_WORD = 4_000

MANUAL = """\

## Servers of tools

The assistant can use tools of other programs by the Model Context Protocol: [mcp.md](mcp.md). Each server has a table:

```toml
[mcp.files]
command = ["npx", "-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes"]

[mcp.weather]
url = "https://example.org/mcp"
```

| in the table | |
|---|---|
| `command` | The program and its arguments. It is started with Pianola, as you. |
| `url` | The address of a server that runs already; instead of `command`. |
| `environment` | Variables for the program, as a table of texts. It gets no others but `HOME`, `PATH` and their like. |

The tables are read again when the file changes. What `pianola mcp add` and the page add is in `mcp.toml`, in the same
form; a name in `pianola.toml` wins.
"""


@dataclass(frozen=True, slots=True)
class McpServer:
    """One table, checked: either `command` or `url`."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    file: str = field(default="pianola.toml", compare=False)
    """Name of the file in which it stands."""

    @property
    def where(self) -> str:
        """What it is, for people: its command line, or its address."""
        return self.url or " ".join(self.command)

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return not self.url or is_loopback(self.url)


def read_mcp(tables: Any) -> tuple[McpServer, ...]:
    """Return the servers in the value of `mcp`, or raise `BadSetting`."""
    if type(tables) is not dict or len(tables) > MOST_SERVERS:
        way_out = f"Write a table for each, at most {MOST_SERVERS}: [mcp.NAME]"
        raise BadSetting("mcp", shortened(tables), "are no tables of servers", way_out)
    return tuple(made(name, table) for name, table in tables.items())


def made(name: str, table: Any) -> McpServer:
    """Return a server, or raise `BadSetting`. `table`: `command` (a list) or `url`, and perhaps `environment`."""
    here = f"mcp.{name}"
    if not NAME.fullmatch(name):
        way_out = "Use lower-case letters, digits and hyphens, a letter first, at most 30"
        raise BadSetting("mcp", shortened(name), "cannot be the name of a server", way_out)
    if type(table) is not dict or ("command" in table) == ("url" in table):
        way_out = f'Write [{here}] and below it either command = ["…"] or url = "https://…"'
        raise BadSetting(here, shortened(table), "names no server", way_out)
    for key in table:
        if key not in KNOWN:
            raise BadSetting(f"{here}.{shortened(key)}", "…", "is not known", f"Known ones: {', '.join(KNOWN)}")
    if "url" in table:
        return McpServer(name, url=api_url(table["url"], f"{here}.url", path="/mcp"))
    return McpServer(name, _command(table["command"], here), environment=_environment(table, here))


def _command(words: Any, here: str) -> tuple[str, ...]:
    proper = type(words) is list and 0 < len(words) <= MOST_WORDS and all(map(_is_word, words)) and words[0].strip()
    if not proper:
        way_out = 'Write command = ["program", "first argument", "second argument"]'
        raise BadSetting(f"{here}.command", shortened(words), "is no command", way_out)
    return tuple(words)


def _environment(table: dict[str, Any], here: str) -> tuple[tuple[str, str], ...]:
    given = table.get("environment", {})
    if type(given) is not dict or len(given) > MOST_WORDS or not all(map(_is_word, (*given, *given.values()))):
        raise BadSetting(f"{here}.environment", "…", "is no table of texts", 'Write environment = { NAME = "value" }')
    return tuple(given.items())


def _is_word(value: Any) -> bool:
    return type(value) is str and len(value) <= LONGEST_WORD and "\0" not in value


def servers_in(file: Path) -> tuple[McpServer, ...]:
    """Return the servers in a file, () when there is none. Raises `BadSetting`."""
    try:
        with file.open("rb") as opened:
            tables = read_mcp(tomllib.load(opened).get("mcp", {}))
            return tuple(replace(one, file=file.name) for one in tables)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise BadSetting(file.name, file, f"cannot be read: {error}", "Correct it, or move it away") from error


def merged(first: Iterable[McpServer], more: Iterable[McpServer]) -> tuple[McpServer, ...]:
    """Return all servers; of two with the same name the one in `first`."""
    return tuple({one.name: one for one in (*more, *first)}.values())[:MOST_SERVERS]


def save_mcp(file: Path, servers: Iterable[McpServer]) -> None:
    """Write the servers that were added. The process `mcp` reads the file again within seconds."""
    save_private(file, "\n".join(_written(one) for one in servers))


def _written(server: McpServer) -> str:
    lines = [f"[mcp.{server.name}]"]
    lines += (
        [f"url = {text_of(server.url)}"] if server.url else [f"command = [{', '.join(map(text_of, server.command))}]"]
    )
    if server.environment:
        pairs = ", ".join(f"{text_of(name)} = {text_of(value)}" for name, value in server.environment)
        lines.append(f"environment = {{ {pairs} }}")
    return "\n".join([*lines, ""])

"""The servers of models beside Ollama: tables `[servers.NAME]` in `pianola.toml`, and in `servers.toml` of the page.

    [servers.lab]
    address = "http://127.0.0.1:8080"       # with or without /v1
    kind = "openai"                         # the default, and the only kind so far
    models = ["qwen3-8b"]                   # show only these

A key does not belong here: it is in `keys.toml`, see `keys.py`. `pianola.toml` is the user's own file, and
is never written by us; what the user adds in the page is in `servers.toml`, which is never edited by hand.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from bus.errors import BadSetting
from bus.files.private import save_private

Kind = Literal["ollama", "openai", "embedded"]

RECOMMENDED_MODEL = "qwen3:4b-instruct"
"""The model of Ollama that we recommend, wherever one is named. It fits most machines (2.5 GB), understands orders, and
answers at once: the plain tag `qwen3:4b` thinks for a page before each answer, and cannot be told not to."""

NAME = re.compile(r"[a-z0-9-]{1,40}")
RESERVED = ("ollama", "rehearsal", "embedded")
KNOWN = ("address", "kind", "models")
MOST_SERVERS = 32
MOST_MODELS = 1_000

MANUAL = """\

## Other servers of models

Besides Ollama, Pianola plays models of any server that speaks OpenAI's chat protocol: llama.cpp's server, LM Studio,
vLLM, or a hosted service. Each has a table in `pianola.toml`:

```toml
[servers.lab]
address = "http://127.0.0.1:8080"
```

| in the table | |
|---|---|
| `address` | `http://…` or `https://…`, as the server's manual gives it. Without a path, `/v1` is added. |
| `kind` | `"openai"`, which is the default. |
| `models` | Which of its models to show, as a list of names. Empty: all that the server lists. |

The name (here `lab`) has lower-case letters, digits and hyphens; `ollama`, `rehearsal` and `embedded` are taken. In the
menu the models are called `lab/NAME`. A server at a loopback address (127.0.0.1, ::1, localhost) is on this machine.
With any other server what is said, and the rows that the model is told, **leave this machine**. Such a model plays only
when you choose it, or name it in `PIANOLA_MODEL`.

The tables are read again when the file changes; a table with a mistake changes nothing then, and the log says why. What
you add in the page is in `servers.toml`, in the same form; a name in `pianola.toml` wins.

A server that wants a key gets it from `keys.toml` in the data folder, never from `pianola.toml`. The file belongs to
you alone (`chmod 600 keys.toml`), and is read again when it changes:

```toml
lab = "the key"
ollama = "a key for the Ollama at OLLAMA_HOST, if it wants one"
```
"""


@dataclass(frozen=True, slots=True)
class ServerTable:
    """One table, checked."""

    name: str
    address: str
    """The URL before `/models` and `/chat/completions`, without a slash at its end."""
    kind: Literal["openai"] = "openai"
    models: tuple[str, ...] = ()
    file: str = field(default="pianola.toml", compare=False)
    """Name of the file in which it stands."""

    @property
    def local(self) -> bool:
        """Whether the server is on this machine."""
        return is_loopback(self.address)


def servers_in(file: Path) -> tuple[ServerTable, ...]:
    """Return the servers in a file, () when there is none. Raises `BadSetting`."""
    try:
        with file.open("rb") as opened:
            import tomllib  # noqa: PLC0415 (most homes have no such file, and each process reads the settings)

            tables = read_servers(tomllib.load(opened).get("servers", {}))
            return tuple(replace(table, file=file.name) for table in tables)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise BadSetting(file.name, file, f"cannot be read: {error}", "Correct it, or move it away") from error


def merged(first: Iterable[ServerTable], more: Iterable[ServerTable]) -> tuple[ServerTable, ...]:
    """Return all servers; of two with the same name the one in `first`."""
    return tuple({one.name: one for one in (*more, *first)}.values())


def save_servers(file: Path, servers: Iterable[ServerTable]) -> None:
    """Write the servers that the user added in the page. The worker reads the file again within seconds."""
    lines = []
    for one in servers:
        lines += [f"[servers.{one.name}]", f"address = {text_of(one.address)}", f"kind = {text_of(one.kind)}"]
        lines += [f"models = [{', '.join(map(text_of, one.models))}]", ""]
    save_private(file, "\n".join(lines))


def text_of(value: str) -> str:
    """Return a text as TOML writes it: as in JSON, but for the character U+007F."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_servers(tables: Any) -> tuple[ServerTable, ...]:
    """Return the servers in the value of `servers`, or raise `BadSetting`."""
    if type(tables) is not dict or len(tables) > MOST_SERVERS:
        way_out = f"Write a table for each, at most {MOST_SERVERS}: [servers.NAME]"
        raise BadSetting("servers", shortened(tables), "are no tables of servers", way_out)
    return tuple(_read(name, table) for name, table in tables.items())


def _read(name: str, table: Any) -> ServerTable:
    here = f"servers.{name}"
    if not NAME.fullmatch(name) or name in RESERVED:
        way_out = f"Use lower-case letters, digits and hyphens, and none of {', '.join(RESERVED)}"
        raise BadSetting("servers", name, "cannot be the name of a server", way_out)
    if type(table) is not dict:
        raise BadSetting(here, shortened(table), "is no table", f'Write [{here}] and below it address = "http://…"')
    for key in table:
        if key not in KNOWN:
            hint = ". A key belongs into keys.toml" if "key" in key or "token" in key else ""
            raise BadSetting(f"{here}.{key}", "…", "is not known", f"Known ones: {', '.join(KNOWN)}{hint}")
    kind = table.get("kind", "openai")
    if kind != "openai":
        raise BadSetting(f"{here}.kind", shortened(kind), "is not known", 'Write kind = "openai", or leave it out')
    return ServerTable(name, api_url(table.get("address"), f"{here}.address"), "openai", _models(table, here))


def _models(table: dict[str, Any], here: str) -> tuple[str, ...]:
    models = table.get("models", [])
    proper = type(models) is list and all(type(one) is str and one.strip() for one in models)
    if not proper or len(models) > MOST_MODELS:
        way_out = 'Write models = ["one", "another"]'
        raise BadSetting(f"{here}.models", shortened(models), "is not a list of names", way_out)
    return tuple(dict.fromkeys(one.strip() for one in models))


def api_url(address: Any, name: str, path: str = "/v1") -> str:
    """Return the URL of an API. Without a path it gets this one. `name`: of the setting, for the error."""
    way_out = 'Write it as http://host:port or https://host/path, for example "http://127.0.0.1:8080"'
    if type(address) is not str or not address.strip():
        raise BadSetting(name, "" if address is None else shortened(address), "is not an address", way_out)
    text = address.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadSetting(name, shortened(text), f"cannot be read ({error})", way_out) from error
    if "@" in parts.netloc:
        raise BadSetting(name, "…", "holds a name or a key before the @", "A key belongs into keys.toml")
    proper = parts.scheme in ("http", "https") and parts.hostname and port != 0
    if not proper or parts.query or parts.fragment or not text.isprintable() or " " in text:
        raise BadSetting(name, shortened(text), "is not an address of http or https", way_out)
    return text if parts.path else f"{text}{path}"


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine: 127.0.0.0/8, ::1 or localhost."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def shortened(value: object) -> str:
    """Return a wrong value as a text for a sentence."""
    return str(value)[:80]

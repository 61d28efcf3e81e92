"""Generate docs/messages.md and docs/settings.md from the code: `python -m bus.manual`."""

import inspect
import sys
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from bus.mcp import servers as tools
from bus.messages import CATALOGUE, Message
from bus.servers import tables as models
from bus.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"

MESSAGES_HEAD = """\
# The messages

Generated from `bus/messages.py` by `python -m bus.manual`. The order is that of a click: what the user does first,
what follows after it. The bytes of a message, and how to receive one: [attach.md](attach.md).

A field without a default must be present. A missing field, or one of the wrong type, makes the message bad, and a bad
message is dropped; an order is then refused. Unknown fields are ignored. The `cause` of a message that may begin a
chain can be empty: a click, a question of a process by itself, a beat.
"""

SETTINGS_HEAD = """\
# The settings

Generated from `bus/settings.py` by `python -m bus.manual`. Set each one as an environment variable, or under the name
in the second column in the file `pianola.toml` in the data folder (`port = 5002`, `ollama_host = "192.168.1.5"`). The
environment variable wins. With a wrong value nothing is started, and a sentence says what is wrong.

Those that are marked “page” can also be changed while everything runs: *Settings*, *All settings …* in the page. A
value that was chosen there wins. It is kept in the store, and can be undone. The others need a restart.

| variable | in `pianola.toml` | default | change | |
|---|---|---|---|---|
"""


def messages_page() -> str:
    """Return docs/messages.md."""
    return "\n".join([MESSAGES_HEAD, *(_message(kind, message) for kind, message in CATALOGUE.items())])


def _message(kind: str, message: type[Message]) -> str:
    lines = [f"## `{kind}`", "", inspect.cleandoc(message.__doc__ or ""), ""]
    if message.answers:
        answers = ", ".join(f"`{answer}`" for answer in message.answers)
        lines += [f"Answered by {message.receiver} with {answers}.", ""]
    if message.speaker:
        lines += [f"Believed only from {message.speaker}.", ""]
    lines += ["May begin a chain of causes." if message.begins else "Always names its cause.", ""]
    hints = get_type_hints(message)
    declared = fields(message)  # type: ignore[arg-type]  # `says` makes each message a dataclass
    if declared:
        lines += ["| field | type | default |", "|---|---|---|"]
        lines += [f"| `{one.name}` | {_type(hints[one.name])} | {_default(one)} |" for one in declared]
        lines += [""]
    return "\n".join(lines)


def _type(hint: Any) -> str:
    if get_origin(hint) in (dict, list):
        return {"dict": "map", "list": "list of maps"}[get_origin(hint).__name__]
    names = [str(option) if isinstance(option, str) else _name(option) for option in get_args(hint) or (hint,)]
    return " or ".join(names)


def _name(kind: type) -> str:
    return {"str": "text", "int": "integer", "float": "number", "bool": "true or false"}[kind.__name__]


def _default(one: Any) -> str:
    if one.default is not MISSING:
        return f"`{one.default!r}`"
    return f"`{one.default_factory()!r}`" if one.default_factory is not MISSING else "(must be given)"


def settings_page() -> str:
    """Return docs/settings.md."""
    return SETTINGS_HEAD + "".join(_setting(one) for one in fields(Settings)) + models.MANUAL + tools.MANUAL


def _setting(one: Any) -> str:
    in_file = "" if one.name == "home" else f"`{one.name}`"
    default = "" if one.default in (MISSING, ()) else f"`{one.default!r}`"
    variable = f"`{one.metadata['variable']}`" if one.metadata["variable"] else ""
    change = "page" if one.metadata.get("running") else "restart"
    return f"| {variable} | {in_file} | {default} | {change} | {one.metadata['manual']} |\n"


def pages() -> dict[Path, str]:
    """Return each generated file with its text."""
    return {DOCS / "messages.md": messages_page(), DOCS / "settings.md": settings_page()}


def main() -> int:
    """Write all generated files."""
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{file.relative_to(DOCS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

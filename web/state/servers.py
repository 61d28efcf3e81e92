"""The servers of models as the page shows them, and the checks of what a user types about one. Pure.

A key is checked here and goes no further than the file: what is shown of it is only that there is one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from bus.errors import BadSetting
from bus.messages import LlmListed
from bus.servers.keys import MAX_KEY_CHARACTERS
from bus.servers.tables import MOST_SERVERS, NAME, RESERVED, ServerTable, api_url

OLLAMA = "ollama"
"""Name and kind of the server that is there without a table."""
EMBEDDED = "embedded"
"""Name and kind of the engine that Pianola itself starts. It makes its own key."""
LONGEST_ADDRESS = 500
SHOWN_CHARACTERS = 60
"""Of a wrong value, in the sentence about it."""


@dataclass(frozen=True, slots=True)
class KnownServers:
    """What the files say."""

    tables: tuple[ServerTable, ...] = ()
    """The servers of `pianola.toml` and of the page. `file` says where each stands."""
    with_key: frozenset[str] = frozenset()
    """Names of those that have a key."""
    problems: tuple[str, ...] = ()
    """Why a file cannot be used; a sentence for each."""
    keys: frozenset[str] = frozenset()
    """Names of all keys, also of those for jobs."""


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """One server in the dialog."""

    name: str
    address: str
    kind: str
    local: bool
    file: str = ""
    """Where it stands: pianola.toml or servers.toml; "" for Ollama and the engine of Pianola's own."""
    has_key: bool = False
    models: int = 0
    problem: str = ""
    listed: bool = True
    """Whether the worker knows it already, as it stands in the file."""

    @property
    def editable(self) -> bool:
        """Whether it was added in the page."""
        return self.file == "servers.toml"

    @property
    def takes_key(self) -> bool:
        """Whether the user can give it a key."""
        return self.kind != EMBEDDED


def entries(known: KnownServers, listed: LlmListed | None) -> tuple[ServerEntry, ...]:
    """Return all servers: those that are there without a table, then those of the files."""
    told = {str(one["name"]): one for one in (listed.servers if listed else ())}
    models = [str(model.get("server")) for model in (listed.models if listed else ())]
    built_in = (
        ServerEntry(name, str(one.get("address", "")), str(one.get("kind", "")), bool(one.get("local")))
        for name, one in told.items()
        if name in (OLLAMA, EMBEDDED)
    )
    from_files = (
        ServerEntry(
            one.name,
            one.address,
            one.kind,
            one.local,
            one.file,
            listed=told.get(one.name, {}).get("address") == one.address,
        )
        for one in known.tables
    )
    return tuple(
        replace(
            one,
            has_key=one.name in known.with_key,
            models=models.count(one.name),
            problem=str(told.get(one.name, {}).get("problem", "")) if one.listed else "",
        )
        for one in (*built_in, *from_files)
    )


# --- the checks ---


def checked(sent: Mapping[str, str], known: KnownServers) -> tuple[ServerTable | None, dict[str, str]]:
    """Return the server in the form, None with a sentence for each field (`name`, `address`, `secret`) that is bad."""
    name, address = sent.get("name", "").strip(), sent.get("address", "").strip()
    sentences = {
        "name": name_problem(name, [one.name for one in known.tables]),
        "address": address_problem(address),
        "secret": key_problem(sent.get("secret", "")),
    }
    problems = {field: sentence for field, sentence in sentences.items() if sentence}
    if problems:
        return None, problems
    return ServerTable(name, api_url(address, "address"), file="servers.toml"), {}


def name_problem(name: str, taken: Collection[str]) -> str:
    """Return why a name cannot be given to a new server; "" if it can."""
    if not name:
        return "A server needs a name. Write a short one, such as lab."
    if not NAME.fullmatch(name):
        return (
            f"“{short(name)}” cannot be the name of a server. Write 1 to 40 lower-case letters, digits and hyphens, "
            "such as lab."
        )
    if name in (*RESERVED, EMBEDDED):
        return f"“{name}” is the name of something else here. Choose another name, such as lab."
    if name in taken:
        return f"There is a server “{name}” already. Choose another name, or remove that one first."
    if len(taken) >= MOST_SERVERS:
        return f"There are {len(taken)} servers, which is the most that can be kept. Remove one first."
    return ""


def address_problem(address: str) -> str:
    """Return why an address cannot be one; "" if it can. What could be a key is not repeated."""
    way_out = "Write it as http://host:port or https://host/path, such as http://127.0.0.1:8080"
    if not address:
        return f"A server needs an address. {way_out}."
    if len(address) > LONGEST_ADDRESS:
        return f"The address has {len(address):,} characters, at most {LONGEST_ADDRESS} are possible. {way_out}."
    if has_more_than_an_address(address):
        return (
            "The address has a part that does not belong to it (before an @, or after a ? or #). Write it without that "
            "part; a key has a field of its own."
        )
    try:
        api_url(address, "address")
    except BadSetting:
        return f"“{short(address)}” is not an address of http or https. {way_out}."
    return ""


def has_more_than_an_address(address: str) -> bool:
    """Return whether an address has a part in which a key may stand: before an @, or after a ? or #."""
    rest = address.partition("://")[2] or address
    return "@" in rest.partition("/")[0] or "?" in rest or "#" in rest


def key_problem(key: str) -> str:
    """Return why a text cannot be a key; "" if it can, or is empty. The text itself is in no sentence."""
    if len(key) > MAX_KEY_CHARACTERS:
        return f"The key has {len(key):,} characters, at most {MAX_KEY_CHARACTERS:,} are possible. Copy only the key."
    if not all("!" <= letter <= "~" for letter in key.strip()):
        return (
            "The key has a line break, a space or another character that no key can have. Copy it again, in one line "
            "and without quotation marks."
        )
    return ""


def short(value: str) -> str:
    """Return a wrong value for a sentence."""
    printable = "".join(letter if letter.isprintable() else "�" for letter in value)
    return printable if len(printable) <= SHOWN_CHARACTERS else f"{printable[:SHOWN_CHARACTERS]}…"

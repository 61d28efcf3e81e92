"""The settings, read from the environment or from `$PIANOLA_HOME/pianola.toml` (the environment wins).

Each field holds its own manual; docs/settings.md is generated from it (`python -m bus.manual`).
"""

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bus.errors import BadHome, BadSetting
from bus.mcp.servers import McpServer, read_mcp
from bus.servers.tables import ServerTable, api_url, is_loopback, read_servers

LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103
"""Most bytes that the system allows in the path of a Unix socket."""

TABLES = ("servers", "mcp")
"""Settings that are tables of the file; no environment variable has them."""

LOG_FORMATS = ("text", "json")

LONGEST_SOCKET_NAME = "supervisor.sock.9999999"


def setting(default: Any, variable: str, manual: str, *, running: bool = False) -> Any:
    """Declare a field with its environment variable and the text that explains it.

    `running`: it can be changed in the page while everything runs. The value is then a row of the table `setting`
    with the name of the field, which wins (`in_force`).
    """
    return field(default=default, metadata={"variable": variable, "manual": manual, "running": running})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Each process makes them once, with `load`."""

    home: Path = field(
        metadata={
            "variable": "PIANOLA_HOME",
            "manual": "Folder of all data. It is created if absent, for you alone (mode 0700). "
            "Default: `pianola` in the platform's folder for user data.",
        }
    )
    port: int = setting(5001, "PIANOLA_PORT", "TCP port of the web page. Only this machine can reach it (loopback).")
    lab_port: int = setting(
        5002,
        "PIANOLA_LAB_PORT",
        "TCP port of JupyterLab, which `pianola up --lab` starts. Only this machine can reach it (loopback).",
    )
    ollama_host: str = setting(
        "http://127.0.0.1:11434",
        "OLLAMA_HOST",
        "Address of Ollama, written as for Ollama's own tools: `host`, `:port`, `host:port` or `http(s)://…`.",
    )
    model: str = setting(
        "",
        "PIANOLA_MODEL",
        "Model to use until the user chooses another. Empty: a loaded one, else the best for this machine by kind and "
        "size; never one that is elsewhere.",
        running=True,
    )
    gguf: str = setting(
        "",
        "PIANOLA_GGUF",
        "Path of a model file (GGUF) that the embedded engine serves, beside those in the folder `models` of the data "
        "folder. It needs the extra `embedded` (`make embedded`).",
    )
    model_host: str = setting(
        "https://huggingface.co",
        "PIANOLA_MODEL_HOST",
        "Host of the model files that the embedded engine gets when you ask for one: `https://…`, or a mirror of it.",
    )
    botify_host: str = setting(
        "https://api.botify.com/v1",
        "PIANOLA_BOTIFY_HOST",
        "Base address of Botify's API, which an import of links asks. Only tests and mirrors need another one.",
    )
    first_token_seconds: float = setting(
        600.0,
        "PIANOLA_FIRST_TOKEN_SECONDS",
        "Longest wait for the first token, in seconds. A large model takes long to load.",
    )
    idle_seconds: float = setting(
        60.0,
        "PIANOLA_IDLE_SECONDS",
        "Longest wait between two tokens, in seconds. Then the answer counts as broken off.",
    )
    title_seconds: int = setting(
        20,
        "PIANOLA_TITLE_SECONDS",
        "After so many seconds without a question the model gives a new conversation a title, unless the mode is "
        "quiet. A title of yours stays. 0: never.",
        running=True,
    )
    comments_per_minute: int = setting(
        12,
        "PIANOLA_COMMENTS_PER_MINUTE",
        "Most remarks per minute in chatty mode; a third of it in ambient mode.",
        running=True,
    )
    comment_tokens_per_hour: int = setting(
        120_000,
        "PIANOLA_COMMENT_TOKENS_PER_HOUR",
        "Most tokens that remarks may use per hour, read and written together. Each remark reads the whole prompt.",
        running=True,
    )
    backup_days: int = setting(
        14,
        "PIANOLA_BACKUP_DAYS",
        "Days for which the automatic daily backups of the database are kept. 0: none are made.",
        running=True,
    )
    history_days: int = setting(
        365,
        "PIANOLA_HISTORY_DAYS",
        "How long the history keeps a change, in days. An older one cannot be undone, and is no part of Why? any more.",
        running=True,
    )
    jobs_at_once: int = setting(
        10,
        "PIANOLA_JOBS_AT_ONCE",
        "How many jobs (long work of apps) run at the same time; others wait.",
        running=True,
    )
    job_memory_mb: int = setting(
        2048,
        "PIANOLA_JOB_MEMORY_MB",
        "Memory that one job may use, in megabytes (of its address space).",
        running=True,
    )

    desktop_reminders: int = setting(
        0,
        "PIANOLA_DESKTOP_REMINDERS",
        "1: while no page is open, the desktop tells what becomes due (by `notify-send`, on macOS by `osascript`). "
        "0: it does not; the page tells it first when it is opened.",
        running=True,
    )

    log_format: str = setting(
        "text",
        "PIANOLA_LOG_FORMAT",
        "How lines of `logs/bus.log` look, and those that processes print: `text` for people, `json` (an object each) "
        "for tools.",
    )

    servers: tuple[ServerTable, ...] = setting(
        (),
        "",
        "Other servers of models, as tables `[servers.NAME]`: see below.",
    )

    mcp: tuple[McpServer, ...] = setting(
        (),
        "",
        "Servers of tools for the assistant, as tables `[mcp.NAME]`: see below.",
    )

    @property
    def run(self) -> Path:
        """The folder of sockets and locks."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """The folder of log files."""
        return self.home / "logs"

    @property
    def apps(self) -> Path:
        """The folder of the user's own apps: a Python file for each, or a folder."""
        return self.home / "apps"

    @property
    def jobs(self) -> Path:
        """The folder of the files that jobs make: one folder for each, named by its id."""
        return self.home / "jobs"

    @property
    def database(self) -> Path:
        """The SQLite file. Only the store opens it."""
        return self.home / "pianola.db"

    @property
    def backups(self) -> Path:
        """The folder of backups of the database."""
        return self.home / "backups"

    @property
    def snapshots(self) -> Path:
        """The folder of copies of the database that `pianola sql` reads."""
        return self.home / "snapshots"

    @property
    def token_file(self) -> Path:
        """The file of the web token, 0600."""
        return self.home / "token"

    @property
    def host_file(self) -> Path:
        """The file of the page's own host name, 0600."""
        return self.home / "host"

    @property
    def sessions_file(self) -> Path:
        """The file of the browsers that are signed in, 0600. Web alone writes it."""
        return self.home / "sessions.json"

    @property
    def servers_file(self) -> Path:
        """The file of the servers that the user added in the page. Web writes it, the worker reads it."""
        return self.home / "servers.toml"

    @property
    def mcp_file(self) -> Path:
        """The file of the servers of tools that were added. `pianola mcp` and web write it, mcp reads it."""
        return self.home / "mcp.toml"

    @property
    def settings_file(self) -> Path:
        """The user's own file of settings."""
        return self.home / "pianola.toml"

    @property
    def keys_file(self) -> Path:
        """The file of the keys that servers of models want, 0600. Only the worker and web read or write it."""
        return self.home / "keys.toml"

    @property
    def clients_file(self) -> Path:
        """The file of the clients' keys as hashes, 0600. `pianola key` writes it, web reads it."""
        return self.home / "clients.json"

    @property
    def publish_endpoint(self) -> str:
        """The endpoint to which a PUB socket connects."""
        return f"ipc://{self.run}/publish"

    @property
    def subscribe_endpoint(self) -> str:
        """The endpoint to which a SUB socket connects."""
        return f"ipc://{self.run}/subscribe"


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the settings, and create the folders. Raises `BadSetting` or `BadHome`."""
    home = home_of(environment)
    make_home(home)
    return read(home, environment)


def home_of(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the data folder: the one that is named, else the default one."""
    named = environment.get("PIANOLA_HOME")
    return Path(named).expanduser().absolute() if named else default_home()


def read(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the settings of a data folder, which may be missing; change nothing. Raises `BadSetting`."""
    values = _from_file(home / "pianola.toml")
    for one in fields(Settings):
        if one.name not in ("home", *TABLES) and environment.get(one.metadata["variable"], "") != "":
            values[one.name] = environment[one.metadata["variable"]]
    return Settings(home=home, **{name: checked(name, value) for name, value in values.items()})


def default_home() -> Path:
    """Return the platform's folder for the data of this program."""
    from platformdirs import user_data_path  # noqa: PLC0415 (not needed when PIANOLA_HOME is set)

    return user_data_path("pianola")


def make_home(home: Path) -> None:
    """Create the data folder and the folders in it, for this user alone. Refuse one that others can read or write."""
    check_length(home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(home)
        for folder in (home / "run", home / "logs", home / "spool"):
            folder.mkdir(mode=0o700, exist_ok=True)
            _check_private(folder)
        (home / "run" / ".writable").touch(mode=0o600)
    except OSError as error:
        raise BadHome(
            home, f"cannot be used: {error.strerror}", "Make it a folder in which you may write, or choose another one"
        ) from error


def check_length(home: Path) -> None:
    """Raise `BadHome` if the path is too long for the sockets in it."""
    longest = len(os.fsencode(home / "run" / LONGEST_SOCKET_NAME))
    if longest > LONGEST_SOCKET_PATH:
        problem = f"a socket in it would have a path of {longest} bytes, and the system allows {LONGEST_SOCKET_PATH}"
        raise BadHome(
            home,
            f"is too long: {problem}",
            "Choose a shorter folder, for example PIANOLA_HOME=~/.pianola",
        )


def _check_private(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise BadHome(folder, "is not a folder (or is a link)", "Choose a folder of your own")
    if found.st_uid != os.geteuid():
        raise BadHome(folder, f"belongs to user {found.st_uid}, not to you", "Choose a folder of your own")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077 and not any(folder.iterdir()):
        folder.chmod(0o700)  # while it was empty, nobody could read anything in it
    elif mode & 0o077:
        raise BadHome(
            folder,
            f"can be entered by other users (mode {mode:04o}): they could read your data and the bus",
            f"Make it private: chmod 700 {folder}",
        )


def _from_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    import tomllib  # noqa: PLC0415 (most homes have no such file)

    try:
        with file.open("rb") as opened:
            values = tomllib.load(opened)
    except (OSError, ValueError) as error:
        raise BadSetting("pianola.toml", file, f"cannot be read: {error}", "Correct it, or move it away") from error
    known = {one.name for one in fields(Settings)} - {"home"}
    for name in values:
        if name not in known:
            way_out = f"Known ones: {', '.join(sorted(known))}"
            raise BadSetting(name, values[name], f"in {file} is not a setting", way_out)
    return values


def running_settings() -> tuple[str, ...]:
    """Return the names of the settings that can be changed while everything runs."""
    return tuple(one.name for one in fields(Settings) if one.metadata.get("running"))


def in_force(settings: Settings, name: str, chosen: Any) -> Any:
    """Return the value of a setting now. `settings`: as at the start. `chosen`: in the page; None for nothing."""
    try:
        return getattr(settings, name) if chosen is None or chosen == "" else checked(name, chosen)
    except BadSetting:  # written past the page: it is of no use
        return getattr(settings, name)


def checked(name: str, value: Any) -> Any:
    """Return the value of a setting, converted to its type, or raise `BadSetting`."""
    one = next(one for one in fields(Settings) if one.name == name)
    variable = one.metadata["variable"]
    if name == "ollama_host":
        return ollama_url(str(value))
    if name in ("model_host", "botify_host"):
        return host_url(str(value), variable)
    if name == "log_format" and value not in LOG_FORMATS:
        raise BadSetting(variable, value, "is no format of logs", f"Known ones: {', '.join(LOG_FORMATS)}")
    if name == "mcp":
        return read_mcp(value)
    if name == "servers":
        return read_servers(value)
    wanted: Any = type(one.default)
    try:
        made = wanted(value)
    except (TypeError, ValueError) as error:
        raise BadSetting(variable, value, f"is not a number ({wanted.__name__})", f"Default: {one.default}") from error
    if name in ("port", "lab_port") and not 1024 <= made <= 65535:
        raise BadSetting(variable, value, "is not a port from 1024 to 65535", f"Default: {one.default}")
    lowest_allowed = name in ("backup_days", "title_seconds", "desktop_reminders") and made == 0
    if wanted in (int, float) and not 0 < made < 10**9 and not lowest_allowed:
        raise BadSetting(variable, value, "is not a positive number", f"Default: {one.default}")
    return made


def host_url(text: str, name: str) -> str:
    """Return the URL of a host that is asked over https; http will do on this machine. `name`: of the setting."""
    url = api_url(text, name, path="")
    if url.startswith("http:") and not is_loopback(url):
        raise BadSetting(name, text, "is not an address of https", "Write it as https://host, or https://host/path")
    return url


def ollama_url(text: str) -> str:
    """Return the URL for a value of `OLLAMA_HOST`, as Ollama's own tools read it. Without a scheme, port 11434."""
    from urllib.parse import urlsplit  # noqa: PLC0415 (needed only when the address is set)

    text = text.strip().strip("\"'").strip().rstrip("/")
    way_out = "Write it as host, host:port or http://host:port, for example OLLAMA_HOST=127.0.0.1:11434"
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    rest = f"[{rest}]" if rest.count(":") > 1 and "[" not in rest and "/" not in rest else rest  # a bare IPv6 address
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port
    except ValueError as error:
        raise BadSetting("OLLAMA_HOST", text, f"cannot be read ({error})", way_out) from error
    if scheme not in ("http", "https") or "@" in parts.netloc or " " in rest or parts.query or port == 0:
        raise BadSetting("OLLAMA_HOST", text, "is not an address of http or https", way_out)
    default = 11434 if not separator else {"http": 80, "https": 443}[scheme]
    host = parts.hostname or "127.0.0.1"
    if host in ("0.0.0.0", "::"):  # noqa: S104 (an address to listen on is replaced by one to connect to)
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{port or default}{parts.path}"

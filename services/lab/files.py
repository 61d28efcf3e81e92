"""The lab, as the command `pianola` and its process see it: a folder of notebooks, a token, an address."""

import json
import os
import secrets
import shutil
from importlib.util import find_spec
from pathlib import Path

from bus.code.folder import CODE, how_to_install
from bus.errors import PianolaError
from bus.settings import Settings
from services.supervise.ports import HOST, check_port

PACKAGE = "jupyterlab"
NOTEBOOK = "pianola.ipynb"
EXAMPLE = CODE / "examples" / NOTEBOOK
"""The notebook that a new folder gets."""
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
"""Settings of JupyterLab, unless the user has chosen others: it does not ask whether it may fetch news."""


class NoLab(PianolaError):
    """JupyterLab is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "`--lab` needs JupyterLab, which is not installed. Nothing was started. Install it with "
            f"`{how_to_install('lab')}`, then start with `pianola up --lab`; or start without `--lab`."
        )


class SamePort(PianolaError):
    """The lab and the page are to listen on one port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"PIANOLA_LAB_PORT={port} is the port of the page. Nothing was started. Choose another one for JupyterLab, "
            f"for example PIANOLA_LAB_PORT={port + 1 if port < 65535 else 5002}."
        )


def installed() -> bool:
    """Return whether JupyterLab is there."""
    return find_spec(PACKAGE) is not None


def folder(settings: Settings) -> Path:
    """Return the folder of notebooks. It is the user's: what stands in it is never overwritten."""
    return settings.home / "lab"


def runtime_folder(settings: Settings) -> Path:
    """Return where Jupyter keeps what lasts as long as it runs: sockets, keys of kernels, the secret of its cookies."""
    return settings.run / "lab"


def config_folder(settings: Settings) -> Path:
    """Return a folder of Jupyter's configuration; the user's own folders and choices count more."""
    return runtime_folder(settings) / "config"


def token_file(settings: Settings) -> Path:
    """Return the file of the token, 0600; a new one at each start of everything."""
    return settings.run / "lab.token"


def address(settings: Settings) -> str:
    """Return the URL, without the token."""
    return f"http://{HOST}:{settings.lab_port}/lab/tree/{NOTEBOOK}"


def login_url(settings: Settings) -> str:
    """Return the URL with the token."""
    return f"{address(settings)}?token={token_file(settings).read_text()}"


def require() -> None:
    """Raise `NoLab` if JupyterLab is not there."""
    if not installed():
        raise NoLab


def check_port_of(settings: Settings) -> None:
    """Raise `SamePort` or `PortTaken` if JupyterLab could not listen."""
    if settings.lab_port == settings.port:
        raise SamePort(settings.port)
    check_port(settings.lab_port, "PIANOLA_LAB_PORT", "JupyterLab")


def prepare(settings: Settings) -> None:
    """Make a new token, remove what an earlier run left, and put the notebook there if it is missing."""
    shutil.rmtree(runtime_folder(settings), ignore_errors=True)
    runtime_folder(settings).mkdir(mode=0o700)
    defaults = config_folder(settings) / "labconfig" / "default_setting_overrides.json"
    defaults.parent.mkdir(parents=True)
    defaults.write_text(json.dumps(QUIET))
    token_file(settings).unlink(missing_ok=True)
    with open(os.open(token_file(settings), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32))
    folder(settings).mkdir(mode=0o700, exist_ok=True)
    if not (folder(settings) / NOTEBOOK).exists():
        shutil.copyfile(EXAMPLE, folder(settings) / NOTEBOOK)


def forget(settings: Settings) -> None:
    """Remove what an earlier run with the lab left in the folder `run`: this one has none."""
    token_file(settings).unlink(missing_ok=True)

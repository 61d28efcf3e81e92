"""lab: runs JupyterLab on this machine alone, in the folder of notebooks. It is no process of the bus.

A notebook may join the bus as any program may (`examples/pianola.ipynb`). This process becomes JupyterLab: whoever
kills it kills JupyterLab, and the kernels of the notebooks end by themselves. It ends with `pianola up`, also when
supervisord is killed.
"""

import os
import runpy
import signal
import sys
import threading
import time

from bus.errors import EXIT_REFUSED, PianolaError
from bus.processes.parent import parent
from bus.settings import Settings, load
from services.lab.files import NOTEBOOK, PACKAGE, config_folder, folder, runtime_folder, token_file
from services.supervise.ports import HOST

TICK_SECONDS = 0.5
"""Time between two looks at the process that started us."""


def options(settings: Settings) -> list[str]:
    """Return JupyterLab's command line, without the token: every user of the machine can read command lines."""
    chosen = {
        "ServerApp.ip": HOST,
        "ServerApp.port": settings.lab_port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.allow_remote_access": False,
        "ServerApp.allow_root": os.geteuid() == 0,
        "ServerApp.root_dir": folder(settings),
        "ServerApp.default_url": f"/lab/tree/{NOTEBOOK}",
        # Nothing is asked of another machine: no news, no newer versions, no list of extensions.
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
    }
    return [f"--{name}={value}" for name, value in chosen.items()]


def environment(settings: Settings) -> dict[str, str]:
    """Return its environment variables: the token, a folder for what lasts as long as it runs, and our defaults."""
    paths = (os.environ.get("JUPYTER_CONFIG_PATH", ""), str(config_folder(settings)))
    return {
        "JUPYTER_TOKEN": token_file(settings).read_text(),
        "JUPYTER_RUNTIME_DIR": str(runtime_folder(settings)),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(path for path in paths if path),
    }


def end_with(parent: int) -> None:
    """Wait until the process that started us is gone, then end ourselves as SIGTERM does."""
    while os.getppid() == parent:
        time.sleep(TICK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """Become JupyterLab, until SIGTERM; return the exit code."""
    started_by = parent()
    try:
        settings = load()
        os.environ |= environment(settings)
        os.chdir(folder(settings))
    except (OSError, PianolaError) as problem:
        sys.stderr.write(f"lab: JupyterLab cannot be started: {problem}. Start everything with `pianola up --lab`.\n")
        return EXIT_REFUSED
    threading.Thread(target=end_with, args=(started_by,), daemon=True).start()
    sys.argv = [PACKAGE, *options(settings)]
    runpy.run_module(PACKAGE, run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Imports run one way: bus, then apps, then the processes, which know nothing of each other, nor of any single app.

And nothing dangerous.
"""

import ast
import re

import pytest

from bench.structure import PACKAGES, Module, modules
from tests.support.system import ROOT

SERVICES_BY_PROCESS = {
    "services.broker": "broker",
    "services.logger": "logger",
    "services.jobs": "jobs",
    "services.shell": "shell",
    "services.mcp": "mcp",
    "services.agent": "agent",
    "services.supervise.supervisord": "supervisord",
}
"""What of services/ belongs to which process; all else belongs to the command `pianola`."""

KNOW_NO_APP = ("broker", "logger", "llm_worker", "supervisord", "pianola")

LANGUAGE = "apps.words"
"""How people write days and amounts: it uses the bus only, and whoever knows no app may use it."""

KNOWN = modules(ROOT)


def owner(module: str) -> str:
    """Return who a module belongs to: bus, apps, or a process."""
    parts = module.split(".")
    if parts[0] != "services":
        return parts[0]
    places = (".".join(parts[:depth]) for depth in range(len(parts), 1, -1))
    process = next((SERVICES_BY_PROCESS[place] for place in places if place in SERVICES_BY_PROCESS), "pianola")
    return process if len(parts) > 1 else "services"


def imports(module: Module) -> list[tuple[int, str]]:
    """Return each module of ours that a module imports, with the line."""
    found = []
    for node in ast.walk(module.tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found += [(node.lineno, name) for name in names if name.split(".")[0] in PACKAGES]
    return found


def broken_rule(importer: str, imported: str) -> str:
    """Return the rule that an import breaks, "" for none."""
    if importer == imported or imported in ("bus", "services"):
        return ""
    if imported == "training":
        return "no part of the product knows how players are taught"
    if importer == "training":  # a tool: it makes prompts and reads answers by the product's own code
        return ""
    if importer == "bus":
        return "bus imports nothing else of ours"
    if importer == "apps":
        return "apps import bus only"
    if imported == "apps":
        return f"{importer} knows no app" if importer in KNOW_NO_APP else ""
    return f"{importer} imports another process ({imported}): they meet on the bus only"


def test_imports_run_one_way():
    broken = [
        f"{module.file}:{line} imports {name}: {rule}"
        for module in KNOWN.values()
        for line, name in imports(module)
        if not is_in(LANGUAGE, name) and (rule := broken_rule(owner(module.name), owner(name)))
    ]

    assert not broken, "\n".join(broken)


def is_in(package: str, module: str) -> bool:
    """Return whether a module is a package or belongs to it."""
    return module == package or module.startswith(f"{package}.")


def test_the_words_of_people_need_no_app():
    others = [
        name
        for module in KNOWN.values()
        if is_in(LANGUAGE, module.name)
        for _, name in imports(module)
        if not is_in(LANGUAGE, name) and owner(name) != "bus"
    ]

    assert not others


def app_of(module: str) -> str:
    """Return the single app that a module belongs to, "" for what all apps share and for all else."""
    parts = module.split(".")
    is_app = parts[0] == "apps" and len(parts) > 1 and (ROOT / "apps" / parts[1] / "store.py").is_file()
    return parts[1] if is_app else ""


def test_nobody_imports_a_single_app_but_itself():
    broken = [
        f"{module.file}:{line} imports {name}: it may be removed; what others need belongs to apps/"
        for module in KNOWN.values()
        for line, name in imports(module)
        if app_of(name) not in ("", app_of(module.name))
    ]

    assert not broken, "\n".join(broken)


def test_a_single_app_is_told_from_what_all_share():
    assert app_of("apps.journal.reading") == app_of("apps.journal") == "journal"
    assert app_of("apps.causes") == app_of("apps.tables.Row") == app_of("apps") == app_of("web.html.rows.rows") == ""


CALLS = {"eval", "exec", "compile", "__import__", "recv_pyobj", "send_pyobj", "recv_json"}
MODULES = {"pickle", "shelve", "marshal", "dill", "yaml"}


def dangers(tree: ast.AST) -> list[tuple[int, str]]:
    """Return what runs data as code, or reads it without limits."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found += [(node.lineno, f"import {name}") for name in modules if name.split(".")[0] in MODULES]
        if isinstance(node, ast.Call):
            is_name = isinstance(node.func, ast.Name)
            name = node.func.id if is_name else getattr(node.func, "attr", "")
            own = name in CALLS and (is_name or name.startswith(("recv", "send")))
            shell = any(one.arg == "shell" and getattr(one.value, "value", True) for one in node.keywords)
            found += [(node.lineno, f"{name}(shell=…)" if shell else f"{name}(…)")] if own or shell else []
    return found


def test_nothing_runs_data_as_code():
    found = [f"{module.file}:{line} {what}" for module in KNOWN.values() for line, what in dangers(module.tree)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    ["eval(x)", "import pickle", "socket.recv_pyobj()", "subprocess.run(x, shell=True)", "from yaml import load"],
)
def test_the_search_for_dangers_finds_them(code):
    assert dangers(ast.parse(code))


def test_our_scripts_write_no_html_into_the_page():
    scripts = list((ROOT / "web" / "static").glob("*.js"))

    assert [file.name for file in scripts if "innerHTML" in file.read_text() or "eval(" in file.read_text()] == []


def test_every_listener_of_keys_leaves_input_methods_alone():
    scripts = {file.name: file.read_text() for file in (ROOT / "web" / "static").glob("*.js")}
    listening = [name for name, text in scripts.items() if re.search(r"""["'`]key(down|up|press)["'`]""", text)]

    assert listening == ["keys.js"], "onKeys of keys.js listens: it leaves out what belongs to an input method"


def test_the_rule_names_the_import_that_breaks_it():
    assert broken_rule("web", "store") == "web imports another process (store): they meet on the bus only"
    assert broken_rule("bus", "apps") == "bus imports nothing else of ours"
    assert broken_rule("llm_worker", "apps") == "llm_worker knows no app"
    assert broken_rule("web", "apps") == broken_rule("store", "bus") == ""

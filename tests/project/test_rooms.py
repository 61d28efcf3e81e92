"""A room uses only rooms below it, no folder holds more than sixteen modules, and no modules import in a circle."""

from pathlib import Path

import pytest

from bench.structure import ROOMS, Module, cycles, folders, modules, upward
from tests.support.system import ROOT

MOST_MODULES = 16

KNOWN = modules(ROOT)


def module(name: str, text: str) -> Module:
    return Module(name, Path(f"{name.replace('.', '/')}.py"), text)


def test_a_room_imports_only_rooms_below_it():
    assert not upward(KNOWN), "\n".join(upward(KNOWN))


def test_the_rule_names_the_import_that_breaks_it():
    live, page = module("web.live.hub", ""), module("web.html.page", "from web.live import hub")

    assert upward({one.name: one for one in (live, page)}) == [
        "web.html.page:1 imports web.live.hub, which belongs to a room above it"
    ]


def test_no_modules_import_in_a_circle():
    assert not cycles(KNOWN), cycles(KNOWN)


def test_a_circle_is_found():
    one, two = module("bus.one", "from bus import two"), module("bus.two", "import bus.one")

    assert cycles({"bus.one": one, "bus.two": two}) == [["bus.one", "bus.two"]]


def test_no_folder_holds_more_modules_than_one_can_overlook():
    full = {folder: count for folder, count in folders(KNOWN).items() if count > MOST_MODULES}

    assert not full, f"more than {MOST_MODULES} modules: {full}; divide by concern"


@pytest.mark.parametrize(("process", "room"), [(process, room) for process, rooms in ROOMS.items() for room in rooms])
def test_each_room_is_there(process, room):
    path = ROOT / process.replace(".", "/") / room.replace(".", "/")

    assert path.is_dir() or path.with_suffix(".py").is_file()


def test_each_folder_of_a_process_with_rooms_is_one_of_them():
    missing = [
        f"{process}.{folder.name}"
        for process, rooms in ROOMS.items()
        for folder in (ROOT / process.replace(".", "/")).iterdir()
        if folder.is_dir() and (folder / "__init__.py").exists()
        if folder.name not in {*rooms, "agent", "jobs", "logger", "mcp", "shell"}
    ]

    assert not missing, f"bench/structure.py, ROOMS, lacks {', '.join(missing)}"

"""The examples for other languages, run by the tools of those languages, and the client for JavaScript."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.messages import StoreOrder
from tests.support.needs import needs
from tests.support.system import ROOT, Guest, System

EXAMPLES = ROOT / "examples/attach"
CLIENTS = ROOT / "clients"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store")
        yield made


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the packages, the client and the examples for Node."""
    npm = needs(shutil.which("npm") if shutil.which("node") else None, "Node is not here", long=True)
    folder = tmp_path_factory.mktemp("node")
    files = [CLIENTS / name for name in ("package.json", "package-lock.json", "pianola_bus.mjs")]
    for file in (*files, *EXAMPLES.glob("*.mjs")):
        shutil.copy(file, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    needs(done.returncode == 0, f"npm cannot install the packages: {done.stderr[-200:]}", long=True)
    return folder


def hears_a_change(system: System, command: list[str], folder: Path, words: str) -> None:
    """Run a subscriber, change something, and wait until it prints the fact."""
    process = subprocess.Popen(command, cwd=folder, env=system.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline()  # it hears something: the broker’s beat

        async def insert(guest: Guest) -> None:
            order = StoreOrder(verb="insert", table="todo", values={"title": "across languages"})
            assert (await guest.bus.ask(order, "todo")).message.ok

        system.visit(insert)
        assert any(words in line for line in iter(process.stdout.readline, ""))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("name", [file.name for file in EXAMPLES.iterdir()])
def test_an_example_fits_on_a_screen(name: str):
    assert len((EXAMPLES / name).read_text().splitlines()) <= 45


def test_node_hears(system: System, node: Path):
    hears_a_change(system, ["node", "subscriber.mjs"], node, "across languages")


def test_node_orders_hears_the_fact_and_takes_it_back(system: System, node: Path):
    done = subprocess.run(
        ["node", "order.mjs"],
        cwd=node,
        env=system.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "added milk as" in done.stdout
    assert "heard it as revision" in done.stdout


REFUSED = """
import { Bus, PianolaError } from "./pianola_bus.mjs"
const bus = new Bus("example")
for (const [body, key] of [[{ verb: "list", table: "nothing" }, "nothing"], [{ verb: "list" }, "todo"]]) {
  await bus.ask("store.order", body, key).catch(error => console.log(error instanceof PianolaError, error.code))
}
await bus.ask("job.run", { app: "todo", job: "x" }, "todo", { seconds: 1 }).catch(error => console.log(error.message))
bus.close()
"""


def test_the_client_for_node_tells_what_is_refused_and_what_nobody_answers(system: System, node: Path):
    (node / "refused.mjs").write_text(REFUSED)
    told = subprocess.run(
        ["node", "refused.mjs"], cwd=node, env=system.environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert told[:2] == ["true unknown_table", "true missing_field"]
    assert told[2].startswith("no answer to job.run/todo within 1 s.")


WAITS = """
import { Bus } from "./pianola_bus.mjs"
const bus = new Bus("example")
await bus.greet()
console.log("ready")
console.log((await bus.ask("store.order", { verb: "list", table: "todo" }, "todo", { seconds: 100 })).ok)
bus.close()
"""


def test_the_client_for_node_waits_for_a_store_that_comes_back(system: System, node: Path):
    (node / "waits.mjs").write_text(WAITS)
    system.stop("store")
    back = threading.Timer(2.0, system.start, ["store"])
    back.start()
    try:
        command = ["node", "waits.mjs"]
        told = subprocess.run(command, cwd=node, env=system.environment, capture_output=True, text=True, check=True)
    finally:
        back.join()
    assert told.stdout.split() == ["ready", "true"]


def test_c_hears(system: System, tmp_path: Path):
    cc = needs(shutil.which("cc") if Path("/usr/include/zmq.h").exists() else None, "libzmq is not here", long=True)
    subprocess.run([cc, "-Wall", "-Werror", EXAMPLES / "subscriber.c", "-lzmq", "-o", tmp_path / "hear"], check=True)

    hears_a_change(system, [str(tmp_path / "hear")], tmp_path, "store.changed/todo")


def test_go_hears(system: System, tmp_path: Path):
    go = needs(shutil.which("go") or shutil.which("go", path="/usr/local/go/bin"), "Go is not here", long=True)
    shutil.copy(EXAMPLES / "subscriber.go", tmp_path)
    for words in (["mod", "init", "example"], ["mod", "tidy"], ["build", "-o", "hear", "subscriber.go"]):
        done = subprocess.run([go, *words], cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False)
        needs(done.returncode == 0, f"go {words[0]} fails: {done.stderr[-200:]}", long=True)

    hears_a_change(system, [str(tmp_path / "hear")], tmp_path, "across languages")

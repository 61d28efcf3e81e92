"""Read and check the wishes and the changes. `bench/real/README.md` says how they are written."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.own.declaration import read
from apps.tables import Row
from apps.types import FIELD_TYPES
from bench.real.orders import LANGUAGES, BadOrder

FOLDER = Path(__file__).parent
WISHES, CHANGES = FOLDER / "wishes.toml", FOLDER / "changes.toml"
DOES = ("add", "remove", "rename", "retype")


@dataclass(frozen=True, slots=True)
class Expected:
    """A field that must come of it. `labels`: one of these must stand in its label, folded; `types`: one of these."""

    labels: tuple[str, ...]
    types: tuple[str, ...]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change must do. `field`: label of a field that is there; for an added one, what is expected of it."""

    do: str
    field: str = ""
    to: str = ""
    added: Expected | None = None
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user says, and the declaration that must come of it."""

    id: str
    language: str
    says: str
    fields: tuple[Expected, ...] = ()
    before: Row | None = None
    """The declaration of the app that is open; None for a wish for a new one."""
    right: tuple[Effect, ...] = ()

    @property
    def kind(self) -> str:
        """Whether a new app is wanted, or a change."""
        return "change" if self.before else "wish"


def read_wishes() -> list[Wish]:
    """Return all wishes, then all changes. Raise `BadOrder`."""
    wishes = [_wish(one) for one in _content(WISHES).get("wish", ())]
    content = _content(CHANGES)
    return [*wishes, *(_change(one, content["apps"]) for one in content.get("change", ()))]


def _content(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise BadOrder(file, "the file", f"it is not TOML: {error}") from error


def _wish(raw: Row) -> Wish:
    fields = tuple(_expected(one, one["label"], WISHES, raw["id"]) for one in raw["fields"])
    return Wish(raw["id"], _language(raw, WISHES), raw["says"], fields)


def _change(raw: Row, apps: dict[str, Row]) -> Wish:
    app = apps.get(raw["app"])
    if app is None:
        raise BadOrder(CHANGES, raw["id"], f"there is no app {raw['app']!r:.40}. There are: {', '.join(apps)}.")
    before = read({"label": app["label"], "tables": [{"label": app["label"], "fields": app["fields"]}]}).json
    labels = [one["label"] for one in app["fields"]]
    right = tuple(_effect(one, labels, raw["id"]) for one in raw["right"])
    return Wish(raw["id"], _language(raw, CHANGES), raw["says"], before=before, right=right)


def _effect(raw: Row, labels: list[str], where: str) -> Effect:
    do = next((one for one in DOES if one in raw), "")
    if not do:
        raise BadOrder(CHANGES, where, f"the effect {raw!r:.80} has none of: {', '.join(DOES)}.")
    if do == "add":
        return Effect(do, added=_expected(raw, raw["add"], CHANGES, where))
    if raw[do] not in labels:
        raise BadOrder(CHANGES, where, f"there is no field {raw[do]!r:.40}. There are: {', '.join(labels)}.")
    return Effect(do, raw[do], raw.get("to", ""), types=tuple(raw.get("type", "").split("|")))


def _expected(raw: Row, labels: str, file: Path, where: str) -> Expected:
    types = tuple(raw["type"].split("|"))
    if strange := next((one for one in types if one not in FIELD_TYPES), ""):
        raise BadOrder(file, where, f"there is no type {strange!r:.40}. There are: {', '.join(FIELD_TYPES)}.")
    return Expected(tuple(labels.split("|")), types, tuple(raw.get("choices", ())))


def _language(raw: Row, file: Path) -> str:
    if raw["language"] not in LANGUAGES:
        raise BadOrder(
            file, raw["id"], f"its language is {raw['language']!r:.20}. Expected one of {', '.join(LANGUAGES)}."
        )
    return str(raw["language"])

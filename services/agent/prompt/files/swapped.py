"""Texts of the prompt that the user swaps while everything runs: the rules, and what an app tells the assistant.

`$PIANOLA_HOME/prompts/rules.md` takes the place of the built-in rules, `$PIANOLA_HOME/prompts/apps/NAME.md` that of the
text which the app NAME returns. Without the file, or with one that cannot be used, the built-in text stays. How
instructions are written is never swapped: they could not be read any more. The agent writes the list of all files into
the setting `prompt_files`: maps of `file` and `problem`.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.registry import Registry
from apps.tables import Row
from bus.errors import PianolaError
from bus.store_client import StoreClient
from services.agent.limits import MAX_PROMPT_FILES
from services.agent.prompt.files.text_file import BadPromptFile, read_text_file
from services.agent.state.live_query import LiveQueries
from services.agent.state.published import publish_setting

FOLDER = "prompts"
RULES_FILE = "rules.md"
APPS_FOLDER = "apps"
SETTING = "prompt_files"


@dataclass(frozen=True, slots=True)
class LayerText:
    """The text of a layer. `file`: where it comes from, seen from the folder of all data; "": it is built in."""

    text: str
    file: str = ""


class PromptFiles:
    """The files. They are read each time they are needed, so an edit takes effect with the next answer."""

    def __init__(
        self,
        home: Path,
        registry: Registry,
        store_client: StoreClient,
        queries: LiveQueries,
        warn: Callable[[str], None],
    ) -> None:
        """`home`: the folder of all data. `warn`: gets a sentence, once, about a file that cannot be used."""
        self._home = home
        self._registry = registry
        self._store_client = store_client
        self._queries = queries
        self._warn = warn
        self._warned: set[str] = set()

    def rules(self, built_in: str) -> LayerText:
        """Return the rules that the model is told."""
        return self._text(RULES_FILE, built_in)

    def app(self, name: str, built_in: str) -> LayerText:
        """Return what the model is told of an app. `built_in`: what the app itself returns."""
        return self._text(f"{APPS_FOLDER}/{name}.md", built_in) if name in self._registry.apps else LayerText(built_in)

    def _text(self, name: str, built_in: str) -> LayerText:
        if not os.path.lexists(self._home / FOLDER / name):
            return LayerText(built_in)
        try:
            return LayerText(self._read(name), f"{FOLDER}/{name}")
        except BadPromptFile:
            return LayerText(built_in)  # `update_list` says why

    def _read(self, name: str) -> str:
        folder = self._home.resolve() / FOLDER
        return read_text_file(folder / name, folder)

    # --- the list for the page ---

    def listed(self) -> list[Row]:
        """Return all files, with a sentence about each that is not used. Raises `OSError`."""
        return [{"file": f"{FOLDER}/{name}", "problem": self._problem(name)} for name in self._names()]

    def _names(self) -> list[str]:
        folder = self._home / FOLDER
        names = (*_entries(folder), *(f"{APPS_FOLDER}/{one}" for one in _entries(folder / APPS_FOLDER)))
        return sorted(name for name in names if name != APPS_FOLDER or not (folder / name).is_dir())[:MAX_PROMPT_FILES]

    def _problem(self, name: str) -> str:
        path = Path(name)
        is_app = path.parent.name == APPS_FOLDER
        if not is_app and name != RULES_FILE:
            return f"{name} is not used. Here stand {RULES_FILE}, and a file for an app in “{APPS_FOLDER}”."
        if is_app and (path.suffix != ".md" or path.stem not in self._registry.apps):
            known = _in_words(f"{one}.md" for one in self._registry.sound)
            return f"{name} is not used: there is no app for it. Possible names: {known}."
        try:
            self._read(name)
        except BadPromptFile as problem:
            return f"{name} is not used, the built-in text stays: {problem}"
        return ""

    async def update_list(self) -> None:
        """Write the list into the setting `prompt_files`, if it has changed; tell each new problem to the log."""
        try:
            listed = self.listed()
            problems = {one["problem"] for one in listed if one["problem"]}
            for problem in sorted(problems - self._warned):
                self._warn(problem)
            self._warned = problems
            await publish_setting(self._store_client, self._queries, SETTING, listed)
        except (OSError, PianolaError) as problem:
            self._warn(f"the files in “{FOLDER}” could not be listed: {problem}")


def _entries(folder: Path) -> Iterator[str]:
    """Yield the names in a folder that may be meant for the prompt: no hidden ones, no copies of an editor."""
    if folder.is_dir():
        yield from (one for one in sorted(os.listdir(folder)) if not one.startswith(".") and not one.endswith("~"))


def _in_words(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))

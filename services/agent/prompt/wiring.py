"""Connects the parts of this room."""

from collections.abc import Callable
from pathlib import Path

from services.agent.prompt.archive import Archive
from services.agent.prompt.build import PromptBuilder
from services.agent.prompt.files.swapped import PromptFiles
from services.agent.prompt.personas import Personas
from services.agent.state.wiring import State


class Prompt:
    """What the model is told: who speaks, the builder of prompts, and the archive of them."""

    def __init__(self, state: State, home: Path, warn: Callable[[str], None]) -> None:
        """`home`: the folder of all data. `warn`: gets a sentence about a persona or prompt that fails."""
        self.personas = Personas(home, state.store_client, state.queries, warn)
        self.files = PromptFiles(home, state.registry, state.store_client, state.queries, warn)
        self.builder = PromptBuilder(
            state.queries, state.own, state.models, state.paths, self.personas, files=self.files
        )
        self.archive = Archive(state.store_client, warn)

    async def update_lists(self) -> None:
        """Tell the page which files there are: personas, and texts of the prompt."""
        await self.personas.update_list()
        await self.files.update_list()

"""What every page shows, whatever its app: kept in memory, so that it can be drawn without asking the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bus.messages import LlmListed
from bus.settings import Settings
from web.health import Health
from web.live.counts import RowCounts
from web.server_files import ServerFiles
from web.state.app_list import AppList
from web.state.jobs.running import RunningJobs
from web.state.page_view import Done, PageView
from web.state.pulls import Pulls
from web.state.servers import entries


@dataclass(slots=True)
class Shared:
    """The settings, the models, the numbers of rows, which processes are missing, and the newest revision."""

    apps: AppList
    health: Health
    row_counts: RowCounts
    server_files: ServerFiles
    """The servers of models and their keys."""
    budgets: Mapping[str, int]
    """What the environment allows of remarks, where no setting says otherwise."""
    at_start: Settings
    """The settings of the processes, as they were read at the start."""
    jobs_folder: Path = Path()
    """The folder with the files of jobs."""
    settings: dict[str, Any] = field(default_factory=dict)
    pulls: Pulls = field(default_factory=Pulls)
    """The downloads of models."""
    running: RunningJobs = field(default_factory=RunningJobs)
    """How far the jobs are that run."""
    models: LlmListed | None = None
    """None until the worker has said which there are."""
    tool_servers: list[dict[str, Any]] = field(default_factory=list)
    """The servers of tools of other programs, as the process mcp listed them last."""
    model_changes: int = 0
    """How often what is shown of models has changed: a page that was sent before the last change is out of date."""
    revision: int = 0
    """Of the last fact heard."""
    done: tuple[Done, ...] = ()
    """What the user and the assistant did lately, the newest first."""

    @property
    def app(self) -> str:
        """Name of the app that was opened last, or of the first one."""
        chosen = str(self.settings.get("app", ""))
        return chosen if chosen in self.apps else self.apps.first

    @property
    def model(self) -> str:
        """Name of the model in use; "" while it is not known."""
        return self.view().model

    def view(self) -> PageView:
        """Return a view that holds only what is in memory, and in the files of servers."""
        known = self.server_files.known
        return PageView(
            revision=self.revision,
            tab="",
            app=self.app,
            apps=self.apps.problems,
            titles=self.apps.titles,
            declared=self.apps.declared,
            row_counts=self.row_counts.numbers,
            tables=self.apps.registry.tables,
            table=self.apps.table(self.app),
            settings=self.settings,
            budgets=self.budgets,
            at_start=self.at_start,
            models=self.models,
            servers=entries(known, self.models),
            server_problems=known.problems,
            keys=known.keys,
            pulls=self.pulls.all,
            running=self.running,
            missing=self.health.missing,
            outdated=self.health.outdated,
            done=self.done,
        )

    def take_settings(self, settings: Mapping[str, Any]) -> set[str]:
        """Take over settings; return the keys of those that changed. None: it is not set (any more)."""
        before, merged = self.settings, {**self.settings, **settings}
        self.settings = {key: value for key, value in merged.items() if value is not None}
        return {key for key, value in settings.items() if before.get(key) != value}

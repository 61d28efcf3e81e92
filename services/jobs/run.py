"""One attempt of a job: its process, started again after its death while it gets on, until there is an outcome."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from apps.tables import Row
from bus.bus import new_id
from bus.code.version import Updated, check_version
from bus.servers.keys import BadKeyFile, read_keys
from bus.settings import Settings
from services.jobs.folder import JobFolder, Position
from services.jobs.process import JobProcess

MOST_STARTS = 3
"""So many processes of a job may die by themselves one after another without a new checkpoint. Those that ended because
`jobs` did are not counted."""
SAVE_SECONDS = 1.0
"""Shortest time between two writes of how far a job is."""
PAUSE_SECONDS = 10.0
"""How long the next checkpoint is waited for, before a job that is to pause is ended at its last one."""

KILLED = "Its process ended in the middle. Retry runs it from the beginning."
STOPPED = "It was interrupted by the end of Pianola. Retry runs it from the beginning."


class Run:
    """One attempt of a job."""

    def __init__(self, row: Row, path: Path, settings: Settings, told: Callable[[Row], None]) -> None:
        """`row`: of the job; its `done`, `total` and `note` follow the job. `told`: called when one of them changes."""
        self.row = row
        self.id = new_id()
        self.storing = asyncio.Lock()
        """Held while the end of the job is stored."""
        self.over = asyncio.Event()
        """Set when the end is stored, and the process gone."""
        self.known = asyncio.Event()
        """Set when its process has said what the job declares, or there is none any more."""
        self.ended = False
        """It was told to end: what it says any more is not stored."""
        self.resumes = False
        """The job says that it saves checkpoints."""
        self.pausing = False
        """It is to end at its next checkpoint."""
        self._folder = JobFolder(path)
        self._settings = settings
        self._told = told
        self._position = Position(row["created"], row["attempt"])
        self._process: JobProcess | None = None
        self._saved = 0.0
        self._saving: asyncio.TimerHandle | None = None

    @property
    def title(self) -> str:
        """The job's own words for this run; "" until its process has said them."""
        return self._position.title

    async def outcome(self) -> Row:
        """Run the job to its end, and return how it ended: `ended`, `failed` or `paused`; {} if it was told to end."""
        try:
            check_version()
            return self._left_outcome() or await self._run()
        except Updated as problem:
            return {"failed": f"It was not started: {problem} Then Retry."}
        except OSError as error:
            return {"failed": f"Its folder or its process cannot be made: {error.strerror}. See `pianola status`."}
        finally:
            self._drop_timer()
            self.known.set()

    def recall(self) -> Position | None:
        """Let the row say how far an earlier run of `jobs` has come with this attempt; None if there was none."""
        left = self._folder.position(self.row)
        if left:
            self.row |= {"done": left.done, "total": left.total, "note": left.note}
        return left

    def _left_outcome(self) -> Row:
        """Return what an earlier run of `jobs` has left undone; {} if a process is to be started."""
        left = self.recall()
        self._position = self._folder.prepare(self.row)
        if not left:
            return {}
        if not left.stopped:
            self._uncount_start()  # `jobs` was killed, and its process with it: that was no death of its own
        if outcome := self._folder.outcome(self.row):
            return outcome
        if not self._folder.checkpoint():
            return {"failed": STOPPED if left.stopped else KILLED}
        return {"paused": True} if left.pausing else {}

    async def _run(self) -> Row:
        death = ""
        last: Row = {}
        while not self.ended:
            self._count_start()
            if self._position.starts > MOST_STARTS:
                reason = f"Its process died {MOST_STARTS} times in a row without a new checkpoint."
                return {"failed": " ".join((reason, death)).strip()}
            self._process = JobProcess(self._folder.path, self._heard)
            last = await self._process.run(self._order())
            if last and not self.ended:
                self._drop_timer()  # `_keep` writes the same file
                await asyncio.to_thread(self._keep, last)
            if last or self.ended:
                break
            if self.pausing and self._folder.checkpoint():
                return {"paused": True}
            death = self._process.death
            if not self._folder.checkpoint():
                return {"failed": f"{death} Retry runs it from the beginning."}
        return {} if self.ended else last

    def _order(self) -> Row:
        order = {name: self.row[name] for name in ("id", "app", "job", "arguments", "profile")}
        return order | {
            "folder": str(self._folder.path),
            "apps": str(self._settings.apps),
            "memory_mb": self._settings.job_memory_mb,
            "parent": os.getpid(),
        }

    def _count_start(self) -> None:
        checkpoint = self._folder.checkpoint()
        if checkpoint != self._position.checkpoint:
            self._position.starts, self._position.checkpoint = 0, checkpoint
        self._position.starts += 1
        self._position.stopped, self._position.pausing = False, self.pausing
        self._folder.save(self._position)

    def _uncount_start(self) -> None:
        """Let the last start not count: its process did not die by itself."""
        self._position.starts = max(0, self._position.starts - 1)

    def _keep(self, last: Row) -> None:
        """Keep the outcome until it is stored. Without room for it, only the death of `jobs` could lose it."""
        try:
            self._folder.save(self._position)  # the outcome alone does not tell how far the job was
            self._folder.save_outcome(self.row, last)
        except OSError:
            return

    # --- what the process says ---

    def _heard(self, said: Row) -> None:
        if self.ended:
            return
        if "at" in said:
            done, total, note = said["at"]
            place = self._position
            place.done, place.total, place.note = int(done), int(total), str(note)
            self.row |= {"done": place.done, "total": place.total, "note": place.note}
            self._save_soon()
            self._told(self.row)
        elif "declared" in said:
            self._declared(said["declared"])

    def _declared(self, declared: Row) -> None:
        self._position.title, self.resumes = str(declared["title"]), bool(declared["resumes"])
        self.known.set()
        self._save_soon()
        self._told(self.row)
        settings = {name: str(getattr(self._settings, name)) for name in declared["settings"]}
        try:
            found = read_keys(self._settings.keys_file) if declared["keys"] else {}
        except BadKeyFile as problem:
            self._tell({"keys": {}, "settings": settings, "problem": str(problem)})
        else:
            keys = {name: found[name] for name in declared["keys"] if isinstance(found.get(name), str)}
            self._tell({"keys": keys, "settings": settings, "problem": ""})
        if self.pausing:
            self._tell({"do": "pause"})

    def _tell(self, message: Row) -> None:
        if self._process:
            self._process.tell(message)

    # --- how far it is ---

    def _save_soon(self) -> None:
        if not self._saving:
            wait = max(0.0, self._saved + SAVE_SECONDS - time.monotonic())
            self._saving = asyncio.get_running_loop().call_later(wait, self._save)

    def _save(self) -> None:
        self._saving, self._saved = None, time.monotonic()
        try:
            self._folder.save(self._position)
        except OSError:
            return  # the disk is full, or the folder is gone: it is written again a second later

    def _drop_timer(self) -> None:
        if self._saving:
            self._saving.cancel()
            self._saving = None

    # --- orders ---

    @property
    def can_pause(self) -> bool:
        """Whether the job can go on later from where it is."""
        return self.resumes or bool(self._folder.checkpoint())

    async def pause(self) -> None:
        """Let the job end at its next checkpoint. One that does not reach it is ended by force, at its last one."""
        if self.pausing:
            return
        self.pausing = self._position.pausing = True
        if self._process:
            self._save()
            self._tell({"do": "pause"})
        await asyncio.sleep(PAUSE_SECONDS)
        if self._process and self._folder.checkpoint():
            await self._process.end()

    async def end(self) -> None:
        """End the job: its outcome is {}."""
        self.ended = True
        if self._process:
            await self._process.end()

    async def stop(self) -> None:
        """End the job because `jobs` is to end. The next run goes on with it; this start does not count as a death."""
        self.ended = True
        self._drop_timer()
        if self._process:
            self._position.stopped = True
            self._uncount_start()
            self._save()
            await self._process.end()

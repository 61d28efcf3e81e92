"""Import the links of an analysis of Botify: count them; once the user has agreed to the number, export them.

An export costs credits, and Botify would start a second one for a second request. So the checkpoint says `starting`
before the request, and holds the number of Botify's job right after it. A run that finds `starting` without a number
does not know whether an export was started, says so, and asks for none.
"""

import asyncio
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from apps.links.graph.artefacts import finish
from apps.links.imports.botify_api import JOB_ID, RETRY, Botify, Gone, NotStarted
from apps.links.imports.csv_file import TooMany, import_csv_file, is_packed
from apps.links.imports.export_limits import MOST_LINKS
from apps.tables import Row
from apps.work.made_files import FOLDER
from apps.work.progress import JobFailed, Paused, Progress, Result

MOST_PAGES = 100
"""Of the list of analyses."""
POLL_SECONDS = (2.0, 30.0)
"""Shortest and longest pause between two questions for the state of an export."""
MOST_SECONDS = 6 * 3_600.0
DOWNLOADS = 3
"""So often an address is asked for that has expired, or a download that broke off is begun again."""
SLUG = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)
FILE = "export.csv"

CUT = f"The export has {MOST_LINKS:,} lines, the most that Botify sends: some links are probably missing."
UNKNOWN = (
    "An export may have been started: Pianola asked Botify for it, and got no answer that names it. It is not asked "
    "for a second time, because that could cost credits twice. Look at the exports in Botify. If it is there, fill "
    "in the form with its number at “number of an export that is there”. If not, press Export again, above the form."
)


async def import_links(
    progress: Progress, *, user: str, project: str, analysis: str, depth: int, agreed: int, export: str
) -> Result:
    """Count the links (`agreed` 0 and no `export`), or import them; raises `JobFailed`."""
    for name, value in (("user", user), ("project", project), ("analysis", analysis or "x"), ("export", export or "x")):
        if not SLUG.fullmatch(value) or set(value) <= {"."}:
            raise JobFailed(f"`{name}` is {value!r:.60}. Expected it as in the address at Botify: letters, - _ .")
    async with Botify(progress) as botify:
        whole = Import(progress, botify, user, project, depth)
        if not agreed and not export:
            return await whole.count(analysis)
        return await whole.run(analysis, agreed, export)


class Import:
    """One import of one project."""

    def __init__(self, progress: Progress, botify: Botify, user: str, project: str, depth: int) -> None:
        """Asks for nothing yet."""
        self._progress = progress
        self._botify = botify
        self._user = user
        self._project = project
        self._depth = depth

    async def count(self, analysis: str) -> Result:
        """Return how many different links an export would have, and how many with those that pages repeat."""
        analysis = analysis or await self._newest()
        links, repeated = await self._links(analysis)
        return Result({"links": links, "with_repetitions": repeated, "analysis": analysis})

    async def run(self, analysis: str, agreed: int, export: str) -> Result:
        """Export the links, and return their graph. It goes on from where an earlier run ended."""
        state: Row = dict(self._progress.saved or ({"state": "started", "id": export} if export else {}))
        if state.get("state") == "starting":
            raise JobFailed(UNKNOWN)
        path = self._progress.folder / FILE
        if not path.is_file():
            if "id" not in state:
                state = await self._started(analysis or await self._newest(), agreed)
            await self._downloaded(state)
        try:
            counted = import_csv_file(self._progress, path, f"export of {self._project}")
        except TooMany as problem:
            raise JobFailed(f"{problem} {keep(path)}") from None
        except JobFailed:
            path.unlink()  # Retry gets it again
            raise
        notes = [counted.note, CUT if counted.lines >= MOST_LINKS else ""]
        title, note = f"{self._user}/{self._project}", " ".join(filter(None, notes))
        return finish(self._progress, "botify", "", title, note)

    # --- count ---

    async def _newest(self) -> str:
        """Return the newest analysis that is complete."""
        self._progress.at(0, 0, "looking for the newest analysis")
        path, what = f"/analyses/{quote(self._user)}/{quote(self._project)}/light", "the list of analyses"
        found: list[str] = []
        for _ in range(MOST_PAGES):
            page = await self._botify.get(path, what)
            results = page.get("results") if isinstance(page, dict) else None
            if not isinstance(results, list):
                raise self._botify.unfit(what, "results", results if isinstance(page, dict) else page, "a list")
            found += [self._slug(one, what) for one in results if is_complete(one)]
            following = page.get("next")
            if not isinstance(following, str) or not following:
                break
            path = following
        if not found:
            raise JobFailed(f"{self._user}/{self._project} has no complete analysis at Botify. {RETRY}")
        return max(found)

    def _slug(self, one: Any, what: str) -> str:
        slug = one.get("slug") if isinstance(one, dict) else one
        if not isinstance(slug, str) or not SLUG.fullmatch(slug):
            raise self._botify.unfit(what, "slug", slug, "a name like 20261101")
        return slug

    async def _links(self, analysis: str) -> tuple[int, int]:
        """Return how many links lead from pages within the depth: different ones of each page, and all."""
        self._progress.at(0, 0, "counting the links")
        fields = (f"crawl.{analysis}.outlinks_internal.nb.{one}" for one in ("unique", "total"))
        metrics = [{"function": "sum", "args": [one]} for one in fields]
        path, what = f"/projects/{quote(self._user)}/{quote(self._project)}/query", "the number of links"
        answer = await self._botify.post(path, self._query(analysis, [], metrics), what)
        number, repeated = (self._number(answer, place, what) for place in range(len(metrics)))
        if number > MOST_LINKS:
            limit = f"Botify sends at most {MOST_LINKS:,} in one export. Choose fewer clicks from the start"
            raise JobFailed(f"There are {number:,} links within {self._depth} clicks of the start. {limit}.")
        if not number:
            raise JobFailed(f"The analysis {analysis} has no links within {self._depth} clicks. Choose more clicks.")
        return number, max(number, repeated)

    def _number(self, answer: Any, place: int, what: str) -> int:
        """Return a number that was asked for, by its place among the metrics."""
        name = f"results[0].metrics[{place}]"
        try:
            number = answer["results"][0]["metrics"][place]
        except (KeyError, IndexError, TypeError):
            raise self._botify.unfit(what, name, answer, "a number") from None
        if not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number < 2**53:
            raise self._botify.unfit(what, name, number, "a number")
        return int(number)

    def _query(self, analysis: str, dimensions: list[str], metrics: list[Row]) -> Row:
        crawl = f"crawl.{analysis}"
        filters = {"field": f"{crawl}.depth", "predicate": "lte", "value": self._depth}
        query = {"dimensions": dimensions, "metrics": metrics, "filters": filters}
        return {"collections": [crawl], "query": query}

    # --- export ---

    async def _started(self, analysis: str, agreed: int) -> Row:
        """Let Botify start the export; return the state that is in the checkpoint."""
        number, _ = await self._links(analysis)
        if number > agreed:
            raise JobFailed(f"There are {number:,} links now; you agreed to {agreed:,}. Count again, then export.")
        target = f"crawl.{analysis}.outlinks_internal.graph.url"
        payload = {
            "username": self._user,
            "project": self._project,
            "connector": "direct_download",
            "formatter": "csv",
            "export_size": MOST_LINKS,
            "query": self._query(analysis, ["url", target], []),
        }
        self._progress.at(0, 0, "asking Botify for the export")
        try:
            self._progress.checkpoint({"state": "starting"})
        except Paused:
            self._progress.checkpoint({})  # nothing was asked for yet; it ends here, too
        try:
            answer = await self._botify.post("/jobs", {"job_type": "export", "payload": payload}, "the export")
        except NotStarted:
            self._progress.checkpoint({})
            raise
        except JobFailed as problem:
            raise JobFailed(f"{str(problem).removesuffix(f' {RETRY}')} {UNKNOWN}") from None
        state = {"state": "started", "id": self._job_id(answer)}
        self._progress.checkpoint(state)
        return state

    def _job_id(self, answer: Any) -> str:
        told = answer if isinstance(answer, dict) else {}
        number = told.get("job_id") or str(told.get("job_url") or "").rstrip("/").rpartition("/")[2]
        if isinstance(number, bool) or not isinstance(number, int | str) or not JOB_ID.fullmatch(str(number)):
            problem = self._botify.unfit("the export", "job_id", answer, "the number of its job")
            raise JobFailed(f"{problem} {UNKNOWN}")
        return str(number)

    async def _downloaded(self, state: Row) -> None:
        """Wait for the export, and get its file. An address that has expired is asked for again."""
        reason = ""
        for _ in range(DOWNLOADS):
            url = await self._address(state)
            try:
                await self._botify.download(url, self._progress.folder / FILE)
            except Gone as gone:
                reason = str(gone)
                continue
            return
        raise JobFailed(f"The export of Botify (job {state['id']}) could not be downloaded: {reason}. {RETRY}")

    async def _address(self, state: Row) -> str:
        """Return the address of the finished export."""
        pause, longest = POLL_SECONDS
        began = time.monotonic()
        what = f"the export, job {state['id']}"
        while time.monotonic() - began < MOST_SECONDS:
            told = await self._botify.get(f"/jobs/{state['id']}", what)
            status = told.get("job_status") if isinstance(told, dict) else None
            if status == "DONE":
                results = told.get("results")
                url = results.get("download_url") if isinstance(results, dict) else None
                if not isinstance(url, str) or not url:
                    raise self._botify.unfit(what, "results.download_url", results, "an address")
                return url
            if status == "FAILED":
                said = self._botify.quoted(told)
                raise JobFailed(f"Botify could not make the export (job {state['id']}): {said}. Count again.")
            if status not in ("CREATED", "PROCESSING"):
                shown = status if isinstance(told, dict) else told
                raise self._botify.unfit(what, "job_status", shown, "CREATED, PROCESSING, DONE or FAILED")
            self._progress.at(0, 0, f"Botify makes the export (job {state['id']})")
            self._progress.checkpoint(state)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, longest)
        raise JobFailed(f"The export of Botify (job {state['id']}) is not ready after 6 hours. {RETRY}")


def keep(path: Path) -> str:
    """Keep an export that does not fit into a graph, since it was paid for; return the sentence that says so."""
    kept = path.parent / FOLDER / ("export.csv.gz" if is_packed(path) else "export.csv")
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    path.replace(kept)
    return f"The export is kept as {kept.name}: save it from here, and import it in parts."


def is_complete(analysis: Any) -> bool:
    """Return whether an analysis is complete, as far as the list says so."""
    return not isinstance(analysis, dict) or str(analysis.get("status", "success")).lower() in ("success", "done")

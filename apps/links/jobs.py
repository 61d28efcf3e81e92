"""The long work of this app: each function checks its arguments, and lets the folders beside it do the work."""

from apps.links.crawl.crawler import Limits, crawl_site
from apps.links.graph.artefacts import finish
from apps.links.imports.botify import import_links
from apps.links.imports.csv_file import import_csv_file
from apps.work.progress import Progress, Result
from apps.work.uploads import take


async def crawl(progress: Progress, *, url: str, pages: int, depth: int, per_second: int, private: bool) -> Result:
    """Crawl a site; return its graph. It goes on after a restart."""
    start = await crawl_site(progress, url, Limits(pages, depth, per_second, private))
    return finish(progress, "crawl", start)


async def import_csv(progress: Progress, name: str, file: str) -> Result:
    """Import links from an uploaded file; return their graph."""
    counted = import_csv_file(progress, take(progress, file), name)
    return finish(progress, "csv", "", name, counted.note)


async def import_botify(
    progress: Progress, *, project: str, user: str, analysis: str, depth: int, agreed: int, export: str
) -> Result:
    """Count the links of an analysis at Botify; once the user has agreed, import them. It goes on after a restart."""
    return await import_links(
        progress, user=user, project=project, analysis=analysis, depth=depth, agreed=agreed, export=export
    )

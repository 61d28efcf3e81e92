"""The import from Botify: counts, exports once, goes on where it was, and says what did not fit without the key."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastcore.xml import to_xml

from apps.links.graph.files import MOST_EDGES
from apps.links.imports import botify as flow
from apps.links.imports import csv_file
from apps.links.imports.export_limits import MOST_LINKS
from apps.links.jobs import import_botify
from apps.links.page.botify import export_question
from apps.links.page.reading import OpenCount, open_counts
from apps.links.store import IMPORT_BOTIFY
from apps.work.progress import JobFailed, Paused, Progress, Result
from bus.settings import Settings
from tests.support.botify_double import KEY, BotifyDouble
from tests.support.system import ROOT, run_apart

ASKED = {"project": "site", "user": "me"}
START = "POST /jobs"
COUNT = "POST /projects/me/site/query"
STATE = "GET /jobs/77"


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotifyDouble]:
    monkeypatch.setattr(flow, "POLL_SECONDS", (0.01, 0.02))
    with BotifyDouble() as double:
        yield double


def run(double: BotifyDouble, folder: Path, *, key: str = KEY, pausing: bool = False, **given: Any) -> Result:
    keys, settings = {"botify": key} if key else {}, {"botify_host": double.url}
    progress = Progress(1, folder, lambda _: None, keys, lambda: pausing, settings=settings)
    arguments = IMPORT_BOTIFY.checked({**ASKED, **given})
    return run_apart(import_botify(progress, **arguments))


def refused(double: BotifyDouble, folder: Path, **given: Any) -> str:
    with pytest.raises(JobFailed) as failed:
        run(double, folder, **given)
    assert KEY not in str(failed.value)
    return str(failed.value)


def saved(folder: Path) -> Any:
    return json.loads((folder / "checkpoint.json").read_text())


def test_it_counts_at_first_and_exports_what_was_agreed(double: BotifyDouble, tmp_path: Path) -> None:
    double.repeated = 5
    counted = run(double, tmp_path)

    assert (counted.value, counted.rows) == ({"links": 2, "with_repetitions": 5, "analysis": "20261101"}, ())
    assert double.count(START) == 0

    made = run(double, tmp_path, analysis="20261101", depth=3, agreed=2)

    page = (ROOT / "docs" / "servers.md").read_text()
    listed = (path.replace("me/site", "USER/PROJECT").replace("77", "ID") for _, path, _, _ in double.heard)
    assert all(f"`{path.removesuffix('/2')}`" in page for path in listed if not path.startswith("/files/"))
    assert f"`{Settings(home=tmp_path).botify_host}`" in page
    (row,) = made.rows
    assert (row["values"]["source"], row["values"]["title"], row["values"]["edges"]) == ("botify", "me/site", 2)
    payload = next(body["payload"] for method, path, _, body in double.heard if f"{method} {path}" == START)
    query = payload.pop("query")
    assert query["query"]["filters"] == {"field": "crawl.20261101.depth", "predicate": "lte", "value": 3}
    assert query["query"]["dimensions"] == ["url", "crawl.20261101.outlinks_internal.graph.url"]
    assert [key for _, path, key, _ in double.heard if path.startswith("/files/")] == [""]


def test_the_other_names_of_columns_fit_and_an_export_that_is_there_is_not_started(double, tmp_path):
    double.content = b"Source URL,Target URL\nhttp://a.test/,http://a.test/c\n"

    made = run(double, tmp_path, export="77")

    assert made.rows[0]["values"]["edges"] == 1
    assert double.count(START) == double.count(COUNT) == 0


def test_more_links_than_agreed_are_not_exported(double: BotifyDouble, tmp_path: Path) -> None:
    double.links = 3

    assert "There are 3 links now; you agreed to 2" in refused(double, tmp_path, agreed=2)
    assert double.count(START) == 0


@pytest.mark.parametrize(
    ("request_", "answer", "said"),
    [
        (COUNT, (401, {"error": f"Token {KEY}"}), "does not accept the key"),
        (COUNT, (403, {"error": "no"}), "may not read this project (HTTP 403"),
        ("GET /analyses/me/site/light", (404, {"error": "no"}), "does not know this user, project"),
        ("GET /analyses/me/site/light", (200, {"pages": 1}), "`results` is null. Expected a list"),
        (COUNT, (200, {"results": [{"metrics": ["many"]}]}), "`results[0].metrics[0]` is many. Expected a number"),
        (COUNT, (200, {"results": [{"metrics": [2]}]}), "`results[0].metrics[1]` is "),
        (COUNT, (200, b"<html>Sign in</html>"), "is no JSON: <html>Sign in</html>"),
        (COUNT, (429, {}, {"Retry-After": "4000"}), "wants a pause of 4,000 s"),
        (START, (403, {"error": "no credits"}), "no credits"),
        (START, (401, {"error": "expired"}), "has expired. Set it in the app Links"),
        (STATE, (200, {"job_status": "FAILED", "reason": "quota"}), "quota"),
        (STATE, (200, {"job_status": "LATER"}), "`job_status` is LATER. Expected CREATED"),
        (STATE, (200, {"job_status": "DONE", "results": {}}), "`results.download_url` is {}. Expected an address"),
        (STATE, (401, {"error": "expired"}), "It is wrong, or has expired"),
        (STATE, (200, {"job_status": "DONE", "results": {"download_url": "ftp://x.test/"}}), "Expected an address of"),
    ],
)
def test_what_does_not_fit_is_quoted_and_retry_goes_on(double, tmp_path, request_, answer, said):
    double.faults[request_] = [answer]

    assert said in refused(double, tmp_path, agreed=2)
    started = double.count(START)
    assert run(double, tmp_path, agreed=2).rows
    assert double.count(START) == started + (request_ != STATE)


def test_a_pause_that_is_asked_for_is_kept(double: BotifyDouble, tmp_path: Path) -> None:
    double.faults = {one: [(429, {}, {"Retry-After": "0"})] for one in (COUNT, START, STATE)}

    assert run(double, tmp_path, agreed=2).rows
    assert (double.count(START), double.count(COUNT)) == (2, 2)


def test_an_address_that_has_expired_is_asked_for_again(double: BotifyDouble, tmp_path: Path) -> None:
    old = {"job_status": "DONE", "results": {"download_url": f"{double.url}/files/old"}}
    double.faults = {STATE: [(200, old)], "GET /files/old": [(403, b"<Error>Request has expired</Error>")]}

    assert run(double, tmp_path, agreed=2).rows
    assert double.count(START) == 1


@pytest.mark.parametrize("content", [b"<html>Sign in</html>", b"", b"url,depth\nhttp://a.test/,1\n", b"\x1f\x8bbroken"])
def test_a_file_that_is_no_export_is_refused(double: BotifyDouble, tmp_path: Path, content: bytes) -> None:
    double.content = content

    assert refused(double, tmp_path, agreed=2)


@pytest.mark.parametrize("answer", [(500, {"error": "oops"}), (200, b"<html>"), (201, {"number": 5})])
def test_an_export_that_may_have_been_started_is_not_started_again(double, tmp_path, answer):
    double.faults[START] = [answer]

    assert "An export may have been started" in refused(double, tmp_path, agreed=2)
    assert "An export may have been started" in refused(double, tmp_path, agreed=2)
    assert double.count(START) == 1


def test_a_pause_just_before_the_start_leaves_no_doubt(double: BotifyDouble, tmp_path: Path) -> None:
    with pytest.raises(Paused):
        run(double, tmp_path, agreed=2, pausing=True)

    assert (saved(tmp_path), double.count(START)) == ({}, 0)
    assert run(double, tmp_path, agreed=2).rows


@pytest.mark.parametrize("key", ["", "  ", "schlüssel", "a\nb"])
def test_without_a_key_that_can_be_sent_nothing_is_asked(double: BotifyDouble, tmp_path: Path, key: str) -> None:
    assert "Set it in the app Links, at “Import from Botify”" in refused(double, tmp_path, key=key)
    assert not double.heard


@pytest.mark.parametrize("given", [{"user": "a/b"}, {"project": ".."}, {"analysis": "x?y"}, {"export": "../jobs"}])
def test_names_that_would_change_the_address_are_refused(double: BotifyDouble, tmp_path: Path, given: Any) -> None:
    assert "Expected it as in the address" in refused(double, tmp_path, **given)
    assert not double.heard


def test_the_page_asks_until_an_export_is_under_way() -> None:
    given = {**IMPORT_BOTIFY.checked(ASKED)}
    count = {"id": 1, "state": "done", "arguments": given}
    export = {"id": 2, "state": "running", "arguments": {**given, "agreed": 2}}

    assert [one.once for one in open_counts([count])] == ["export-1-0"]
    assert list(open_counts([export, count])) == []
    assert [one.once for one in open_counts([{**export, "state": "failed"}, count])] == ["export-1-2"]


@pytest.mark.parametrize(
    ("links", "repeated", "said"),
    [
        (MOST_EDGES, MOST_LINKS, []),
        (MOST_EDGES + 1, MOST_LINKS, ["holds at most 500,000 different links: the export would cost credits"]),
        (5, MOST_LINKS + 1, ["1,000,001: if Botify lists each of them, it ends the file at 1,000,000 lines"]),
    ],
)
def test_the_page_warns_before_an_export_that_does_not_fit(links: int, repeated: int, said: list[str]) -> None:
    given = {**IMPORT_BOTIFY.checked(ASKED)}
    found = {"links": links, "with_repetitions": repeated, "analysis": "20261101"}
    drawn = to_xml(export_question(OpenCount({"id": 1, "arguments": given, "result": found})))

    assert all(one in drawn for one in said)
    assert drawn.count("Choose fewer clicks") == len(said)
    assert ("Export all the same" in drawn) == bool(said)


def test_an_export_that_is_too_large_is_kept_since_it_was_paid_for(double, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(csv_file, "MOST_EDGES", 1)

    assert "The export is kept as export.csv.gz" in refused(double, tmp_path, agreed=2)
    assert (tmp_path / "files" / "export.csv.gz").read_bytes() == double.content


def test_an_export_that_botify_has_cut_says_so(double, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(flow, "MOST_LINKS", 2)

    assert "some links are probably missing" in run(double, tmp_path, agreed=2).value["note"]

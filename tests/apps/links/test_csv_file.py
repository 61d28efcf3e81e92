"""Links from CSV files: columns in several spellings, several delimiters, and what is refused."""

from pathlib import Path

import pytest

from apps.links.graph.files import lines
from apps.links.imports import csv_file
from apps.links.imports.csv_file import import_csv_file
from apps.work.progress import JobFailed, Progress


def links_of(folder: Path, content: str) -> list[tuple[str, str]]:
    """Import a file; return its links."""
    path = folder / "given.csv"
    path.write_text(content)
    import_csv_file(Progress(1, folder, lambda _: None, {}, lambda: False), path, "given.csv")
    urls = [line[0] for line in lines(folder, "urls")]
    return [(urls[source], urls[target]) for source, target, _ in lines(folder, "edges")]


HEADS = ("source,target", "Target URL;x;Source URL", "from\tto", "FROM|To")
BOTIFY = "url,crawl.20260101.outlinks_internal.graph.url"


@pytest.mark.parametrize("head", [*HEADS, BOTIFY])
def test_columns_and_delimiters_are_found(tmp_path, head):
    delimiter = next(one for one in ",;\t|" if one in head)
    cells = {"t": "http://a.test/b", "s": "http://a.test/", "x": "1"}
    order = "txs" if head.startswith("Target") else "st"

    found = links_of(tmp_path, f"{head}\n{delimiter.join(cells[one] for one in order)}\n")

    assert found == [("http://a.test/", "http://a.test/b")]


def test_a_link_counts_once_and_a_page_does_not_link_to_itself(tmp_path):
    line = "http://a.test/,http://a.test/b\n"

    assert links_of(tmp_path, f"source,target\n{line}{line}http://a.test/,http://A.test/#top\n") == [
        ("http://a.test/", "http://a.test/b")
    ]


def test_a_file_with_too_many_links_is_refused_at_the_limit_and_stays_as_it_is(tmp_path, monkeypatch):
    assert csv_file.MOST_EDGES < 1_000_000
    monkeypatch.setattr(csv_file, "MOST_EDGES", 25_000)
    side, path, told = 200, tmp_path / "given.csv", []
    with path.open("w") as file:
        file.write("source,target\n")
        for source in range(side):
            file.writelines(f"http://a.test/{source},http://a.test/{target}\n" for target in range(side))
    size = path.stat().st_size

    with pytest.raises(JobFailed, match=r"has more than 25,000 different links.*Export a part.*Nothing was imported"):
        import_csv_file(Progress(1, tmp_path, told.append, {}, lambda: False), path, "given.csv")

    assert 25_000 - csv_file.TOLD_EVERY <= told[-1]["at"][0] < 30_000
    assert path.stat().st_size == size


def test_a_url_in_our_spelling_is_known_again_in_any_other(tmp_path):
    found = links_of(
        tmp_path, "source,target\nHTTP://A.test:80/x/../y,/b#c\nhttp://a.test/y,http://a.test/b\nhttp://a.test/b,y\n"
    )

    assert found == [("http://a.test/y", "http://a.test/b"), ("http://a.test/b", "http://a.test/y")]


def test_lines_that_are_left_out_are_counted_with_the_reason(tmp_path):
    path = tmp_path / "given.csv"
    lines = ["http://a.test/,/b", "http://a.test/,/b", "mailto:x,http://a.test/", "http://a.test/,#top", "alone", ""]
    path.write_text("\n".join(["source,target", *lines]))

    counted = import_csv_file(Progress(1, tmp_path, lambda _: None, {}, lambda: False), path, "given.csv")

    assert counted.note == (
        "Left out of 5 lines: 1 without two addresses of http or https, 1 with too few cells, 1 from a page to itself, "
        "1 with a link that stands further above."
    )


def test_a_file_without_lines_left_out_has_no_note(tmp_path):
    path = tmp_path / "given.csv"
    path.write_text("source,target\nhttp://a.test/,/b\n")

    assert import_csv_file(Progress(1, tmp_path, lambda _: None, {}, lambda: False), path, "given.csv").note == ""


@pytest.mark.parametrize("content", ["", "\n \n", "sep=;\n"])
def test_a_file_without_a_head_is_called_empty(tmp_path, content):
    with pytest.raises(JobFailed, match=r"The file “given.csv” is empty\. Nothing was imported\."):
        links_of(tmp_path, content)


def test_a_file_without_a_link_says_why_each_line_was_left_out(tmp_path):
    with pytest.raises(JobFailed, match=r"has no link .* https\. Left out of 2 lines: 2 without .*\. Nothing was"):
        links_of(tmp_path, "source,target\nx,y\nz,\n")

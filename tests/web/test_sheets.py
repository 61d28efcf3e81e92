"""Sheets: which rows are read, which lines are refused and why; and cells that spreadsheets must not run."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tables import Field, Table
from apps.todo.store import TODO
from web.files.cells import FORMULA, harmless, is_given, read, restored, written
from web.files.preview import Preview, check_file
from web.files.sheets import LONGEST_LINE_BYTES, BadSheet

PROFILES = {"Me": 1, "Work": 2}

THING = Table(
    "thing",
    (
        Field("name", required=True),
        Field("kind", choices=("small", "large"), default="small"),
        Field("count", "integer"),
        Field("weight", "real"),
        Field("detail", "json"),
        Field("seen", "time"),
    ),
)


def check(tmp_path: Path, data: bytes | str, table: Table = TODO) -> Preview:
    path = tmp_path / "sheet"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return check_file(path, table, PROFILES, 1)


def refused(tmp_path: Path, data: bytes | str, table: Table = TODO) -> str:
    with pytest.raises(BadSheet) as caught:
        check(tmp_path, data, table)
    return str(caught.value)


def titles(preview: Preview) -> list[str]:
    return [row["title"] for row in preview.sample]


# --- what is read ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_usual_kinds_of_csv_are_read(tmp_path: Path, delimiter: str, mark: bytes, end: str):
    lines = ["title|done", "Grüße|true", '"two\nlines|and ""more"""|no', ""]

    preview = check(tmp_path, mark + end.join(lines).replace("|and", " and").replace("|", delimiter).encode())

    assert (preview.rows, preview.bad) == (2, 0)
    assert titles(preview) == ["Grüße", 'two\nlines and "more"']
    assert [row["done"] for row in preview.sample] == ["true", "false"]


def test_json_is_an_array_of_objects(tmp_path: Path):
    preview = check(tmp_path, '\n[\n {"title": "a", "done": true},\n {"title": "b", "profile": "Work"}]\n')

    assert (preview.rows, preview.bad, titles(preview)) == (2, 0, ["a", "b"])


def test_columns_are_found_by_name_or_label_in_upper_or_lower_case(tmp_path: Path):
    table = Table("thing", (Field("name", required=True), Field("weight", "real", label="Weight in kg")))

    preview = check(tmp_path, " NAME ,weight IN kg\nstone,2.5\n", table)

    assert preview.sample == [{"name": "stone", "weight": "2.5"}]


def test_empty_cells_leave_what_a_new_row_has(tmp_path: Path):
    preview = check(tmp_path, "name,kind,count,weight,detail,seen\nstone,,,,,\n", THING)

    assert (preview.rows, preview.sample) == (1, [{"name": "stone"}])


def test_columns_that_the_table_lacks_are_reported(tmp_path: Path):
    preview = check(tmp_path, "id,title,colour,position\n7,milk,white,3\n")

    assert (preview.rows, preview.left_out) == (1, ["id", "colour", "position"])


# --- what is wrong with a line ---


def test_each_problem_has_its_line_field_and_value(tmp_path: Path):
    preview = check(
        tmp_path,
        'title,done,profile\nmilk,true,Me\n"a\nb",maybe,Me\n,no,Me\nx,no,Nobody\nx,no\n' + f"{'y' * 2_001},no,Me\n",
    )

    assert (preview.rows, preview.bad) == (1, 5)
    found = [(one.line, one.field, one.value) for one in preview.problems]
    assert found == [
        (3, "done", "maybe"),
        (5, "title", ""),
        (6, "profile", "Nobody"),
        (7, "", ""),
        (8, "title", f"{'y' * 60}…"),
    ]
    expected = [
        "true or false",
        "Give it a text",
        "There are: Me, Work",
        "Expected 3, as in the header",
        "at most 2,000",
    ]
    assert all(words in one.sentence for words, one in zip(expected, preview.problems, strict=True))


def test_numbers_times_and_choices_are_checked(tmp_path: Path):
    good = 'a,large,-3,0.5,"{""x"": 1}",2026-11-20T09:30:00+00:00\n'
    bad = "b,medium,1.5,heavy,{,yesterday\n"

    preview = check(tmp_path, f"name,kind,count,weight,detail,seen\n{good}{bad}", THING)

    assert preview.rows == 1
    assert [one.field for one in preview.problems] == ["kind", "count", "weight", "detail", "seen"]


def test_values_of_json_have_their_own_types(tmp_path: Path):
    preview = check(tmp_path, '[{"title": 5},\n{"done": true},\n7,\n{"title": "x", "done": "true"}]')

    assert [(one.line, one.field) for one in preview.problems] == [(1, "title"), (2, "title"), (3, ""), (4, "done")]


# --- what makes a file unreadable ---


def test_a_wrong_encoding_is_reported_with_its_line(tmp_path: Path):
    assert "Line 3 is not UTF-8" in refused(tmp_path, "title\nmilk\ncafé\n".encode("latin-1"))
    assert "UTF-16" in refused(tmp_path, "title\nmilk\n".encode("utf-16"))


def test_a_line_of_ten_megabytes_is_refused_without_being_read_whole(tmp_path: Path):
    assert f"Line 2 has more than {LONGEST_LINE_BYTES:,} bytes" in refused(tmp_path, b"title\n" + b"x" * 10_000_000)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "The file is empty"),
        (" \n\r\n", "The file is empty"),
        ("title\n", "no line after the header"),
        ("done\ntrue\n", "The column `title` is missing"),
        ("title,Title\na,b\n", "names the column 'title' twice"),
        ('title\n"open\nnever closed\n', "Line 2 cannot be read as CSV"),
        ('title\n"a"b\n', "Line 2 cannot be read as CSV"),
        ('{"title": "a"}', "Expected an array of objects"),
        ('[{"title": "a"}', "breaks off after the value that begins in line 1"),
        ('[{"title": "a"},\n{"title": }]', "Line 2 is not JSON"),
        ('[{"title": "a", "x": NaN}]', "NaN is not a JSON number"),
        ("[" * 100_000, "is not JSON that can be read"),
        ("[]", "no line after the header"),
    ],
)
def test_each_unreadable_file_has_its_sentence(tmp_path: Path, data: str, words: str):
    assert words in refused(tmp_path, data)


def test_hostile_headers_and_names_are_only_text(tmp_path: Path):
    assert "is missing" in refused(tmp_path, "<script>alert(1)</script>,=cmd|'/C calc'!A0\na,b\n")


# --- cells ---


@pytest.mark.parametrize("text", ["=cmd|'/C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_formulas_are_written_so_that_no_spreadsheet_runs_them(text: str):
    assert harmless(text) == f"'{text}"
    assert restored(harmless(text)) == text


@given(st.text())
def test_every_text_comes_back_as_it_was(text: str):
    assert restored(harmless(text)) == text
    assert not FORMULA.match(harmless(text)) or harmless(text).startswith("'")


@given(st.text(alphabet="'=+-@\t\r\n ax"))
def test_texts_that_look_like_formulas_come_back_as_they_were(text: str):
    assert restored(harmless(text)) == text


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (Field("a", "integer"), -(2**63)),
        (Field("a", "real"), -0.1),
        (Field("a", "boolean"), True),
        (Field("a", "json"), {"x": [1, None, "=1"]}),
        (Field("a", "time"), 1_763_631_000.123456),
    ],
)
def test_values_of_every_type_come_back(one: Field, value: object):
    text = written(one, value)

    assert is_given(one, text)
    assert one.checked(read(one, text)) == value

"""Sheets: which rows are read, which lines are refused and why; and cells that spreadsheets must not run."""

import csv
import io
import json
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tables import Field, Table
from apps.todo.store import TODO
from web.files.cells import FORMULA, harmless, is_given, read, read_typed, restored, written
from web.files.lines import LineReader
from web.files.opening import open_sheet
from web.files.preview import Preview, check_file
from web.files.sheets import LONGEST_LINE_BYTES, BadSheet
from web.html.imports import card, labelled
from web.html.parts.fragments import html

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


def test_the_preview_of_an_import_shows_labels(tmp_path: Path):
    table = Table("plant", (Field("name", required=True), Field("liters", "real", label="größte Menge")))
    found = check(tmp_path, "name,größte Menge\nEfeu,2.5\nFarn,x\n", table)
    row = {"id": 1, "file": "a.csv", "subject": "plant", "state": "checked", "target": 0, "rows": 1, "bad": 1}

    shown = html(card(labelled({**row, "detail": found.detail()}, table.all_fields), {}))

    assert shown.count("größte Menge") >= 2
    assert "liters" not in shown


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


# --- sheets as programs write them ---


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            "title,done,created\nshort one\nfull,true,2024-01-01T00:00:00Z\nshort two,true\n",
            ["short one", "full", "short two"],
        ),
        ("title,done\nmilk,true,,\n", ["milk"]),
        ('done, title\ntrue, "milk, 2 litres"\n', ["milk, 2 litres"]),
        ("sep=;\ntitle;done\nsep one;true\n", ["sep one"]),
        ('"sep=|"\r\ntitle|done\r\none, two; three|\r\n', ["one, two; three"]),
        ("title,done,,\nmilk,true,,\n", ["milk"]),
        ("notes,title,notes\na,milk,b\n", ["milk"]),
        ("title\rmilk\rbread\r", ["milk", "bread"]),
        ("title\tdone\nGrüße 🎹\tWAHR\n".encode("utf-16"), ["Grüße 🎹"]),
        ("title;done\nmilk;x\n".encode("utf-16-be").join((b"\xfe\xff", b"")), ["milk"]),
        ('[{"title": "in UTF-16"}]'.encode("utf-16"), ["in UTF-16"]),
        ('\ufeff[{"": "x", " ": 1, "title": "real"}, {"title": 5}]', ["real", "5"]),
    ],
)
def test_sheets_are_read_as_programs_write_them(tmp_path: Path, data: str | bytes, expected: list[str]):
    preview = check(tmp_path, data)

    assert (titles(preview), preview.bad, [name for name in preview.left_out if name != "notes"]) == (expected, 0, [])


def test_a_column_without_a_name_is_no_column(tmp_path: Path):
    assert "The column `title` is missing" in refused(tmp_path, ",task,done\n0,milk,false\n")
    assert "names: task, done." in refused(tmp_path, "\u200b,task,done\n0,milk,false\n")


def test_the_line_of_a_problem_counts_every_line_of_the_file(tmp_path: Path):
    preview = check(tmp_path, "\n\nsep=;\ntitle;done\nmilk;maybe\n")

    assert [one.line for one in preview.problems] == [5]


BOTH = [
    (
        "done",
        True,
        ["true", "TRUE", "on", "yes", "y", "t", "x", "X", "✓", "✔️", "☑", "1", "1.0", "checked", "WAHR", "VRAI"],
    ),
    ("done", False, ["false", "no", "n", "f", "0", "0.0", "FALSCH", "FAUX", "☐", "✗", "-", ""]),
    ("created", 1709287200.0, ["2024-03-01T10:00:00Z", "2024-03-01T11:00:00+01:00", "1709287200", " 1709287200.0 "]),
    ("count", 3, ["3", "+3", "3.0", "３"]),
    ("weight", 2.5, ["2.5", "2,5", "25e-1"]),
    ("due", "2026-11-28", ["2026-11-28", "28 Nov 2026", "28. nov. 2026"]),
    ("price", "12.50 EUR", ["12.50 EUR", "12,50 €", "€12.50", "EUR 12.50"]),
    ("takes", 5400, ["1 h 30 min", "1:30", "90 min", "5400 s"]),
]


@pytest.mark.parametrize(("name", "value", "texts"), BOTH, ids=lambda one: str(one)[:20])
def test_csv_and_json_mean_the_same(tmp_path: Path, name: str, value: object, texts: list[str]):
    fields = (
        Field("title", required=True),
        Field("done", "boolean"),
        Field("count", "integer"),
        Field("weight", "real"),
        Field("due", "date"),
        Field("price", "money"),
        Field("takes", "duration"),
    )
    table = Table("thing", (*fields, Field("created", "time")))
    text = io.StringIO()
    csv.writer(text).writerows([["title", name], *(("a", one) for one in texts)])
    typed = [value, *([float(value)] if isinstance(value, int) else [])]

    for data in (text.getvalue(), json.dumps([{"title": "a", name: one} for one in [*texts, *typed, None]])):
        path = tmp_path / "sheet"
        path.write_text(data)
        lines = list(LineReader(table, PROFILES, 1).lines(open_sheet(path, ("title", name))))
        assert not [one for line in lines for one in line.problems]
        assert {line.values.get(name, table.all_fields[name].empty) for line in lines} <= {
            value,
            table.all_fields[name].empty,
        }


@pytest.mark.parametrize(
    "value", ["maybe", "2", "1.5", "NaN", "1e999", "1_000", "1,000", "١" * 5_000, "yesterday", "9" * 400]
)
def test_what_has_no_plain_meaning_is_refused_in_both(tmp_path: Path, value: str):
    for name in ("count", "seen", "weight"):
        known = {"count": ("2",), "seen": ("2", "1.5"), "weight": ("2", "1.5")}[name]
        if value not in known:
            assert check(tmp_path, f'name,{name}\na,"{value}"\n', THING).bad == 1
            assert check(tmp_path, json.dumps([{"name": "a", name: value}]), THING).bad == 1
    assert check(tmp_path, f'title,done\na,"{value}"\n').bad == 1
    assert check(tmp_path, json.dumps([{"title": "a", "done": value}])).bad == 1


# --- files that are too much ---

HOSTILE = {
    "a million lists": (lambda: "[" + ",".join(["[]                           "] * 1_000_000) + "]", "no objects"),
    "a million objects": (lambda: "[" + ",".join(["{}"] * 1_000_000) + "]", "more than 200,000 rows"),
    "a million short lines": (lambda: "title\n" + "a\n" * 1_000_000, "more than 200,000 rows"),
    "many columns": (lambda: ",".join(f"column {number}" for number in range(60_000)) + "\n", "names 60,000 columns"),
    "many empty columns": (lambda: "title" + "," * 1_000_000 + "\n", "names 1,000,001 columns"),
    "deep lists": (lambda: "[" * 100_000, "100 levels deep"),
    "deep objects": (lambda: '[{"a":' * 400_000, "100 levels deep"),
    "lists a bit too deep": (lambda: '[{"title": ' + "[" * 150 + "]" * 150 + "}]", "100 levels deep"),
    "one endless value": (lambda: '[{"title": "' + "x" * 30_000_000 + '"}]', "more than 1,048,576 characters"),
    "one endless number": (lambda: "[" + "9" * 30_000_000 + "]", "more than 1,048,576 characters"),
}
"""Name to what makes the file, of up to 30 MB, and words of the refusal."""


@pytest.mark.parametrize("name", HOSTILE)
def test_too_much_is_refused_in_a_second_with_little_memory(tmp_path: Path, name: str):
    make, words = HOSTILE[name]
    data = make()
    path = tmp_path / "sheet"
    path.write_text(data)
    before, began = getrusage(RUSAGE_SELF).ru_maxrss, time.process_time()

    with pytest.raises(BadSheet, match=words):
        check_file(path, TODO, PROFILES, 1)

    assert time.process_time() - began < 2, "half of it, when nobody else uses the processor"
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 40 * 1024, "in kB"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 400, "9" * 5_000, "-" + "9" * 5_000])
def test_a_number_that_no_field_holds_is_refused_with_a_sentence(tmp_path: Path, number: str):
    for name in ("count", "weight", "seen", "detail"):
        data = f'[{{"name": "a", "{name}": {number}}}]'
        if number in ("NaN", "Infinity"):
            assert f"{number} is not a JSON number" in refused(tmp_path, data, THING)
        else:
            assert [one.field for one in check(tmp_path, data, THING).problems] == [name]


def test_half_a_character_is_refused_and_can_be_shown(tmp_path: Path):
    preview = check(tmp_path, '[{"title": "a\\ud800", "\\udfff": 1}, {"title": "b"}, "\\ud800"]')

    assert (preview.rows, preview.bad) == (1, 2)
    assert json.dumps(preview.detail(), ensure_ascii=False).encode()


# --- what is wrong with a line ---


def test_each_problem_has_its_line_field_and_value(tmp_path: Path):
    preview = check(
        tmp_path,
        'title,done,profile\nmilk,true,Me\n"a\nb",maybe,Me\n,no,Me\nx,no,Nobody\nx,no,Me,4\n'
        + f"{'y' * 2_001},no,Me\n",
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
        "Expected at most 3, as in the header",
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
    preview = check(tmp_path, '[{"title": true},\n{"done": true},\n7,\n{"title": "x", "done": ["true"]}]')

    assert [(one.line, one.field) for one in preview.problems] == [(1, "title"), (2, "title"), (3, ""), (4, "done")]


# --- what makes a file unreadable ---


def test_a_wrong_encoding_is_reported_with_its_line(tmp_path: Path):
    assert "Line 3 is not UTF-8" in refused(tmp_path, "title\nmilk\ncafé\n".encode("latin-1"))
    assert "Line 2 is not UTF-8" in refused(tmp_path, '[\n{"title": "café"}]'.encode("latin-1"))
    assert "Line 3 is not UTF-16" in refused(tmp_path, "title\nmilk\n".encode("utf-16") + b"\x00\xd8")


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
        ('[{"title": "a"}]\n[{"title": "b"}]', "Something follows the end of the array, in line 2"),
        ('[{"title": "a"},]  x', "Something follows the end of the array, in line 1"),
        ("[]\n\n[]", "Something follows the end of the array, in line 3"),
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
        (Field("a", "date"), "2026-11-28"),
        (Field("a", "moment"), "2026-11-28T09:00:00+01:00[Europe/Berlin]"),
        (Field("a", "duration"), 5_405),
        (Field("a", "money"), "-12.50 EUR"),
        (Field("a", "tags"), ["=home", "b c"]),
        (Field("a", "web"), "https://example.org/a?b=1"),
        (Field("a", "mail"), "=anna@example.org"),
        (Field("a", "markdown", limit=50), "- one\n- two"),
        (Field("a", "link", to="b", several=True), [3, 5]),
    ],
)
def test_values_of_every_type_come_back(one: Field, value: object):
    text = written(one, value)

    assert is_given(one, text)
    assert one.checked(read(one, text)) == value
    assert one.checked(read_typed(one, value)) == value


def test_none_is_an_empty_cell_and_an_amount_may_be_a_number_of_json():
    assert written(Field("a", "money"), None) == ""
    assert Field("a", "money").checked(read_typed(Field("a", "money"), 12.5)) == "12.5"

"""The page's files: several scripts as one, a name that changes with what is in them, kept by the browser for good."""

import gzip
import os
from pathlib import Path

import pytest

from tests.support.system import ROOT
from web.served import files as served
from web.served.files import STYLES, NoPageFiles, StaticFiles, Version, check_page_files
from web.served.scripts import BadScript, Bundle, slim

SCRIPTS = {
    "first": '// Begins.\n\nimport * as one from "./one.js";\nimport { b as c } from "./two.js";\n\none.a(c);\n'
    'const later = () => import("./later.js");\n',
    "one": 'import { b } from "./two.js";\n\n/** What a is. */\nexport function a(c) {\n'
    "  // adds\n  return b + c;\n}\n",
    "two": "export const b = 1; // stays\n",
    "later": 'import "./first.js";\nimport { b as d } from "./two.js";\nimport { e } from "./other.js";\nd + e;\n',
    "other": "export const e = 2;\n",
}


def test_scripts_become_one_in_the_order_in_which_they_run():
    bundle = Bundle("first", SCRIPTS)

    assert list(bundle.modules) == ["two", "one", "first"]
    assert bundle.script == (
        "export const modules = {};\n"
        'modules["two"] = (() => {\nconst b = 1; // stays\nreturn { b };\n})();\n'
        'modules["one"] = (() => {\nconst { b } = modules["two"];\n'
        "function a(c) {\nreturn b + c;\n}\nreturn { a };\n})();\n"
        'modules["first"] = (() => {\nconst one = modules["one"];\nconst { b: c } = modules["two"];\none.a(c);\n'
        'const later = () => import("./later.js");\nreturn {  };\n})();\n'
    )


def test_a_script_that_comes_later_shares_what_is_there_already():
    bundle = Bundle("first", SCRIPTS)

    assert bundle.later("later", "./page.js") == (
        'import { modules } from "./page.js";\n'
        'const { b: d } = modules["two"];\nimport { e } from "./other.js";\nd + e;\n'
    )
    assert bundle.part("one", "./x/page.js").endswith('export const { a } = modules["one"];\n')


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("export default 1;\n", "has “export default 1;”, which cannot be put into one file"),
        ('import x from "./two.js";\n', "has “import x from"),
        ('import "./nowhere.js";\n', "first.js imports nowhere.js, which is not there"),
        ('import "./first.js";\n', "circle: first → first"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(script: str, words: str):
    with pytest.raises(BadScript, match=words):
        Bundle("first", {"first": script, "two": ""})


def test_only_whole_lines_are_taken_for_comments():
    text = 'const a = "/* no */"; // stays\n  /* goes,\n   * too */\n\n\nconst b = `//`;\n'

    assert slim(text) == 'const a = "/* no */"; // stays\nconst b = `//`;\n'
    assert slim("const text = `\n  // a line of it\n`;\n") == "const text = `\n  // a line of it\n`;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in STYLES:
        (tmp_path / f"{name}.css").write_text(f"/* {name} */\n.{name} {{}}\n")
    (tmp_path / "pianola.js").write_text(SCRIPTS["two"] * 100)
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "ws.min.js").write_text("ws()")
    return tmp_path


def content(version: Version, path: str) -> str:
    found = version.file(path)
    assert found
    return found.content.decode()


def test_a_changed_file_has_another_address_at_once(folder: Path):
    files = StaticFiles(folder)
    before = files.now
    assert files.now is before
    (folder / "chat.css").write_text(".other {}\n")
    after = files.now

    assert before.hash != after.hash
    assert ".chat {}" in content(before, f"{before.hash}/page.css")
    assert ".other {}\n.talks {}" in content(after, f"{after.hash}/page.css")
    assert after.file(f"{before.hash}/page.css") is None
    os.utime(folder / "chat.css", (1, 1))
    assert files.now.hash == after.hash


def test_each_file_is_there_under_the_hash_and_under_its_name(folder: Path):
    version = StaticFiles(folder).now

    assert content(version, "chat.css") == content(version, f"{version.hash}/chat.css") == "/* chat */\n.chat {}\n"
    assert "ws()" in content(version, f"{version.hash}/vendor.js")
    assert content(version, "pianola.js").startswith(f'import {{ modules }} from "./{version.hash}/page.js";')
    assert [version.file(path) for path in ("page.css", "secret.txt", f"x/{version.hash}/chat.css", "", "..")] == [
        None
    ] * 5
    packed = version.file(f"{version.hash}/page.js")
    assert packed
    assert packed.lasting
    assert gzip.decompress(packed.packed) == packed.content


def test_a_link_to_another_file_is_not_served(folder: Path):
    (folder / "link.js").symlink_to(ROOT / "README.md")

    assert StaticFiles(folder).now.file("link.js") is None


def test_files_of_another_version_of_pianola_wait_for_its_restart(folder, monkeypatch):
    files = StaticFiles(folder)
    before = files.now

    monkeypatch.setattr(served, "version", lambda: "99.0.0")
    (folder / "link.js").write_text("export const other = 1;")

    assert files.now is before


def test_without_a_script_that_every_page_needs_nothing_is_served(tmp_path):
    for name in served.VENDOR[1:]:
        (tmp_path / name).touch()

    with pytest.raises(NoPageFiles, match=rf"the page lacks {served.VENDOR[0]} in .*make up"):
        check_page_files(tmp_path)

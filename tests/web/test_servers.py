"""The servers of models in the page: what is typed is checked, files are written, and a key is seen nowhere else."""

import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from fastcore.xml import to_xml

from bus.messages import LlmFinished, LlmListed
from bus.servers.tables import MOST_SERVERS, ServerTable, save_servers, servers_in
from bus.settings import Settings
from tests.support.http_client import Tab, Visitor
from tests.support.openai_double import OpenAiDouble
from tests.support.system import Guest, System, message_of
from web.commands.command import Command
from web.html.models.servers_dialog import key_dialog, servers_dialog
from web.server_files import BadFile, ServerFiles
from web.state.page_view import PageView
from web.state.servers import KnownServers, ServerEntry, checked, entries, key_problem

SECRET = "sk-4711-moonlight-sonata"
GOOD = {"name": "lab", "address": "http://127.0.0.1:8080", "secret": ""}
LAB = ServerTable("lab", "http://127.0.0.1:8080/v1", file="servers.toml")


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    return ServerFiles(Settings(home=tmp_path))


def keys_of(home: Path) -> str:
    return (home / "keys.toml").read_text()


# --- what is typed ---


def test_a_good_server_is_taken_as_people_write_it() -> None:
    assert checked(GOOD | {"name": " lab ", "secret": f"{SECRET}\n"}, KnownServers()) == (LAB, {})


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("name", "", "A server needs a name"),
        ("name", "Big One", "“Big One” cannot be the name of a server. Write 1 to 40 lower-case letters"),
        ("name", "a\nb", "“a�b” cannot be"),
        ("name", "x" * 100, f"“{'x' * 60}…” cannot be"),
        ("name", "ollama", "“ollama” is the name of something else here"),
        ("name", "embedded", "“embedded” is the name of something else here"),
        ("name", "old", "There is a server “old” already. Choose another name"),
        ("address", "", "A server needs an address. Write it as http://host:port"),
        ("address", "ftp://here", "“ftp://here” is not an address of http or https"),
        ("address", "127.0.0.1:8080", "is not an address of http or https"),
        ("address", "http://", "is not an address of http or https"),
        ("address", "http://here:99999", "is not an address of http or https"),
        ("address", "http://a b", "is not an address of http or https"),
        ("address", "http://" + "x" * 600, "at most 500 are possible"),
        ("address", f"https://me:{SECRET}@here/v1", "a key has a field of its own"),
        ("address", f"https://here/v1?key={SECRET}", "a key has a field of its own"),
        ("secret", f"{SECRET}\nmore", "The key has a line break, a space or another character"),
        ("secret", f"{SECRET} more", "The key has a line break, a space or another character"),  # pasted in two lines
        ("secret", f"{SECRET}\x07", "The key has a line break, a space or another character"),
        ("secret", f"“{SECRET}”", "without quotation marks"),
        ("secret", SECRET * 200, "at most 4,096 are possible"),
    ],
)
def test_a_bad_field_gets_a_sentence_that_never_holds_a_key(field: str, text: str, words: str) -> None:
    known = KnownServers((replace(LAB, name="old"),))

    server, problems = checked(GOOD | {field: text}, known)

    assert server is None
    assert list(problems) == [field]
    assert words in problems[field]
    assert SECRET not in problems[field]


def test_the_servers_are_counted() -> None:
    full = KnownServers(tuple(replace(LAB, name=f"s{number}") for number in range(MOST_SERVERS)))

    sentence = "There are 32 servers, which is the most that can be kept. Remove one first."
    assert checked(GOOD, full) == (None, {"name": sentence})


def test_several_bad_fields_get_a_sentence_each() -> None:
    assert set(checked({}, KnownServers())[1]) == {"name", "address"}


# --- the files ---


def test_a_server_and_its_key_are_written_for_this_user_alone_and_read_again(
    tmp_path: Path, files: ServerFiles
) -> None:
    files.add(LAB, SECRET)
    files.add(replace(LAB, name="open"), "")

    assert servers_in(tmp_path / "servers.toml") == (LAB, replace(LAB, name="open"))
    assert keys_of(tmp_path) == f'lab = "{SECRET}"\n'
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert files.known.with_key == {"lab"}
    assert [one.file for one in files.known.tables] == ["servers.toml", "servers.toml"]


def test_other_keys_and_servers_stay(tmp_path: Path, files: ServerFiles) -> None:
    (tmp_path / "keys.toml").write_text('# mine\nollama = "o-1"\nOld_one = "x"\n')
    (tmp_path / "keys.toml").chmod(0o600)
    files.add(LAB, SECRET)
    files.set_key("lab", "other")
    files.set_key("ollama", "o-2")

    assert keys_of(tmp_path).splitlines() == ['Old_one = "x"', 'lab = "other"', 'ollama = "o-2"']
    files.remove("lab")
    assert "lab" not in keys_of(tmp_path)
    assert files.known == KnownServers(with_key=frozenset({"ollama"}), keys=frozenset({"ollama", "Old_one"}))


def test_a_new_server_does_not_get_the_key_of_an_earlier_one_with_its_name(tmp_path: Path, files: ServerFiles) -> None:
    files.set_key("lab", SECRET)
    files.add(LAB, "")

    assert keys_of(tmp_path) == ""


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (f'lab = "{SECRET}', 0o600, "is not written as TOML"),
        (f'[lab]\nkey = "{SECRET}"\n', 0o600, "holds more than keys"),
        (f'"a b" = "{SECRET}"\n', 0o600, "holds more than keys"),
        (f'lab = "{SECRET}"\n', 0o644, "Run `chmod 600"),
    ],
)
def test_a_file_of_keys_that_cannot_be_used_is_left_as_it_is(
    tmp_path: Path, files: ServerFiles, text: str, mode: int, words: str
) -> None:
    (tmp_path / "keys.toml").write_text(text)
    (tmp_path / "keys.toml").chmod(mode)

    with pytest.raises(BadFile) as caught:
        files.add(LAB, "another")

    assert words in str(caught.value)
    assert SECRET not in str(caught.value)
    assert (keys_of(tmp_path), files.known.tables) == (text, ())
    assert words in files.known.problems[0]


def test_a_file_that_cannot_be_written_leaves_nothing_half_done(tmp_path: Path, files: ServerFiles) -> None:
    files.add(LAB, SECRET)
    (tmp_path / "servers.toml.new").mkdir()  # so that writing fails

    with pytest.raises(BadFile, match=r"servers\.toml cannot be written"):
        files.add(replace(LAB, name="more"), "key-of-more")

    assert keys_of(tmp_path) == f'lab = "{SECRET}"\n'


def test_a_broken_file_of_servers_is_told_and_not_overwritten(tmp_path: Path, files: ServerFiles) -> None:
    (tmp_path / "servers.toml").write_text("[servers.lab\n")

    assert "servers.toml" in files.known.problems[0]
    with pytest.raises(Exception, match="Correct it, or move it away"):
        files.add(LAB, "")
    assert (tmp_path / "servers.toml").read_text() == "[servers.lab\n"


# --- what is shown ---


def test_each_server_says_where_it_stands_and_whether_it_has_a_key() -> None:
    listed = LlmListed(
        player="rehearsal",
        default="rehearsal",
        models=[{"name": "lab/one", "server": "lab"}],
        servers=[
            {
                "name": "ollama",
                "kind": "ollama",
                "address": "http://127.0.0.1:11434",
                "local": True,
                "problem": "Away.",
            },
            {"name": "lab", "kind": "openai", "address": LAB.address, "local": True, "problem": ""},
            {"name": "gone", "kind": "openai", "address": "http://gone/v1", "local": False, "problem": ""},
        ],
    )
    mine = ServerTable("mine", "https://far.example/v1")
    ollama, lab, far = entries(KnownServers((LAB, mine), frozenset({"mine"})), listed)

    assert (ollama.problem, ollama.editable, ollama.takes_key) == ("Away.", False, True)
    assert (lab.models, lab.editable, lab.listed, lab.has_key) == (1, True, True, False)
    assert (far.name, far.file, far.local, far.listed, far.has_key) == ("mine", "pianola.toml", False, False, True)


def test_the_dialog_marks_what_leaves_the_machine_and_what_cannot_be_changed_here() -> None:
    far = ServerEntry("far", "https://far.example/v1", "openai", False, "pianola.toml", has_key=True)
    drawn = to_xml(servers_dialog(PageView(revision=1, tab="", app="todo", apps={}, servers=(far,))))

    for words in ("leaves this machine", "stands in pianola.toml", "a key is set", "Change the key"):
        assert words in drawn
    assert "Remove …" not in drawn
    assert "Remove the key" in to_xml(key_dialog(far))
    assert "Remove the key" not in to_xml(key_dialog(replace(far, has_key=False)))


def test_a_command_does_not_show_its_fields() -> None:
    command = Command("server-add", "n" * 16, {"secret": SECRET}, None, None)  # type: ignore[arg-type]

    assert SECRET not in repr(command)
    assert key_problem(SECRET) == ""


# --- in the running page ---


async def shown(tab: Tab, *words: str) -> None:
    """Wait until the list of servers was drawn with all these words."""
    await tab.until(lambda frame: 'id="servers-list"' in frame and all(word in frame for word in words))


def test_a_server_is_added_gets_its_key_and_is_removed_and_the_key_is_nowhere_else() -> None:
    wrong = f"wrong-{SECRET}"
    with OpenAiDouble(llama_cpp=False, key=SECRET) as double, System() as system:
        system.start("broker", "store", "llm_worker", "agent", "web", "logger")
        visitor = Visitor(system)

        async def work(guest: Guest) -> str:
            async with visitor.tab() as tab, visitor.tab() as other:
                bad = {"name": "lab", "address": "nowhere", "secret": SECRET}
                assert await tab.command("server-add", **bad) == ""
                await tab.until(lambda frame: "“nowhere” is not an address" in frame)
                good = bad | {"address": double.url, "secret": wrong}
                assert await tab.command("server-add", **good) == ""
                await shown(other, "added here", "does not accept the key in keys.toml")
                assert await tab.command("server-add", **good) == ""  # it is this very server
                assert not any("There is a server" in frame for frame in tab.frames)
                assert await tab.command("server-add", **good | {"secret": "x"}) == ""
                await tab.until(lambda frame: "There is a server “lab” already" in frame)

                assert await tab.command("server-ask-key", server="lab") == ""
                await tab.until(lambda frame: 'id="server-key"' in frame and "A key is set" in frame)
                assert await tab.command("server-key", server="lab", secret=f"{SECRET}\nx") == ""
                await tab.until(lambda frame: "The key has a line break" in frame)
                assert "is no text" in await tab.command("server-key", server="lab", secret=[SECRET])
                assert "There is no server “nobody”" in await tab.command("server-key", server="nobody", secret=SECRET)
                assert await tab.command("server-key", server="lab", secret=SECRET) == ""
                await shown(other, "1 model", "a key is set")

                assert await tab.command("set", key="model", value="lab/double:1b") == ""
                assert await tab.command("say", text="Hello") == ""
                await guest.until(message_of(LlmFinished))
                pages = [await asyncio.to_thread(visitor.page) for _ in range(2)]
                exported = [await asyncio.to_thread(visitor.ask, f"/export/{one}.json") for one in ("todo", "message")]
                return "".join([*tab.frames, *other.frames, *pages, repr(exported)])

        async def visit(guest: Guest) -> str:
            return await work(guest) + repr(guest.heard)

        seen = system.visit(visit)
        outputs = system.outputs()
        kept = {
            str(file.relative_to(system.home)): file.read_bytes()
            for file in system.home.rglob("*")
            if file.is_file() and file != system.settings.keys_file
        }

        async def remove(_guest: Guest) -> None:
            async with visitor.tab() as tab:
                assert "cannot be done with the server “ollama”" in await tab.command("server-remove", server="ollama")
                assert await tab.command("server-ask-remove", server="lab") == ""
                await tab.until(lambda frame: "Its key is deleted." in frame)
                assert await tab.command("server-remove", server="lab") == ""
                await tab.until(lambda frame: 'id="model-list"' in frame and "lab/double" not in frame)

        assert SECRET in system.settings.keys_file.read_text()
        system.visit(remove)
        assert system.settings.keys_file.read_text() == ""

    assert double.chats[0].headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in seen + outputs
    assert [name for name, content in kept.items() if SECRET.encode() in content] == []
    assert any(b"double:1b" in content for content in kept.values())


def test_a_server_of_the_users_own_file_can_get_a_key_and_nothing_else() -> None:
    with OpenAiDouble(key=SECRET) as double, System() as system:
        system.settings.settings_file.write_text(f'[servers.mine]\naddress = "{double.url}"\n')
        save_servers(system.settings.servers_file, [LAB])
        system.start("broker", "store", "llm_worker", "web")
        visitor = Visitor(system)

        async def work(_guest: Guest) -> None:
            async with visitor.tab() as tab:
                refused = await tab.command("server-remove", server="mine")
                assert "It stands in pianola.toml: change it there." in refused
                assert await tab.command("server-key", server="mine", secret=SECRET) == ""
                await shown(tab, "1 model", "stands in pianola.toml", "a key is set")

        system.visit(work)
        assert servers_in(system.settings.servers_file) == (LAB,)

"""An import from Botify that is killed between the request for an export and its answer asks for none again."""

from bus.messages import JobAnswered, JobProgressed, JobRun, StoreOrder
from tests.support.botify_double import KEY, BotifyDouble
from tests.support.system import Guest, System, message_of

ARGUMENTS = {"user": "me", "project": "site", "analysis": "20261101", "agreed": 2}


async def start(guest: Guest) -> None:
    heard = await guest.bus.ask(JobRun(app="links", job="import_botify", arguments=ARGUMENTS), "links", id="import-1")
    answered: JobAnswered = heard.message
    assert answered.ok, answered.error


async def problem(guest: Guest) -> str:
    await guest.until(message_of(JobProgressed, state="failed"))
    heard = await guest.bus.ask(StoreOrder(verb="list", table="job"), "job", id="list-jobs")
    return str(heard.message.rows[0]["problem"])


def test_kill_9_between_the_request_and_its_answer_starts_one_export():
    with BotifyDouble(holds=True) as double, System({"PIANOLA_BOTIFY_HOST": double.url}) as system:
        system.settings.keys_file.write_text(f'botify = "{KEY}"\n')
        system.settings.keys_file.chmod(0o600)
        system.start("broker", "store", "jobs")
        system.visit(start)
        assert double.asked.wait(30)
        system.kill("jobs")
        double.go.set()
        system.start("jobs")
        end = system.visit(problem)
        kept = "".join(
            file.read_text(errors="replace")
            for file in system.home.rglob("*")
            if file.is_file() and file.name != "keys.toml"
        )

    assert "An export may have been started" in end
    assert double.count("POST /jobs") == 1
    assert KEY not in kept

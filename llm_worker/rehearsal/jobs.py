"""Orders about jobs, from what the prompt says of them: start one, end one, say how far they are. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bus.messages import Values
from llm_worker.rehearsal.clauses import quoted

DECLARED = re.compile(r"^Job ([a-z][a-z0-9_]*) \((.*?)\)(?:, values: (.*))?\.$", re.MULTILINE)
FIELD = re.compile(r"([a-z][a-z0-9_]*) \(([^()]*)\)")
HEADING = "# Jobs, "
LINE = re.compile(r'^id (\d{1,15}): ("(?:[^"\\]|\\.)*"), (\w+)(?:, (\d+ (?:of \d+ )?done))?', re.MULTILINE)
ACTIVE = ("waiting", "running", "paused")
POLITE = r"(?:please |can you |could you |now |then )*"
ADDRESS = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?|https?://\S+")
LEAST_OF_A_NAME = 4
"""Characters of a word that names a job."""

Play = Callable[[str, Values], str]


@dataclass(frozen=True, slots=True)
class Declared:
    """A job of the open app. `fields`: by name, what the prompt says of each."""

    name: str
    label: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A job that the prompt tells of."""

    id: int
    title: str
    state: str
    done: str


def declared(messages: list[Values]) -> list[Declared]:
    """Return the jobs that the prompt says can be started."""
    system = next((str(one.get("content", "")) for one in messages if one.get("role") == "system"), "")
    return [Declared(found[1], found[2], dict(FIELD.findall(found[3] or ""))) for found in DECLARED.finditer(system)]


def seen(messages: list[Values]) -> list[Seen]:
    """Return the jobs that the newest message tells of."""
    last = next((str(one.get("content", "")) for one in reversed(messages) if one.get("role") == "user"), "")
    block = f"\n{last}".rpartition(f"\n{HEADING}")[2].partition("\n# ")[0] if f"\n{HEADING}" in f"\n{last}" else ""
    return [Seen(int(one[1]), one[2][1:-1], one[3], one[4] or "") for one in LINE.finditer(block)]


def about_jobs(said: str, messages: list[Values], play: Play) -> str:
    """Return the answer to an order or a question about jobs; "" for anything else."""
    if re.match(r"how far\b|(?:show|list) .*\bjobs?\b|what .*\bjobs?\b", said, re.IGNORECASE):
        return how_far(seen(messages))
    if ended := re.match(rf"{POLITE}(?:cancel|stop|abort|end)\b(?P<which>.*)", said, re.IGNORECASE):
        return end(ended["which"], [one for one in seen(messages) if one.state in ACTIVE], play)
    for job in declared(messages):
        if found := re.match(rf"{POLITE}(?:(?:run|start)\b(?: an?| the)? )?{job.name}\b(.*)", said, re.IGNORECASE):
            values = {name: value for name, kind in job.fields.items() if (value := value_in(found[1], name, kind))}
            return play(f"{job.label}: off it goes.", {"operation": "run", "job": job.name, "values": values})
    return ""


def how_far(jobs: list[Seen]) -> str:
    """Return how far the jobs are, in words; "" for no jobs."""
    parts = [f"{quoted(one.title)} is {one.state}{f' ({one.done})' if one.done else ''}" for one in jobs[:10]]
    return f"{'; '.join(parts)}." if parts else ""


def end(which: str, active: list[Seen], play: Play) -> str:
    """Return the answer that ends the job that is meant; "" where no job is active."""
    words = [word for word in re.findall(r"\w+", which.casefold()) if len(word) >= LEAST_OF_A_NAME]
    named = [one for one in active if any(word in one.title.casefold() for word in words)]
    meant = named or active
    if len(meant) > 1:
        return f"Which one? {how_far(meant)}"
    return play(f"Ending {quoted(meant[0].title)}.", {"operation": "cancel", "job": meant[0].id}) if meant else ""


def value_in(text: str, name: str, kind: str) -> str | int | bool | None:
    """Return the value of a field that the words of an order say; None for none."""
    if kind.startswith("one of "):
        choices = kind.removeprefix("one of ").removesuffix(", required").split(", ")
        return next((one for one in choices if re.search(rf"\b{re.escape(one)}\b", text, re.IGNORECASE)), None)
    if kind.startswith("whole number"):
        word = name.rpartition("_")[2]
        found = re.search(rf"\b(\d{{1,9}}) {word}\b|\b{word} (?:of )?(\d{{1,9}})\b", text, re.IGNORECASE)
        return int(found[1] or found[2]) if found else None
    is_address = kind == "text, required" or "url" in name
    if is_address and (address := ADDRESS.search(text)):
        written = address[0].rstrip(".,;!?")
        return written if "://" in written else f"http://{written}"
    return None

"""Orders about jobs, from what the prompt says of them: start one, end it, let it pause or go on, say how far. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bus.messages import Values
from llm_worker.rehearsal.clauses import quoted

DECLARED = re.compile(r"^Job ([a-z][a-z0-9_]*) \((.*?)\)(?:, values: (.*))?\.$", re.MULTILINE)
FIELD = re.compile(r"([a-z][a-z0-9_]*) \(([^()]*)\)")
LIMITS = re.compile(r"from (-?\d+) to (-?\d+)")
HEADING = "# Jobs, "
LINE = re.compile(r'^id (\d{1,15}): ("(?:[^"\\]|\\.)*"), (\w+)(?:, (\d+ (?:of \d+ )?done))?', re.MULTILINE)
POLITE = r"(?:please |can you |could you |now |then )*"
ADDRESS = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?|https?://\S+")
LEAST_OF_A_NAME = 4
"""Letters of a word that names a job; also how many must be the same: "simulation" names "Simulate: slow"."""
MOST_OF_A_NAME = 6
"""Words that name a job."""
NO_JOB = "No job is running, and none has ended lately."
WHICH = "Which one?"
"""With these words the player asks; the user's next words name a job."""
FILLING = re.compile(
    r"(?:an?|the|this|that|its?|with|to|of|for|in|on|at|and|or|please|now|then|jobs?|run|me|my|you|site|from|by|just|up"
    r"|can|could|go|again|too|also|only|be|is|as)[.:]*",
    re.IGNORECASE,
)
"""Words of an order that say nothing about a value."""

Play = Callable[[str, Values], str]


@dataclass(frozen=True, slots=True)
class OnJob:
    """What can be done with a job that is there. `words`: a pattern of the verb, with what is named as `which`."""

    operation: str
    words: str
    says: str
    states: tuple[str, ...]
    """The states of the jobs that may be meant."""


ON_JOBS = (
    OnJob("cancel", r"(?:cancel|stop|abort|end)\b(?P<which>.*)", "Ending", ("waiting", "running", "paused")),
    OnJob("pause", r"(?:pause|suspend)\b(?P<which>.*)", "Pausing", ("waiting", "running")),
    OnJob(
        "retry",
        r"(?:retry\b(?P<which>.*)|(?:try|run|start|do)\b(?P<these>.*)\bagain\b.*)",
        "Trying again:",
        ("failed", "cancelled"),
    ),
    OnJob("resume", r"(?:resume|continue|go on|carry on)\b(?P<which>.*)", "Going on with", ("paused",)),
)


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


@dataclass(slots=True)
class Heard:
    """What the words of an order say: values by field, and the words that say no value."""

    values: Values = field(default_factory=dict)
    rest: str = ""

    @property
    def unknown(self) -> list[str]:
        """The words that mean nothing to the player."""
        return [word for word in re.findall(r"\w[\w'./:-]*", self.rest) if not FILLING.fullmatch(word)]


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
    jobs = seen(messages)
    if asked := re.match(r"how far\b(.*)", said, re.IGNORECASE):
        return how_far(named(asked[1], jobs) or jobs)
    if re.match(r"(?:show|list|what) .*\bjobs?\b", said, re.IGNORECASE):
        return how_far(jobs) or NO_JOB
    order = f"{asked_about(messages)} {said}" if is_a_name(said, jobs) else said
    for on_job in ON_JOBS:
        if found := re.match(f"{POLITE}{on_job.words}", order.strip(), re.IGNORECASE):
            words = " ".join(one for one in found.groupdict().values() if one)
            return order_on(on_job, words, jobs, play)
    for job in declared(messages):
        if found := re.match(rf"{POLITE}(?:(?:run|start)\b(?: an?| the)? )?{job.name}\b(.*)", said, re.IGNORECASE):
            return start(job, found[1], play)
    return ""


def is_a_name(said: str, jobs: list[Seen]) -> bool:
    """Return whether words only name a job: “the crawl”, “number 3”."""
    return len(said.split()) <= MOST_OF_A_NAME and bool(named(said, jobs))


def asked_about(messages: list[Values]) -> str:
    """Return the verb of the order about which the player has just asked which job is meant; "" for none."""
    spoken = [one for one in messages if one.get("role") == "assistant"]
    found = re.match(rf"{re.escape(WHICH)} To (\w+),", str(spoken[-1].get("content", ""))) if spoken else None
    return found[1] if found else ""


def how_far(jobs: list[Seen]) -> str:
    """Return how far the jobs are, in words; "" for no jobs."""
    parts = [f"{quoted(one.title)} is {one.state}{f' ({one.done})' if one.done else ''}" for one in jobs[:10]]
    return f"{'; '.join(parts)}." if parts else ""


def named(words: str, jobs: list[Seen]) -> list[Seen]:
    """Return the jobs that words name: by the number, else those with the most words of the title; [] for none."""
    numbers = [int(one) for one in re.findall(r"\b\d{1,15}\b", words)]
    if by_number := [one for one in jobs if one.id in numbers]:
        return by_number
    scores = [sum(is_in(word, one.title) for word in re.findall(r"\w+", words)) for one in jobs]
    most = max(scores, default=0)
    return [one for one, score in zip(jobs, scores, strict=True) if most and score == most]


def is_in(word: str, title: str) -> bool:
    """Return whether a title has a word, perhaps in another form."""
    short = word.casefold()[: max(LEAST_OF_A_NAME, len(word) - LEAST_OF_A_NAME)]
    return len(word) >= LEAST_OF_A_NAME and re.search(rf"\b{re.escape(short)}", title.casefold()) is not None


def order_on(on_job: OnJob, words: str, jobs: list[Seen], play: Play) -> str:
    """Return the answer to an order about a job that is there; "" where there are no jobs."""
    fit = [one for one in jobs if one.state in on_job.states]
    meant = named(words, fit) or fit
    if len(meant) > 1:
        listed = "; ".join(f"id {one.id}, {quoted(one.title)}, {one.state}" for one in meant[:10])
        return f"{WHICH} To {on_job.operation}, there are: {listed}."
    if meant:
        instruction = {"operation": on_job.operation, "job": meant[0].id}
        return play(f"{on_job.says} {quoted(meant[0].title)}.", instruction)
    states = " or ".join(on_job.states)
    return f"No job is {states}, so there is nothing to {on_job.operation}. {how_far(jobs)}" if jobs else ""


# --- start ---


def start(job: Declared, words: str, play: Play) -> str:
    """Return the answer that starts a job, and says which words were left out; or what is wrong with a value."""
    heard = heard_in(words, job)
    for name, value in heard.values.items():
        if isinstance(value, int) and (limits := LIMITS.search(job.fields[name])):
            least, most = int(limits[1]), int(limits[2])
            if not least <= value <= most:
                problem = f"“{value} {name}” cannot be: {name} go from {least:,} to {most:,}."
                return f"{problem} I start nothing."
    left_out = ", ".join(quoted(word) for word in heard.unknown[:5])
    more = f" I do not understand {left_out}, so I leave that out." if left_out else ""
    return play(f"{job.label}: off it goes.{more}", {"operation": "run", "job": job.name, "values": heard.values})


def heard_in(words: str, job: Declared) -> Heard:
    """Return the values that the words of an order say."""
    heard = Heard(rest=words)
    for name, kind in job.fields.items():
        if found := place_of(heard.rest, name, kind):
            heard.values[name] = value_of(found, kind)
            heard.rest = f"{heard.rest[: found.start()]} {heard.rest[found.end() :]}"
    return heard


def place_of(text: str, name: str, kind: str) -> re.Match[str] | None:
    """Return where a text says the value of a field; None where it says none. Group 1 or 2 is the value."""
    if kind.startswith("one of "):
        choices = kind.removeprefix("one of ").removesuffix(", required").split(", ")
        return re.search(rf"\b({'|'.join(map(re.escape, choices))})\b", text, re.IGNORECASE)
    if kind.startswith("whole number"):
        word = f"(?:{name.replace('_', ' ')}|{name.rpartition('_')[2]})"
        return re.search(rf"(?<![\w-])(-?\d{{1,9}}) {word}\b|\b{word} (?:of )?(-?\d{{1,9}})\b", text, re.IGNORECASE)
    return ADDRESS.search(text) if kind == "text, required" or "url" in name else None


def value_of(found: re.Match[str], kind: str) -> str | int:
    """Return the value that a place of a text says."""
    if kind.startswith("one of "):
        choices = kind.removeprefix("one of ").removesuffix(", required").split(", ")
        return next(one for one in choices if one.casefold() == found[1].casefold())
    if kind.startswith("whole number"):
        return int(found[1] or found[2])
    written = found[0].rstrip(".,;!?")
    return written if "://" in written else f"http://{written}"

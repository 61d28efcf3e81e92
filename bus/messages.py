"""The catalogue: every message there is, one frozen dataclass each, in the order of a click.

A class is a kind; its docstring is its manual: who says it to whom, what the fields mean (with units), what follows.
Fields without a default must be present and of their type, or the message is bad; unknown fields are ignored.
`docs/messages.md` is generated from this file (`python -m bus.manual`).
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Literal, Self, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

from bus.errors import BadMessage

Values = dict[str, Any]
Check = tuple[str, tuple[type, ...], tuple[Any, ...], bool]
"""Name of a field, types it may have, values it may have (empty: any), whether it must be present."""

Actor = Literal["user", "model", "app", "system"]
Purpose = Literal["chat", "comment", "step"]

MAX_TEXT_CHARACTERS = 200_000
"""Longest text of one generation or one message; a frame of the bus (1 MiB) holds it in any language."""

CATALOGUE: dict[str, type["Message"]] = {}
"""Kind to class, in the order of a click."""


class Message:
    """What all kinds have in common. A body is a msgpack map of text, numbers, booleans, lists and maps."""

    __slots__ = ()
    kind: ClassVar[str]
    receiver: ClassVar[str] = ""
    """For an order: the process that answers it."""
    answers: ClassVar[tuple[str, ...]] = ()
    """For an order: the kinds of message that answer it, with the order's id as their cause."""
    checks: ClassVar[tuple[Check, ...]]

    @classmethod
    def from_body(cls, body: Values) -> Self:
        """Build the message from a decoded body, or raise `BadMessage`."""
        values = {}
        for name, types, choices, required in cls.checks:
            if name not in body:
                if required:
                    raise BadMessage("missing field", f"{cls.kind} needs `{name}`")
                continue
            value = body[name]
            if type(value) not in types:
                expected = " or ".join(kind.__name__ for kind in types)
                raise BadMessage("wrong type", f"{cls.kind}.{name} is {type(value).__name__}, expected {expected}")
            if choices and value not in choices:
                raise BadMessage("unknown value", f"{cls.kind}.{name} is {value!r:.80}, expected one of {choices}")
            values[name] = value
        return cls(**values)

    def body(self) -> Values:
        """Return the fields as the map that goes into the third frame."""
        return {name: getattr(self, name) for name, *_ in self.checks}


MessageType = TypeVar("MessageType", bound=Message)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def says(
    kind: str, *, receiver: str = "", answers: tuple[str, ...] = ()
) -> Callable[[type[MessageType]], type[MessageType]]:
    """Enter a class into the catalogue under its kind."""

    def enter(cls: type[MessageType]) -> type[MessageType]:
        cls.kind, cls.receiver, cls.answers = kind, receiver, answers
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        hints = get_type_hints(made)
        made.checks = tuple(_check(hints[one.name], one) for one in fields(made))  # type: ignore[arg-type]
        CATALOGUE[kind] = made
        return made

    return enter


def _check(hint: Any, one: Any) -> Check:
    required = one.default is MISSING and one.default_factory is MISSING
    if get_origin(hint) is Literal:
        return one.name, (str,), get_args(hint), required
    options = get_args(hint) if get_origin(hint) not in (dict, list) else (hint,)
    types = tuple(get_origin(option) or option for option in (options or (hint,)))
    return one.name, (*types, int) if float in types else types, (), required


# --- 1. The user does something -------------------------------------------------------------------------------------


@says("ui.acted")
class UiActed(Message):
    """The user did something that changes no data. Key: the app. From web to agent.

    What changes data is an order to the store and is heard as `store.changed`. `action`: opened, selected, searched,
    poked, stopped …; `detail`: what belongs to the action; `profile`: the one in view; `tab`: the browser tab.
    """

    app: str
    action: str
    detail: Values = field(default_factory=dict)
    profile: int = 0
    tab: str = ""


# --- 2. Data is read or changed -------------------------------------------------------------------------------------


@says("store.order", receiver="store", answers=("store.answer",))
class StoreOrder(Message):
    """Read or change rows of one table. Key: the table. From anybody to store, which answers with `store.answer`.

    Repeated with the same id until answered; a write takes effect exactly once.
    `verb`, and what it uses:
    - list: rows that match `where`, ordered by `sort` (a field; `-field`: descending), `limit` (0: 100) from `offset`.
    - get: the row `id`.
    - insert: a new row of `values`.
    - update: sets `values` in row `id`. `where` may name fields and the values they must still have (else `conflict`).
    - delete: row `id`, or all rows that match `where` when `id` is 0.
    - toggle: flips the boolean field `values.field` of row `id`.
    - sort: moves row `id` behind row `values.after` (0: to the front), or sorts all rows that match `where` by
      `values.by`.
    - search: rows of `table` (or of all tables, when it is ""; then `where` may name a `profile` only) that have all
      words of `values.text`, also as beginnings; the best first, texts cut, with `_table` and `_snippet` besides.
    - undo: takes back the change `values.change` (a revision), unless the row was changed again since; or several,
      `values.changes`, the newest first, all or none.
    - batch: carries out `values.orders`, 1 to 1,000 maps of `verb` (insert update delete toggle sort undo), `table`,
      `id`, `values`, `where`, all or none. The order's own `table` is that of the first one.

    `where` maps fields to the value, or the list of values, that they must have; a number or time also to a map with
    `from`, `to` or both (inclusive). `actor`: on whose behalf. The table `change`, the history, can only be read. An
    order that would change more than 10,000 rows is refused.
    """

    verb: Literal["list", "get", "insert", "update", "delete", "toggle", "sort", "search", "undo", "batch"]
    table: str
    id: int | str = 0
    values: Values = field(default_factory=dict)
    where: Values = field(default_factory=dict)
    actor: Actor = "user"
    sort: str = ""
    limit: int = 0
    offset: int = 0


@says("store.answer")
class StoreAnswer(Message):
    """What came of an order, after its commit. Key: the asker's sender. Its cause is the order's id. From store.

    `rows`: the rows read, or the rows as they are after the change (for delete: as they were; for batch: one for each
    of its orders, in their order). `error`: `code` (unknown_table, unknown_field, wrong_type, missing_field, bad_value,
    too_long, not_found, conflict, disk_full, busy, failed) and `message`, one sentence for the user; `index`: which one
    of a batch, or of several to undo, was refused (0, 1, 2 …); `change`: the newer revision that stands in the way of
    an undo. `more`: there are more rows than the answer has. `total`: of a list, how many rows match, whatever limit
    and offset. `changes`: revisions that the order made, the same again when it is repeated. `revision`: of the store
    at that moment: facts up to this one are contained in the rows.
    """

    ok: bool
    rows: list[Values] = field(default_factory=list)
    error: Values = field(default_factory=dict)
    more: bool = False
    total: int = 0
    changes: list[int] = field(default_factory=list)
    revision: int = 0


@says("store.changed")
class StoreChanged(Message):
    """The fact that a row is now different. Key: the table. From store to all, after the commit.

    `verb`: insert, update or delete. `row`: as it is now (for delete: empty). `before`: as it was (for insert: empty).
    `revision`: 1, 2, 3 … over the whole store: a gap means loss; ask the store. The header's cause is the order's id.
    `order_cause`: what had caused the order, so that the chain goes on without the order at hand. `undoes`: the
    revision that this change takes back, 0 for none.
    """

    table: str
    verb: Literal["insert", "update", "delete"]
    id: int | str
    row: Values
    before: Values
    actor: Actor
    revision: int
    order_cause: str = ""
    undoes: int = 0


# --- 3. The model speaks --------------------------------------------------------------------------------------------


@says("llm.generate", receiver="llm_worker", answers=("llm.started", "llm.failed"))
class LlmGenerate(Message):
    """Generate an answer. Key: the conversation. From agent to llm_worker, which answers with `llm.started`.

    `generation`: its unique name; asked again for a generation it knows, the worker does not generate twice.
    `model`: "" for the worker's own choice. `messages`: maps of `role` and `content`, as Ollama takes them.
    `options`: as Ollama takes them, and `think` (bool). `purpose`: what the answer is for. `tools`: what the model may
    call, as Ollama takes it; [] for one that writes its instructions as text. `format`: a JSON schema that the answer
    must follow, {} for none.
    """

    generation: str
    conversation: int
    messages: list[Values]
    model: str = ""
    options: Values = field(default_factory=dict)
    purpose: Purpose = "chat"
    tools: list[Values] = field(default_factory=list)
    format: Values = field(default_factory=dict)


@says("llm.started")
class LlmStarted(Message):
    """The worker took the order and asks the model. Key: the conversation. From llm_worker to all.

    `loaded`: whether the model is in memory; false: the first token waits for the model to load.
    """

    generation: str
    model: str
    loaded: bool = True


@says("llm.token")
class LlmToken(Message):
    """The next piece of text, as the model emitted it. Key: the conversation. From llm_worker to all.

    One for each of the model's tokens; one for several only when they came in the same read, faster than we can say
    them. `index`: 0, 1, 2 … within the generation: who sees a gap asks with `llm.recall`. `thinking`: it belongs to the
    model's reasoning, not to the answer.
    """

    generation: str
    index: int
    text: str
    thinking: bool = False


@says("llm.finished")
class LlmFinished(Message):
    """The generation ended properly. Key: the conversation. From llm_worker to all.

    `text`: the whole answer, without the reasoning. `reason`: stop (the model was done), length (a limit was reached),
    cancelled (by `llm.cancel`). `tokens`: of the answer, `prompt_tokens`: of what the model was told, both counted by
    Ollama, 0 if unknown. `seconds`: from the order to the end. `tool_calls`: as Ollama gives them.
    """

    generation: str
    text: str
    reason: Literal["stop", "length", "cancelled"]
    tokens: int = 0
    prompt_tokens: int = 0
    seconds: float = 0.0
    tool_calls: list[Values] = field(default_factory=list)


@says("llm.failed")
class LlmFailed(Message):
    """The generation ended otherwise. Key: the conversation. From llm_worker to all.

    `text`: what had come so far. `problem`: one sentence for the user. `retryable`: trying again may help.
    `interrupted`: the text was cut in the middle, rather than refused. `unable`: what the model cannot do, so that it
    is worth asking again without it: tools, format, or "".
    """

    generation: str
    text: str
    problem: str
    retryable: bool
    interrupted: bool = False
    unable: str = ""


@says("llm.cancel", receiver="llm_worker", answers=("llm.recalled",))
class LlmCancel(Message):
    """Stop generating; the model is freed at once. Key: the conversation. From web or agent to llm_worker.

    Answered with `llm.recalled`; `llm.finished` with reason cancelled follows if it was running.
    """

    generation: str


@says("llm.recall", receiver="llm_worker", answers=("llm.recalled",))
class LlmRecall(Message):
    """Ask for the text of a generation so far. Key: the conversation. From who missed something to llm_worker."""

    generation: str


@says("llm.recalled")
class LlmRecalled(Message):
    """The text of a generation so far. Key: the asker's sender. Its cause is the asking message. From llm_worker.

    `next`: index of the token that comes next. `state`: running; ended (`llm.finished` or `llm.failed` was said again,
    for those who missed it); lost (a worker that died had it: the text is all that there will be); unknown.
    """

    generation: str
    state: Literal["running", "ended", "lost", "unknown"]
    text: str = ""
    thinking: str = ""
    next: int = 0


@says("llm.listed")
class LlmListed(Message):
    """Which models there are. Key: empty. From llm_worker to all, when it changed, and after each `service.asked`.

    `player`: ollama, or rehearsal (the built-in one, which is no model). `models`: maps of `name`, `size` (bytes),
    `loaded`, `cloud`, `capabilities`, `context` (tokens, 0 if unknown). `default`: the worker's own choice.
    `host`: where Ollama is looked for. `problem`: a sentence for the user with the way out, or "".
    """

    player: Literal["ollama", "rehearsal"]
    default: str
    models: list[Values] = field(default_factory=list)
    host: str = ""
    problem: str = ""

    def playing(self, chosen: str) -> str:
        """Return the model that plays, given the user's last choice ("" for none)."""
        return chosen if any(model["name"] == chosen for model in self.models) else self.default


# --- 4. The assistant acts ------------------------------------------------------------------------------------------


@says("agent.acted")
class AgentActed(Message):
    """What became of one instruction of the model. Key: the app. From agent to all.

    `instruction`: as the model gave it. `outcome`: applied, proposed (the user is asked first), refused, undone.
    `change`: the revision of the change in the store, 0 for none. `reason`: one sentence, for refused.
    """

    generation: str
    instruction: Values
    outcome: Literal["applied", "proposed", "refused", "undone"]
    change: int = 0
    reason: str = ""


# --- 5. Long work ---------------------------------------------------------------------------------------------------


@says("job.progressed")
class JobProgressed(Message):
    """How far an app's long work has come. Key: the app. From a job to all. `done` of `total` units; `note`: a line."""

    job: str
    done: int
    total: int
    state: Literal["running", "done", "failed", "cancelled"]
    note: str = ""


# --- 6. The apps ---------------------------------------------------------------------------------------------------


@says("app.failed")
class AppFailed(Message):
    """A process left an app out, or one of the app's hooks raised. Key: the app. From that process to all.

    Said again when somebody says `service.asked`, and not any more by a new run that does not meet it. `process`: who
    met it; `problem`: a sentence for the user and the app's author. Everything else goes on.
    """

    app: str
    process: str
    problem: str


# --- 7. The bus and the processes -------------------------------------------------------------------------------------


@says("bus.greeted")
class BusGreeted(Message):
    """A process greets itself through the broker: when it comes back, its messages arrive. Key: its own sender."""


@says("bus.welcomed")
class BusWelcomed(Message):
    """The broker saw a subscription to this topic. Key: the subscriber's sender. From broker to that subscriber.

    Every process subscribes to its own key, and zmq subscribes again after each reconnect: so an unexpected welcome
    means that the connection was lost, and another `broker` (its run id) that messages were lost with it.
    """

    broker: str


@says("bus.overflowed")
class BusOverflowed(Message):
    """A subscriber was too slow: its queue was full, and messages for it, and for it alone, were dropped. From broker.

    `episodes`: how often that happened since the broker started (an episode may drop many messages).
    """

    episodes: int


@says("bus.refused")
class BusRefused(Message):
    """Messages that broke the contract were dropped. From broker, at most once a second.

    `reason`: of the last one; `refused`: how many since the broker started.
    """

    reason: str
    refused: int


@says("bus.counted")
class BusCounted(Message):
    """The broker's counters since its start. From broker to all, every 2 s. `run`: the broker's run id."""

    run: str
    forwarded: int
    refused: int
    episodes: int


@says("service.asked")
class ServiceAsked(Message):
    """Who is ready? Key: empty. From who has just come, or has missed something, to all.

    Each answers with `service.changed` at once, and llm_worker with `llm.listed` as well.
    """


@says("service.changed")
class ServiceChanged(Message):
    """A process is ready, or leaves. Key: the process. From each to all; a beat repeats `ready` every 2 s.

    `run`: its run id, new at each start; `dropped`: bad messages it has heard since.
    """

    process: str
    state: Literal["ready", "stopping"]
    run: str
    pid: int
    dropped: int = 0


@says("log.written")
class LogWritten(Message):
    """A line of a process's log. Key: the process. From each to all. `text`: one sentence; `fields`: for tools."""

    level: Literal["debug", "info", "warning", "error"]
    text: str
    fields: Values = field(default_factory=dict)

"""The catalogue: every kind of message, one frozen dataclass each, in the order of a click.

The docstring of a class is the manual of its kind: which process says it to which, what the fields mean (with units),
what follows. A field without a default must be present. A missing field, or one of the wrong type, makes the message
bad, and a bad message is dropped; a bad order is refused. Unknown fields are ignored. Each kind says which process
alone is believed (`speaker`), and whether it may begin a chain of causes (`begins`); all others name their cause.
`docs/messages.md` is generated from this file (`python -m bus.manual`).
"""

from dataclasses import field
from typing import Annotated, Literal

from bus.checks.listed import MODEL, OFFER, SERVER, TOOL_SERVER
from bus.checks.message import CATALOGUE as CATALOGUE  # noqa: PLC0414 (others take it here, where it is full)
from bus.checks.message import Message as Message  # noqa: PLC0414 (as above)
from bus.checks.message import Values as Values  # noqa: PLC0414 (as above)
from bus.checks.message import says as says  # noqa: PLC0414 (as above)
from bus.checks.senders import process_of

Count = Annotated[int, 0]
"""An integer that is 0 or more."""

Actor = Literal["user", "model", "app", "system"]
Purpose = Literal["chat", "comment", "step"]

MAX_TEXT_CHARACTERS = 200_000
"""Longest text of one generation or one message. In any language it fits into a frame of the bus (1 MiB)."""


# --- 1. The user does something -------------------------------------------------------------------------------------


@says("ui.acted", begins=True)
class UiActed(Message):
    """The user did something that changes no data. Key: the app. From web to agent.

    An action that changes data is an order to the store instead, and is heard as `store.changed`.
    `action`: opened, selected, searched, poked, stopped …; `detail`: more about the action, as a map; `profile`: id of
    the profile in view; `tab`: the browser tab.
    """

    app: str
    action: str
    detail: Values = field(default_factory=dict)
    profile: int = 0
    tab: str = ""


# --- 2. Data is read or changed -------------------------------------------------------------------------------------


@says("store.order", receiver="store", answers=("store.answer",), begins=True)
class StoreOrder(Message):
    """Read or change rows of one table. Key: the table. From any process to store, which answers with `store.answer`.

    The sender repeats the order with the same id until the answer comes. A write takes effect exactly once.
    `verb`, and the fields that it uses:
    - list: returns the rows that match `where`, ordered by `sort` (a field; `-field`: descending). `limit` rows at most
      (0: 100), after leaving out the first `offset` rows.
    - get: returns row `id`.
    - insert: adds a row with `values`.
    - update: sets `values` in row `id`. `where` may give fields and the values that they must still have; if one is
      different now, the answer is the error `conflict`.
    - delete: deletes row `id`, or, when `id` is 0, all rows that match `where`.
    - toggle: flips the boolean field `values.field` of row `id`.
    - sort: moves row `id` behind row `values.after` (0: to the front). Without `id`: sorts all rows that match `where`
      by the field `values.by`.
    - search: returns rows of `table` that contain all words of `values.text`; a word may be only the beginning of a
      longer one. `table` "" searches all tables, and `where` may then hold a `profile` only. The best rows come first,
      their long texts are cut, and each row has `_table` and `_snippet` in addition.
    - sum (added later): counts the rows that match `where`, adds up `values.fields` (numbers, durations, money). The
      answer has one row with `count` and `sums`; with the field `values.by`, one for each of its values (one tag, one
      link), with `value` too, sorted by it. A sum of money is a list of exact amounts, one for each currency. With
      `values.per` (day week month year; added later) as well, `values.by` is a day, moment or time, and there is one
      row for each such span, its `value` the first day of it, or null; `values.zone` names the zone of the days.
    - recall (added later): answers again what was answered to the write whose id is `values.order`, also after a
      restart; the error `unknown_order` when it was not carried out, or more than 7 days ago.
    - erase (added later): deletes row `id` for good, with what belongs to it: of a conversation its messages, of a
      message its answers, of a profile its rows. Also a row that was deleted before. Every word of it is removed, from
      the history too, and it cannot be undone. Only for the actor user; not in a batch.
    - undo: takes back the change `values.change` (a revision), unless the row was changed again after it. Or several,
      in `values.changes`: the newest is taken back first, all or none.
    - batch: carries out `values.orders`, all or none: 1 to 1,000 maps with `verb` (insert update delete toggle sort
      undo), `table`, `id`, `values`, `where`. The `table` of the batch itself is that of its first order. In a link,
      `{"order": 2}` is the row that the order at index 2 is about.

    `where` maps a field to the value that it must have, or to a list of allowed values; null: none (added later). Of
    tags and links, one of their values is meant. A number or a time can also be mapped to a range: a map with `from`,
    `to` or both (inclusive); so can a day, moment, duration or amount (added later). `actor`: on whose behalf the order
    is. The table `change`, the history, can only be read. An order that would change more than 10,000 rows is refused.

    `client` (added later): name of the program that gives the order on the actor's behalf, "" for none of its own.

    `since` (added later): the texts of the order repeat rows as they were at this revision. If anything was deleted for
    good after it, they may hold words of that: a write is refused with the code `erased`. 0: they repeat nothing.

    `digest` (added later): names the content of the order. One with the id of an earlier write and another `digest` is
    refused with the code `reused`: it is not a repetition.
    """

    verb: Literal[
        "list", "get", "sum", "search", "recall",
        "insert", "update", "delete", "toggle", "sort", "undo", "batch", "erase",
    ]  # fmt: skip
    table: str
    id: int | str = 0
    values: Values = field(default_factory=dict)
    where: Values = field(default_factory=dict)
    actor: Actor = "user"
    sort: str = ""
    limit: int = 0
    offset: int = 0
    since: Count = 0
    client: str = ""
    digest: str = ""

    @classmethod
    def refusal(cls, code: str, sentence: str, count: int) -> Message:
        """Return the store's answer to an order that cannot be read or came too late."""
        return StoreAnswer(ok=False, error={"code": code, "message": sentence})


@says("store.answer", speaker="store")
class StoreAnswer(Message):
    """The result of an order, after its commit. Key: `sender` of the order. Cause: the order's id. From store.

    `rows`: the rows that were read, or the rows as they are after the change (for delete: as they were before; for
    batch: one row for each of its orders, in the same order). `error`, when `ok` is false: a map with
    - `code`: unknown_table, unknown_field, wrong_type, missing_field, bad_value, too_long, not_found, conflict,
      disk_full, busy or failed; added later: exchanged (the file was replaced under the store, which confirms nothing
      any more), bad_header or bad_message (the order cannot be read), expired (it came after its `until` and was not
      carried out then; an earlier message of the same order may have been), erased (see `since` of the order), unfit
      (rows have values that do not fit the new type of a field of their app), unknown_order (see the verb recall) and
      reused (see `digest` of the order);
    - `message`: one sentence for the user;
    - `index`: which order of a batch, or which of several changes to undo, was refused (0, 1, 2 …);
    - `field`, added later: the field whose value was refused; of a declaration, the place in it: `tables.0.fields.1`;
    - `change`: the newer revision that prevents an undo.

    `more`: more rows match than this answer holds. `total`, for list: how many rows match, without limit and offset.
    `changes`: the revisions that the order made; a repeated order gets the same ones again. `revision`: the newest
    revision of the store when the rows were read: `rows` contain every change up to it.
    """

    ok: bool
    rows: list[Values] = field(default_factory=list)
    error: Values = field(default_factory=dict)
    more: bool = False
    total: Count = 0
    changes: list[Count] = field(default_factory=list)
    revision: Count = 0


@says("store.changed", speaker="store")
class StoreChanged(Message):
    """A row was changed. Key: the table. From store to all, after the commit. Cause: the order's id.

    `verb`: insert, update, delete or, added later, erase (the row was deleted for good). `row`: the row as it is now
    (for delete and erase: empty). `before`: the row as it was (for insert: empty; for erase no more than `id`,
    `profile` and `conversation`). `revision`: 1, 2, 3 … over the whole store; a missing number means that a message was
    lost: ask the store. `order_cause`: the cause of the order, so that the chain of causes can be followed without the
    order. `undoes`: the revision that this change takes back, 0 for none. `client`: as in the order (added later).
    """

    table: str
    verb: Literal["insert", "update", "delete", "erase"]
    id: int | str
    row: Values
    before: Values
    actor: Actor
    revision: Count
    order_cause: str = ""
    undoes: Count = 0
    client: str = ""


@says("store.back_up", receiver="store", answers=("store.backed_up",), begins=True)
class StoreBackUp(Message):
    """Back up the database (an addition). Key: empty. To store. `file`: a new one; "": one in the folder `backups`."""

    file: str = ""


@says("store.backed_up", speaker="store", begins=True)
class StoreBackedUp(Message):
    """A backup was made; or not: `problem` says why. Key: `sender` of the order, "" for a daily one. From store."""

    ok: bool
    file: str = ""
    size: Count = 0
    problem: str = ""


# --- 3. The model speaks --------------------------------------------------------------------------------------------


@says("llm.generate", receiver="llm_worker", answers=("llm.started", "llm.failed"))
class LlmGenerate(Message):
    """Generate an answer. Key: the conversation. From agent to llm_worker, which answers with `llm.started`.

    `generation`: a unique name. The worker generates each one once: when it knows the name already, it repeats what it
    said about it. `model`: "" for the worker's default. `messages`: maps of `role` and `content`, as in Ollama's API.
    `options`: as in Ollama's API, for every kind of server; the worker translates. Among them `num_predict` (most
    tokens of the answer), `num_ctx` (size of the window in tokens) and `temperature`; and, beside Ollama's own, `think`
    (true, false, or absent: as the model wants) and `keep_alive` (how long the model stays in memory). `purpose`: what
    the answer is for. `tools`: the tools that the model may call, as in Ollama's API; [] when the model writes its
    instructions as text. `format`: a JSON schema that the answer must follow, {} for none.
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
    """The worker accepted the order and asks the model. Key: the conversation. From llm_worker to all.

    `loaded`: whether the model is in memory. If not, it has to load before the first token comes. `server` (added
    later): name of the server that is asked, "" for the built-in player.
    """

    generation: str
    model: str
    loaded: bool = True
    server: str = ""


@says("llm.progressed")
class LlmProgressed(Message):
    """What the model's server does now. Key: the conversation. From llm_worker to all. Added later.

    Said when the state changes, and while the prompt is read at most once a second. `state`, as far as the server lets
    it be known:
    - waiting: the server has the request, and works on something else or says nothing yet;
    - loading: the model is being loaded;
    - reading: the server reads the prompt;
    - writing: the first token has come.

    `prompt_tokens`: length of the whole prompt; `known_tokens`: how many of them the server took from its cache;
    `read_tokens`: how many it has read so far, beyond the known ones. Each is 0 if unknown.
    """

    generation: str
    state: Literal["waiting", "loading", "reading", "writing"]
    prompt_tokens: Count = 0
    known_tokens: Count = 0
    read_tokens: Count = 0


@says("llm.token")
class LlmToken(Message):
    """The next piece of text from the model. Key: the conversation. From llm_worker to all.

    One message for each token of the model. Tokens that come faster than messages can be sent share one message.
    `index`: 0, 1, 2 … within the generation; when a number is missing, ask for the text with `llm.recall`. `thinking`:
    the text belongs to the model's reasoning, not to the answer.
    """

    generation: str
    index: Count
    text: str
    thinking: bool = False


@says("llm.finished")
class LlmFinished(Message):
    """The generation ended without an error. Key: the conversation. From llm_worker to all.

    `text`: the whole answer, without the reasoning. `reason`: stop (the model was done), length (a limit was reached),
    cancelled (by `llm.cancel`) or, added later, repeated (the model repeated itself without end, and was stopped; the
    text ends before the repetition, so it is shorter than the tokens that were said). It is shorter as well when what
    was said as text turned out to be reasoning (an end of reasoning that never began). `tokens`: number of tokens in
    the answer; `prompt_tokens`: number of tokens in the prompt; the server counts both, 0 if unknown. `seconds`: from
    the order to the end. `tool_calls`: as in Ollama's API.

    Added later: `read_tokens`, tokens of the prompt that the server had to process; `known_tokens`, those that it took
    from its cache; both 0 if unknown. `load_seconds`, `read_seconds`, `write_seconds`: how long the server loaded the
    model, read the prompt and wrote the answer. Where a server does not tell, reading lasts from the order to the first
    token.
    """

    generation: str
    text: str
    reason: Literal["stop", "length", "cancelled", "repeated"]
    tokens: Count = 0
    prompt_tokens: Count = 0
    seconds: float = 0.0
    tool_calls: list[Values] = field(default_factory=list)
    read_tokens: Count = 0
    known_tokens: Count = 0
    load_seconds: float = 0.0
    read_seconds: float = 0.0
    write_seconds: float = 0.0


@says("llm.failed")
class LlmFailed(Message):
    """The generation ended with an error. Key: the conversation. From llm_worker to all.

    `text`: the answer so far. `problem`: one sentence for the user. `retryable`: trying again may help. `interrupted`:
    true when the answer broke off, false when the request was refused. `unable`: what the model does not support
    (tools or format; "" for nothing); asking again without it may help.
    """

    generation: str
    text: str
    problem: str
    retryable: bool
    interrupted: bool = False
    unable: str = ""


@says("llm.cancel", receiver="llm_worker", answers=("llm.recalled",), begins=True)
class LlmCancel(Message):
    """Stop a generation; the model is free at once. Key: the conversation. From web or agent to llm_worker.

    The answer is `llm.recalled`. If the generation was running, `llm.finished` with the reason cancelled follows.
    """

    generation: str


@says("llm.recall", receiver="llm_worker", answers=("llm.recalled",), begins=True)
class LlmRecall(Message):
    """Ask for the text of a generation so far. Key: the conversation. From any process to llm_worker."""

    generation: str


@says("llm.recalled")
class LlmRecalled(Message):
    """The text of a generation so far. Key: `sender` of the question. Cause: the question's id. From llm_worker.

    `next`: index of the next token. `state`:
    - running;
    - ended: `llm.finished` or `llm.failed` is said again after this message, for those who missed it;
    - lost: the worker died during the generation, and no more text will come;
    - unknown: the worker knows no generation of this name.
    """

    generation: str
    state: Literal["running", "ended", "lost", "unknown"]
    text: str = ""
    thinking: str = ""
    next: Count = 0


@says("llm.listed", begins=True)
class LlmListed(Message):
    """The list of models. Key: empty. From llm_worker to all, when it changed, and after each `service.asked`.

    `player`: what generates by default: ollama, rehearsal (the built-in player, which is no model) or, added later,
    server (a model of another server than Ollama). `models`: maps of `name`, `size` (bytes), `loaded`, `cloud`,
    `capabilities` (empty: unknown), `context` (tokens, 0 if unknown) and, added later, `server` (name of its server, ""
    for the built-in player), `local` (whether it runs on this machine; if not, the conversation leaves it), `window`
    (tokens of the context that the model itself asks for, 0 if it does not say), `loaded_until` (Unix seconds when its
    server takes it out of memory; 0: unknown, or not loaded), `plays` (false: it only talks, being too small to
    understand orders; absent: true), `form` (of a player of our own, the form of prompt that it was taught; 0: none)
    and `title` (what people call it; "": its name). Ollama's models have Ollama's names; those of other
    servers are called SERVER/NAME. `default`: the model that is used when the user has chosen none; it is always local,
    unless the user named it in the settings. `host`: the address of Ollama. `problem`: a sentence for the user that
    says what is wrong and what to do, or "".

    `servers`, added later: maps of `name`, `kind` (ollama, openai, embedded), `address`, `local` (whether it is on this
    machine) and `problem` (as above, for this server alone).

    `offers`, added later: models that can be got for this machine, without those that are installed. Maps of `name`
    (what `llm.pull` takes, and what it will be called in `models`), `server` (ollama or embedded), `title` (for
    people), `size` (bytes), `licence`, `from` (host and repository, or package, in words), `fits` (into the memory of
    this machine), `tried` (one of us has run it), `plays` (it understands orders; else it only talks), `best` (the one
    that we advise; at most one per server), `address` (the URL that is asked, "" where the server asks by itself),
    `problem` (why it cannot be got now and what to do, or "") and `about` (what it is good at and what not, or "").
    """

    player: Literal["ollama", "rehearsal", "server"]
    default: str
    models: Annotated[list[Values], [MODEL]] = field(default_factory=list)
    host: str = ""
    problem: str = ""
    servers: Annotated[list[Values], [SERVER]] = field(default_factory=list)
    offers: Annotated[list[Values], [OFFER]] = field(default_factory=list)

    def playing(self, chosen: str) -> str:
        """Return the model that is used, given the user's last choice ("" for none)."""
        return chosen if any(model["name"] == chosen for model in self.models) else self.default


@says("llm.pull", receiver="llm_worker", answers=("llm.pulled",), begins=True)
class LlmPull(Message):
    """Get a model, or stop getting it. Key: the model. From web to llm_worker. Added later.

    `model`: a name as `ollama pull` takes it, or the `name` of an offer in `llm.listed`. `cancel`: stop; what has come
    is kept, and the next pull goes on there. While a model is being pulled, a further order for it changes nothing.
    """

    model: str
    cancel: bool = False


@says("llm.pulled")
class LlmPulled(Message):
    """How far a pull has come. Key: the model. Cause: the order's id. From llm_worker to all.

    Added later. Said at once, when the state changes, and while it runs at most once a second. `state`: running, done,
    failed or cancelled. `done` of `total` bytes (0: not known yet); `note`: what is done now, in the words of Ollama or
    ours; `problem`: why it failed, a sentence for the user; `host`: the host that sends the bytes, after redirections
    ("" where Ollama gets them). The new model is in the next `llm.listed`.
    """

    model: str
    state: Literal["running", "done", "failed", "cancelled"]
    done: Count = 0
    total: Count = 0
    note: str = ""
    problem: str = ""
    host: str = ""


@says("llm.unload", receiver="llm_worker", answers=("llm.unloaded",), begins=True)
class LlmUnload(Message):
    """Free the memory that a model takes. Key: the model. From web to llm_worker. Added later."""

    model: str


@says("llm.unloaded")
class LlmUnloaded(Message):
    """A model was taken out of memory, or why not. Key: the model. Cause: the order's id. From llm_worker to all.

    Added later. `problem`: a sentence for the user, "" when it worked; `llm.listed` follows.
    """

    model: str
    problem: str = ""


# --- 4. The assistant acts ------------------------------------------------------------------------------------------


@says("agent.acted")
class AgentActed(Message):
    """The outcome of one instruction of the model. Key: the app. From agent to all.

    `instruction`: as the model gave it. `outcome`: applied, proposed (the user is asked first), refused or undone.
    `change`: the revision of the change in the store, 0 for none. `reason`: why it was refused, one sentence.
    """

    generation: str
    instruction: Values
    outcome: Literal["applied", "proposed", "refused", "undone"]
    change: Count = 0
    reason: str = ""


# --- 5. Long work ---------------------------------------------------------------------------------------------------


@says("job.run", receiver="jobs", answers=("job.answered",), begins=True)
class JobRun(Message):
    """Run an app's long work. Key: the app. From any process to jobs. Added later.

    `job`: its name in the app's `jobs.py`; `arguments`: what it is given. `title`: what people call this run, "" for
    the job's own words. The job becomes a row of the table `job`, in the profile `profile`, before it starts, and the
    order takes effect once. `again`: instead of all that, the id of a job that failed, was cancelled or is paused: it
    goes on from its last checkpoint, or from the beginning if it saved none.
    """

    app: str = ""
    job: str = ""
    arguments: Values = field(default_factory=dict)
    title: str = ""
    profile: Count = 1
    actor: Actor = "user"
    again: Count = 0


@says("job.cancel", receiver="jobs", answers=("job.answered",), begins=True)
class JobCancel(Message):
    """End a job, or with `pause` let it end at its next checkpoint, to go on later. Key: the app. Added later.

    From any process to jobs. A job that does not end by itself is ended by force; what it has made so far stays.
    """

    job: Count
    pause: bool = False
    actor: Actor = "user"


@says("job.answered", speaker="jobs")
class JobAnswered(Message):
    """A job was stored, or it was told to end; or not. Key: the app. Cause: the order's id. From jobs. Added later.

    `job`: id of its row. `error`, when `ok` is false: as in `store.answer`, with the codes not_found, bad_value,
    conflict (the state of the job does not allow it) and those of the store.
    """

    ok: bool
    job: Count = 0
    error: Values = field(default_factory=dict)


@says("job.progressed")
class JobProgressed(Message):
    """Progress of an app's long work. Key: the app. From jobs to all. Cause: the order that started it.

    `job`: id of its row, as a text. `done` of `total` units (0: not known); `note`: one line. `state`: running, done,
    failed, cancelled or, added later, waiting (for a free place) or paused. Said when the state changes, and while it
    runs at most ten times a second; the last one is always said. Said again after each `service.asked`. What is final
    stands in the row as well.
    """

    job: str
    done: Count
    total: Count
    state: Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
    note: str = ""


@says("time.due", speaker="jobs", begins=True)
class TimeDue(Message):
    """The time of a schedule has come. Key: its id. From jobs to all, before it is carried out. An addition.

    Cause: the order that wrote the schedule last. `due`: Unix seconds; `what`: as `kind` of the row (`macro` was added
    later); `order`: id of the order to the store that carries it out. After a kill it may be said again, with the same
    id.
    """

    schedule: Count
    title: str
    due: float
    what: str
    order: str


# --- 6. Tools of other programs -------------------------------------------------------------------------------------


@says("mcp.listed", speaker="mcp", begins=True)
class McpListed(Message):
    """The servers of tools that the assistant may use. Key: empty. From mcp to all. An addition.

    Said when something changes, and after each `service.asked`. `servers`: maps of `name`, `where` (its command line or
    its address), `file` (in which it stands), `state` (starting, ready or failed), `problem` (why it failed, a sentence
    for the user) and `tools`: maps of `name`, `about` (what the server says of it, cut to one line) and `schema` (the
    JSON schema of its arguments, {} if it is too long).
    """

    servers: Annotated[list[Values], [TOOL_SERVER]] = field(default_factory=list)


@says("mcp.call", receiver="mcp", answers=("mcp.answered",))
class McpCall(Message):
    """Call a tool of another program. Key: the server. From agent to mcp. An addition.

    The order takes effect at most once: one that comes again gets the same answer, or after a crash of `mcp` the error
    `unknown`, since nobody can know then what was done.
    """

    server: str
    tool: str
    arguments: Values = field(default_factory=dict)


@says("mcp.answered", speaker="mcp")
class McpAnswered(Message):
    """What came of a call. Key: the server. Cause: the order's id. From mcp. An addition.

    `text`: what the tool answered, data of a stranger, cut to 20,000 characters. `error`, when `ok` is false: a map of
    `code` (not_found, failed, timeout, too_long or unknown) and `message`, one sentence for the user.
    """

    ok: bool
    text: str = ""
    error: Values = field(default_factory=dict)


# --- 7. The apps ---------------------------------------------------------------------------------------------------


@says("app.failed", begins=True)
class AppFailed(Message):
    """A process left an app out, or one of the app's hooks failed. Key: the app. From that process to all.

    Everything else keeps running. The process says it again after each `service.asked`; a new run of the process says
    it only if the failure happens again. `process`: where the failure happened; `problem`: a sentence for the user and
    the app's author, or (added later) "" when the hooks that had failed work again.
    """

    app: str
    process: str
    problem: str

    def may_be_from(self, sender: str) -> bool:
        """Return whether it is from the process that it names."""
        return process_of(sender) == self.process


# --- 8. The bus and the processes -------------------------------------------------------------------------------------


@says("bus.greeted", begins=True)
class BusGreeted(Message):
    """A process greets itself. Key: its own `sender`. When the greeting comes back, its connection works both ways."""


@says("bus.welcomed", speaker="broker", begins=True)
class BusWelcomed(Message):
    """The broker saw a subscription to this topic. Key: `sender` of the subscriber. From broker to that subscriber.

    Every process subscribes to this kind with its own key, and ZeroMQ subscribes again after each reconnect. So a
    second welcome means that the connection was lost for a time. `broker`: the broker's run id; a new one means that
    the broker was restarted, and messages were lost.
    """

    broker: str


@says("bus.overflowed", speaker="broker", begins=True)
class BusOverflowed(Message):
    """The queue of a slow subscriber was full, and messages for this subscriber alone were dropped. From broker to all.

    `episodes`: how often that happened since the broker started. One episode may drop many messages.
    """

    episodes: Count


@says("bus.refused", begins=True)
class BusRefused(Message):
    """Messages were refused. Key: `sender` of the refused message, or empty. Cause: its id, if it could be read.

    From broker to all, at most once a second, about messages of a wrong form. Added later: from the receiver of an
    order that cannot be read or came too late, at once; `store.order` is answered with `store.answer` instead, unless
    its header tells no sender or no id. `reason`: what was wrong with the last one; `refused`: how many bad messages
    since the start of the process that says this. `code`, added later: missing_field, wrong_type, bad_value,
    bad_header, bad_message or expired (see `store.answer`); "" from the broker.
    """

    reason: str
    refused: Count
    code: str = ""


@says("bus.counted", speaker="broker", begins=True)
class BusCounted(Message):
    """The broker's counters since its start. From broker to all, every 2 s. `run`: the broker's run id.

    `forwarded`: messages passed on; `refused`: see `bus.refused`; `episodes`: see `bus.overflowed`.
    """

    run: str
    forwarded: Count
    refused: Count
    episodes: Count


@says("service.asked", begins=True)
class ServiceAsked(Message):
    """Which processes are ready? Key: empty. From a process that just started, or missed messages, to all.

    Each process answers with `service.changed` at once; llm_worker also says `llm.listed`.
    """


@says("service.changed", begins=True)
class ServiceChanged(Message):
    """A process is ready, or is stopping. Key: the process. From each process to all.

    `ready` is repeated every 2 s, as a beat. `run`: the run id of the process, new at each start; `dropped`: how many
    bad messages it has received since its start; `version`: of its code. `failed` (an addition) instead of `ready`: it
    runs, but does nothing until a person has acted; `run/PROCESS.problem` says why.
    """

    process: str
    state: Literal["ready", "stopping", "failed"]
    run: str
    pid: Count
    dropped: Count = 0
    version: str = ""

    def may_be_from(self, sender: str) -> bool:
        """Return whether it is from the process that it names, in the same run."""
        return sender == f"{self.process}-{self.run}"


@says("log.written", begins=True)
class LogWritten(Message):
    """A line of a process's log. Key: the process. From each to all. `text`: one sentence; `fields`: for tools."""

    level: Literal["debug", "info", "warning", "error"]
    text: str
    fields: Values = field(default_factory=dict)

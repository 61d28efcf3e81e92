"""The tables of the core: conversations, messages, settings, history, prompts, jobs, schedules, permissions, macros."""

from apps.tables import Field, Table
from bus.checks.shapes import Map
from bus.messages import MAX_TEXT_CHARACTERS

MESSAGE_DETAIL = Map(
    instruction=Map(), instructions=[Map()], calls=[Map()], changes=[int], undone=Map(), reasons=[str], spans=[[int]],
    would=[Map({"operation": str, "table": str, "before": Map(), "after": Map()}, row=(int, str))],
    folded=[int], tokens=Map(), round=int, retries=int, changed=int, upto=int, change=int, index=int, app=str,
    generation=str, profile=int, asked=Map(), cut=list, feedback=str, happened=str,
    left_out=int, instead_of=str, drafts=Map(), job=int, ended=str, imported=bool, remark=int, waited=int,
    place=[int], replaced=bool, short=str, values=Map(), schedule=int, wants=Map(app=str, model=str), client=str,
    tool=str, answer=str, reader=Map(locale=str, zone=str),
    about=[Map({"table": str, "row": (int, str)})],
    permission=Map(app=str, operation=str, label=str, state=str), macro=[int],
)  # fmt: skip
"""What processes rely on in `detail` of a message; docs/agent.md says what it means."""

IMPORT_DETAIL = Map(
    {"problems": [Map({"line": int, "field": str, "value": str, "sentence": str})], "sample": [Map()]}
    | {"left_out": [str]}
)

CONVERSATION = Table(
    "conversation",
    (
        Field("title", limit=200, searched=True),
        Field("titled", choices=("", "user", "model"), default=""),
        Field("parent", "integer"),
        Field("before", "integer"),
        Field("version", "boolean"),
        Field("run", limit=200),
        Field("memory", choices=("on", "off"), default="on"),
        Field("pinned", "boolean"),
        Field("seen", "integer"),
        Field("created", "time"),
    ),
    label="a conversation",
)
"""`titled`: who wrote the title; "" for the first words of the first message. `pinned`: it stands first in the list.
`seen`: id of the newest message that the user has seen; 0: all of them, as it is unless an answer came while no tab
showed the conversation.
`parent`, `before`: a branch. It begins with the messages of the conversation `parent` (and of that one's parent) whose
ids are smaller than `before`, and goes on with its own; 0: it begins with its own. `version`: it came from an edit or
from another answer, so the page shows it as "2 of 3" in its parent and not in the list; else it is a fork, which is
listed like any other.
`run`: id of the run of a workflow whose drafts it holds; "": the user began it. One with drafts is not in the list: the
run leads to it, and the search finds it.
`memory`: whether the assistant is told there what it knows of the user, and may propose to remember more."""

MESSAGE = Table(
    "message",
    (
        Field("conversation", "integer", required=True),
        Field("role", required=True, choices=("user", "assistant", "action")),
        Field("purpose", choices=("chat", "comment", "step", "note"), default="chat"),
        Field(
            "state",
            default="done",
            choices=(
                "streaming",
                "done",
                "stopped",
                "failed",
                "interrupted",
                "proposed",
                "agreed",
                "declined",
                "applied",
                "refused",
                "undone",
                "erased",
            ),
        ),
        Field("text", limit=MAX_TEXT_CHARACTERS, searched=True),
        Field("app", limit=40),  # after the text: the first text of a table is its rows' title
        Field("thinking", limit=MAX_TEXT_CHARACTERS),
        Field("reply_to", "integer"),
        Field("generation", limit=100),
        Field("attempt", "integer"),
        Field("model", limit=300),
        Field("problem", limit=2_000),
        Field("detail", "json", limit=100_000, shape=MESSAGE_DETAIL),
        Field("created", "time"),
    ),
    label="a message",
)
"""`conversation`: 0 for a remark that was not taken into one; `app` is then the app that it is about, and "" otherwise.
`reply_to`: id of the message it answers, 0 for none. A message of the assistant is inserted as `streaming` before
anything is generated. `generation` names the generation (`ID.ATTEMPT`). An update to `streaming` with a new
`attempt` asks for another generation (retry: with empty `text`; continue: `text` is kept). `problem`: the sentence for
the user when the message failed or was interrupted.
Role `action`: `detail` holds `instruction`, `change` (a revision) and `app`; `text` says what was done. An action that
is `proposed` waits for the user, who sets it to `agreed` (then the agent carries it out) or `declined`. It is `erased`
when the row that it is about was deleted for good. A message of purpose `note` is a summary of the conversation before
it. docs/agent.md says what else `detail` holds."""


WAITING = Table(
    "waiting_message",
    (
        Field("text", required=True, limit=MAX_TEXT_CHARACTERS),
        Field("conversation", "integer", required=True),
        Field("detail", "json", limit=1_000, shape=Map(amends=int, remark=int, reader=Map(locale=str, zone=str))),
        Field("created", "time"),
    ),
    label="a waiting message",
    sortable=True,
)
"""What the user asked while an answer was coming. It waits for its turn in its conversation, in the order of
`position`. The agent then inserts the `message` and deletes this row, in one order; `detail.waited` of the message is
the id of this row. `detail`: as it will stand in the message; `remark`: id of the remark that it answers."""

PROFILE = Table("profile", (Field("name", required=True, limit=100),), label="a profile")

SETTING = Table("setting", (Field("value", "json", limit=20_000),), label="a setting", keyed=True)
"""A key and a JSON value. Keys in use: `mode` (see `MODES`), `model`, `profile`, `app`, `shown` (see `SHOWN`),
`conversation`, `theme`, `morning` and `morning_seen` (see `apps/daily/opening.py`), `ask` (when the assistant asks
before it acts: see `ASK_MODES`), `ask_conversation` (where `pianola ask` writes; 0: into `conversation`, the one
that was opened last), `persona`, `personas`, `prompt_files`, `paths`, `BUDGETS`, `silence` (see
`apps/talk/silence.py`), `remark_model` (of remarks and summaries), `general_model` (of questions that are beyond a
player of our own; "": the best on this machine), `hand_over` (see `HAND_OVERS`), `macro_offers` (which macros were
offered already), `tools_allowed` (see `TOOLS_ALLOWED`), and `models` (how each model is asked: name to a map of
`window` and `most_tokens` in tokens, `temperature`, `keep_alive` in seconds (-1: for ever), `think` (true or false),
`persona` (its name); what is absent is the default)."""

SHOWN = "shown"
"""Key of the setting with the view that the assistant opened last: a map of `app`, `query` (of its address), and
`asked`, which is different each time."""

TOOLS_ALLOWED = "tools_allowed"
"""Key of the setting with the tools of other programs that are called without asking: a list of `SERVER.TOOL`."""

DEFAULT_APP = "todo"
"""The app that is open before the user has chosen one."""

ASK_MODES = ("always", "harmful", "never")
DEFAULT_ASK = "harmful"
HAND_OVERS = ("ask", "always", "never")
"""When a player of our own hands a question that is beyond it to a general model."""
DEFAULT_HAND_OVER = "ask"

DEFAULT_PERSONA = "friendly"

BUDGETS = {"comments_per_minute": (1, 600), "comment_tokens_per_hour": (1_000, 100_000_000)}
"""Settings that limit remarks, with their smallest and largest value. Default: the value in `bus.settings`."""

MODES = ("quiet", "ambient", "chatty")
DEFAULT_MODE = "ambient"

CHANGE = Table(
    "change",
    (
        Field("at", "time"),
        Field("subject"),
        Field("verb", choices=("insert", "update", "delete", "erase")),
        Field("row", "json"),
        Field("before", "json"),
        Field("after", "json"),
        Field("actor", choices=("user", "model", "app", "system")),
        Field("cause"),
        Field("asked"),
        Field("undoes", "integer"),
        Field("undone_by", "integer"),
        Field("client"),
    ),
    label="a change",
    read_only=True,
)
"""The history: changes of the row `row` in the table `subject`. The id is the revision. `before` and `after`: the row
(for an update: the fields that differ); texts that are too long for an answer are cut and end in `…`. `asked`: id of
the order; `cause`: id of the message that caused the order. `undoes`, `undone_by`: revisions, 0 for none. `client`: the
program that gave the order for the actor, "" for none. `erase`:
the row was deleted for good; then `before` and `after` are empty in all its changes, as in those of `told` and
`layer`."""

IMPORT = Table(
    "import",
    (
        Field("file", limit=255),
        Field("kept", limit=64),
        Field("subject", limit=63),
        Field("target", "integer"),
        Field("state", default="checked", choices=("checked", "running", "stopped", "done", "undoing", "undone")),
        Field("rows", "integer"),
        Field("bad", "integer"),
        Field("skip", "boolean"),
        Field("done", "integer"),
        Field("read", "integer"),
        Field("blocks", "integer"),
        Field("problem", limit=2_000),
        Field(
            "detail",
            "json",
            limit=100_000,
            default={"problems": [], "sample": [], "left_out": []},
            shape=IMPORT_DETAIL,
        ),
        Field("created", "time"),
    ),
    label="an import",
)
"""A file whose lines become rows of the table `subject`. Rows without a profile get the profile `target`. `kept`: name
of the file in the folder `imports`. `rows`: number of good lines; `bad`: number of bad lines, which are left out if
`skip` is set. `state`: `checked` until the user decides. The web process works on imports that are `running` or
`undoing`, in blocks of up to 999 rows: `done` rows in `blocks` blocks are in the table, and `read` lines of the file
are finished. `detail`: `problems` (maps of `line`, `field`, `value`, `sentence`), `sample` (rows), `left_out`
(columns). `problem`: why the import `stopped`."""

TOLD = Table(
    "told",
    (
        Field("conversation", "integer"),
        Field("message", "integer"),
        Field("model", limit=300),
        Field("path", limit=20),
        Field("parts", "json", limit=100_000),
        Field("created", "time"),
    ),
    label="what the model was told",
    keyed=True,
    remembered=False,
)
"""What the model was told for a generation. The id is the name of the generation (`ID.ATTEMPT`, ID of the message).
`path`: tools, text or format. `parts`, in the order of the prompt: maps of `kind` (layer, tools, format, turn), `name`
(of the layer; for a turn, the role), `layer`, the id of the text in the table `layer`, and `file`, where a layer comes
from a file of the user (seen from the folder of all data). Deleted after 30 days."""

LAYER = Table(
    "layer",
    (Field("text", limit=MAX_TEXT_CHARACTERS), Field("used", "time")),
    label="a part of what the model was told",
    keyed=True,
    remembered=False,
)
"""A text that the model was told, stored only once; the id is its hash. `used`: the last day on which it was used."""

JOB_STATES = ("waiting", "running", "paused", "done", "failed", "cancelled")
JOB_ACTIVE = ("waiting", "running")
"""States of a job that has work to do."""

JOB = Table(
    "job",
    (
        Field("title", required=True, limit=300),
        Field("app", required=True, limit=40),
        Field("job", required=True, limit=40),
        Field("arguments", "json", limit=20_000, default={}),
        Field("state", choices=JOB_STATES, default="waiting"),
        Field("attempt", "integer", default=1),
        Field("done", "integer"),
        Field("total", "integer"),
        Field("note", limit=500),
        Field("problem", limit=2_000),
        Field("result", "json", limit=100_000),
        Field("changes", "json", limit=100_000, default=[], shape=[int]),
        Field("files", "json", limit=10_000, default=[], shape=[Map({"name": str, "bytes": int})]),
        Field("undone", "boolean"),
        Field("cause", limit=200),
        Field("created", "time"),
        Field("ended", "real", is_moment=True),
    ),
    label="a job",
    scoped=True,
)
"""An app's long work: the function `job` in `jobs.py` of `app`, with its arguments. Only the process `jobs` changes the
state. `attempt`: 1, 2 … for each time it was asked for. `done`, `total`, `note`: how far it had come when the state
changed last; in between `job.progressed` tells. `result`: what the function returned. `changes`: revisions of the
rows that it made; `undone`: all of them were taken back. `files`: those that the page offers, when it ended last.
`cause`: id of the order that asked for it. `ended`: Unix seconds, 0 while it has not ended. Its files are in the
folder `jobs/ID` of the data folder."""

APP = Table(
    "app",
    (
        Field("name", required=True, limit=40),
        Field("label", limit=100),
        Field("icon", limit=20),
        Field("source", choices=("declaration", "file"), default="declaration"),
        Field("declaration", "json", limit=200_000),
        Field("version", limit=40),
        Field("problem", limit=2_000),
        Field("enabled", "boolean", default=True),
    ),
    label="an app",
)
"""The apps that the user made, without pip. The row is all that an app needs: a fact about one makes every process
load it again. `declaration`: tables and fields, for an app without code; `apps/own/declaration.py` says what it holds,
and an order that writes one is checked. `source` file: its code is a file or a folder in the folder `apps` of the data
folder; only the store writes such a row. `version`: which version of the file runs, kept as a copy; `problem`: why the
newest version does not run, so that the last good one stands, or none if there was none. Of an app that is not
`enabled`, or whose row is deleted, nothing is shown; its tables and rows stay in the database."""

SCHEDULE_STATES = ("on", "off", "over")

SCHEDULE = Table(
    "schedule",
    (
        Field("title", required=True, limit=300),
        Field("kind", choices=("prompt", "order", "job", "macro"), default="prompt"),
        Field("prompt", limit=20_000),
        Field("action", "json", limit=20_000, default={}),
        Field("at", "when", label="time"),
        Field("repeat", "repeat"),
        Field("zone", limit=60),
        Field("missed", choices=("once", "skip"), default="once"),
        Field("state", choices=SCHEDULE_STATES, default="on"),
        Field("next", "real", none=True, is_moment=True),
        Field("last", "real", none=True, is_moment=True),
        Field("outcome", limit=2_000),
        Field("created", "time"),
    ),
    label="a schedule",
    scoped=True,
    indexed=("next",),
)
"""What Pianola does by itself at a time. `at`: the next day and time, on the clocks of `zone` (its IANA name; that of
this machine if the row is written without one); `repeat`: how often it comes again. `kind` says what is done: a
`prompt` is asked as the user's own words; an `order` is one to the store, with `verb`, `table`, `id`, `values` and
`where` in `action`; a `job` has `app`, `job`, `arguments` and `title` there; a `macro` its id in `macro`, and the
`word` that it asks for. `missed`: what was due while nothing ran
is done `once` later, or skipped. `state`: it is `over` after the last time. `next`: when it is due, in Unix seconds,
none if never; the store counts it from the other fields, unless a writer gives it. `last`: when it was due last,
`outcome`: what came of it. The process `jobs` carries it out (docs/decisions/schedules.md)."""

REMINDER = Table(
    "reminder",
    (
        Field("subject", required=True, limit=63),
        Field("row", "integer"),
        Field("due", required=True, limit=20),
        Field("state", choices=("new", "dismissed"), default="new"),
        Field("created", "time"),
    ),
    label="a reminder",
    scoped=True,
    unique=(("subject", "row", "due"),),
    indexed=("row",),
)
"""That the row `row` of the table `subject` has become due. It is shown until the row is done, due at another time or
gone, or the user dismisses it. `due`: as it stood in the row, so that each due date is told once."""

MORNING = Table(
    "morning",
    (
        Field("lines", limit=2_000),
        Field("state", choices=("waiting", "done"), default="waiting"),
        Field("created", "time"),
    ),
    label="a morning page",
    scoped=True,
)
"""A morning for which the assistant is asked for three lines: a schedule adds a row, or a click. `state`: it is `done`
when they are written, also if no model could write any. The newest row of a profile counts; older ones are deleted."""

PERMISSION_OPERATIONS = ("insert", "update", "delete", "run")
"""What a permission is about: rows that are added, changed or deleted; jobs that are run, ended or paused."""
PERMISSION_RULES = ("ask", "allow", "never")

PERMISSION = Table(
    "permission",
    (
        Field("title", limit=200),
        Field("app", required=True, limit=40),
        Field("operation", required=True, choices=PERMISSION_OPERATIONS),
        Field("rule", choices=PERMISSION_RULES, default="ask"),
        Field("created", "time"),
    ),
    label="a permission",
    title="title",
    scoped=True,
    unique=(("app", "operation"),),
)
"""What the assistant may do in an app; `title` says it for people. `ask`: it asks before each change. `allow`: it does
not ask because something is deleted, because there are many rows, or because the app is not open. `never`: it does not
do it. Without a row the setting `ask` decides alone (docs/decisions/permissions.md)."""

MACRO_STEPS = [
    Map(
        {"verb": str, "table": str, "scoped": bool, "values": Map()},
        row=Map({"id": int, "title": str, "field": str, "find": str}),
    )
]
"""What a macro does, step by step. `verb`: insert, update or delete. `scoped`: whether rows of the table belong to a
profile. `row`: the row that is changed or deleted: the same one (`find` is `id`), or the one whose `field`, which names
rows of the table, is `title` (`find` is `title`)."""

MACRO = Table(
    "macro",
    (
        Field("name", required=True, limit=60),
        Field("ask", limit=100),
        Field("steps", "json", limit=100_000, default=[], shape=MACRO_STEPS),
        Field("created", "time"),
    ),
    label="a macro",
    scoped=True,
    unique=(("name",),),
)
"""What the user did once, to be done again by its name, by a click or at a time. In the texts of its steps `{today}`
stands for the day on which it runs, and `{word}` for a word that is asked for then; `ask` is the question. All steps of
a run are one order to the store (docs/decisions/macros.md)."""

ONLY_READ = (JOB, SCHEDULE, PERMISSION, MACRO, MORNING)
"""Tables whose rows the assistant may read and not write. What a schedule asks, and what a
macro does, counts as the user's own words."""
PRIVATE = (SCHEDULE, PERMISSION, MACRO, MORNING)
"""Tables that the assistant sees only while their app is open."""

CORE = (
    *(CONVERSATION, MESSAGE, WAITING, PROFILE, SETTING, CHANGE, IMPORT, TOLD, LAYER, JOB, APP, SCHEDULE, REMINDER),
    *(PERMISSION, MACRO, MORNING),
)

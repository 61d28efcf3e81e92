"""The tables of the core: what is said, where, by whom, and what is remembered across restarts."""

from apps.tables import Field, Table
from bus.messages import MAX_TEXT_CHARACTERS

CONVERSATION = Table(
    "conversation",
    (Field("title", limit=200, searched=True), Field("created", "time")),
    label="a conversation",
)

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
            ),
        ),
        Field("text", limit=MAX_TEXT_CHARACTERS, searched=True),
        Field("thinking", limit=MAX_TEXT_CHARACTERS),
        Field("reply_to", "integer"),
        Field("generation", limit=100),
        Field("attempt", "integer"),
        Field("model", limit=300),
        Field("problem", limit=2_000),
        Field("detail", "json", limit=100_000),
        Field("created", "time"),
    ),
    label="a message",
)
"""`reply_to`: the message it answers, 0 for none. An assistant's row is inserted as `streaming` before anything is
generated; `generation` names the run (`ID.ATTEMPT`); an update to `streaming` with a new `attempt` asks for another run
(retry: `text` empty; continue: `text` kept). `problem`: the sentence for the user when failed or interrupted.
Of role `action`: `detail` holds `instruction`, `change` (a revision), `app`; `text` says what was done. One that is
`proposed` waits for the user, who sets it to `agreed` (the agent then carries it out) or `declined`. One of purpose
`note` sums up the talk before it. docs/agent.md says what else stands in `detail`."""

PROFILE = Table("profile", (Field("name", required=True, limit=100),), label="a profile")

SETTING = Table("setting", (Field("value", "json", limit=20_000),), label="a setting", keyed=True)
"""Key and JSON value. Keys in use: `mode` (see `MODES`), `model`, `profile`, `app`, `conversation`, `theme`,
`ask` (whether the assistant asks before it acts: see `ASK_MODES`), `persona`, `personas`, `paths`, and `BUDGETS`."""

DEFAULT_APP = "todo"
"""The one that is open before any was chosen."""

ASK_MODES = ("always", "harmful", "never")
DEFAULT_ASK = "harmful"

DEFAULT_PERSONA = "sassy"

BUDGETS = {"comments_per_minute": (1, 600), "comment_tokens_per_hour": (1_000, 100_000_000)}
"""Settings of how much may be remarked, with the least and the most; without one, what the environment says."""

MODES = ("quiet", "ambient", "chatty")
DEFAULT_MODE = "ambient"

CHANGE = Table(
    "change",
    (
        Field("at", "time"),
        Field("subject"),
        Field("verb", choices=("insert", "update", "delete")),
        Field("row", "json"),
        Field("before", "json"),
        Field("after", "json"),
        Field("actor", choices=("user", "model", "app", "system")),
        Field("cause"),
        Field("asked"),
        Field("undoes", "integer"),
        Field("undone_by", "integer"),
    ),
    label="a change",
    read_only=True,
)
"""The history: what happened to row `row` of the table `subject`; the id is the revision. `before` and `after`: the row
(of an update: the fields that differ); texts that are too long for an answer are cut and end in `…`. `asked`: id of the
order; `cause`: id of the message that led to it. `undoes`, `undone_by`: revisions, 0 for none."""

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
        Field("detail", "json", limit=100_000),
        Field("created", "time"),
    ),
    label="an import",
)
"""A file whose lines become rows of the table `subject`, in the profile `target` where they name none. `kept`: what the
file is called in the folder `imports`. `rows` good and `bad` lines were found; bad ones are left out if `skip`. It is
`checked` until the user decides; the web process does what is `running` or `undoing`, in blocks of up to 999 rows:
`done` rows of `blocks` blocks are in the table; `read` lines of the file were dealt with. `detail`: `problems` (maps of
`line`, `field`, `value`, `sentence`), `sample` (rows), `left_out` (columns). `problem`: why it `stopped`."""

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
)
"""What the model was told for a generation, whose name is the id (`ID.ATTEMPT` of the message's row). `path`: tools,
text or format. `parts`, as the model read them: maps of `kind` (layer, tools, format, turn), `name` (of the layer; of a
turn the role) and `layer`, the id of the text in the table `layer`. Forgotten after 30 days."""

LAYER = Table(
    "layer",
    (Field("text", limit=MAX_TEXT_CHARACTERS), Field("used", "time")),
    label="a part of what the model was told",
    keyed=True,
)
"""A text that the model was told, kept once however often it was; the id is its hash. `used`: the last day of that."""

CORE = (CONVERSATION, MESSAGE, PROFILE, SETTING, CHANGE, IMPORT, TOLD, LAYER)

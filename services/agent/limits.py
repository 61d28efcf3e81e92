"""All limits of what the model is told, of what is kept for it, and of what one of its replies may do.

Every room may import this file. Timings, and bounds that only protect the parser, stand where they are used.
"""

# --- the model's context -------------------------------------------------------------------------------------------

BYTES_PER_TOKEN = 3.5
"""Bytes of UTF-8; an estimate until a server has counted. English has about 4, German 3.5, Chinese 3 to 5, JSON 3."""
MIN_BYTES_PER_TOKEN, MAX_BYTES_PER_TOKEN = 1.5, 6.0
"""A count of a server that is outside of these is not believed."""
DEFAULT_CONTEXT_TOKENS = 4_096
"""Tokens; the context of a model that does not say how much it can hold."""
MAX_CONTEXT_TOKENS = 8_192
"""Tokens; more costs memory and makes the user wait. The user can choose another window for a model."""
ANSWER_TOKENS = 2_048
"""Tokens of one answer; the user can have it continued, and choose another number for a model."""
PROMPT_SHARE = 0.75
"""Share of the context for the prompt; the rest is for the answer."""

# --- the system message --------------------------------------------------------------------------------------------

MAX_PERSONA_CHARACTERS = 8_000
"""Characters of a persona file."""
MAX_PERSONAS = 50
"""Persona files that are listed."""
MAX_PERSONA_TITLE = 80
"""Characters of a persona's title."""
DEFAULT_ANSWER_WORDS = 60
"""Words of an answer, when the persona does not say otherwise."""
DEFAULT_COMMENT_WORDS = 20
"""Words of a comment, when the persona does not say otherwise."""
MAX_PROMPT_FILE_CHARACTERS = 4_000
"""Characters of a file that takes the place of the rules or of an app's text. All must leave room for the talk."""
MAX_PROMPT_FILES = 50
"""Files of the folder `prompts` that are listed."""
MAX_VISIBLE_ROWS = 50
"""Rows of the open app that stand in the prompt."""
MAX_VISIBLE_ROWS_BYTES = 4_000
"""Bytes of all these rows together."""
VISIBLE_ROWS_DIVISOR = 4
"""The bytes of the whole prompt divided by this are the second limit of these rows."""
MAX_FURTHER_ROWS = 25
"""Rows of each further table of the open app that stand in the prompt."""
FURTHER_ROWS_DIVISOR = 4
"""The bytes of the first table's rows divided by this are the limit for each further table."""
MAX_RECENT_ACTIONS = 10
"""Entries of "what happened lately"."""
MAX_KEPT_EVENTS = 50
"""Entries that are kept, of all profiles; only those of the profile in view are told."""
MAX_ACTION_DETAILS = 5
"""Details of one action that are told."""
MAX_ACTION_WORD = 40
"""Characters of an action's name, and of the name of one of its details."""
MAX_APP_NAME = 60
"""Characters of an app's name in an action."""
MAX_ROW_NAME = 80
"""Characters of the name of a row: its first text."""
MAX_VALUE = 200
"""Characters of one value of a row."""

MAX_KNOWN_JOBS = 100
"""Jobs of a profile that are kept in memory, the newest."""
MAX_TOLD_ACTIVE_JOBS = 10
"""Jobs that are waiting, running or paused of which the model is told."""
MAX_TOLD_ENDED_JOBS = 5
"""Jobs that ended lately of which the model is told."""
TOLD_JOB_SECONDS = 3600.0
"""For how long after its end a job ended lately."""
MAX_JOBS_ELSEWHERE = 12
"""Jobs of other apps that are named."""

MAX_KNOWN_BYTES = 1_400
"""Bytes of what is told of the user with one question: about 400 tokens."""
KNOWN_DIVISOR = 8
"""The bytes of the whole prompt divided by this are the second limit of it."""

MAX_TOOLS = 40
"""Tools of other programs of which the model is told, one line each."""
MAX_TOOL_LINE = 150
"""Characters of the half of such a line: the name of the tool with its arguments, and what is said of it."""
MAX_ARGUMENTS = 10_000
"""Characters of what a tool is given, as JSON: the card that asks the user shows all of it."""
MAX_CALL_SECONDS = 75.0
"""How long the agent waits for a call of a tool; the process that makes it gives up before."""
MAX_ANSWER_ON_CARD = 1_500
"""Characters of a tool's answer that its card shows."""

# --- the conversation ----------------------------------------------------------------------------------------------

TURN_DIVISOR = 2
"""The bytes of the whole prompt divided by this are the limit of one turn; a longer one is shortened in the middle."""
MIN_CONVERSATION_BYTES = 1_000
"""Bytes that the conversation gets, however long the system message is."""
KEPT_AT_CUT_DIVISOR = 2
"""When the talk does not fit any more, it is cut to the bytes of the whole prompt divided by this: rarely, but much."""
CONTINUED_TEXT_DIVISOR = 2
"""The bytes of the whole prompt divided by this are the limit of a begun answer that the model continues."""
MIN_SAVED_BYTES = 200
"""Only the changes of rows shown before are told, if that is shorter than all rows by so many bytes."""
MAX_MESSAGES = 160
"""Messages of one conversation that are kept in memory, the newest."""

# --- comments ------------------------------------------------------------------------------------------------------

COMMENT_TOKENS = 120
"""Tokens that the model may write for a comment."""
MAX_TOLD_REMARKS = 3
"""Earlier remarks that the model is told for a new one."""
MAX_COMMENTED_CHARACTERS = 1_000
"""Characters of what a comment is about."""
MAX_ACTIONS_WAITING = 20
"""Actions of the user that wait for a comment; older ones are dropped."""

# --- titles -------------------------------------------------------------------------------------------------------

TITLE_TOKENS = 32
"""Tokens that the model may write for the title of a conversation."""
MAX_TITLE_CHARACTERS = 80
"""Characters of a title; the model wrote something else if it has more."""
MAX_TITLED_QUESTIONS = 3
"""A conversation with more questions keeps the title that it has: its user has learned it."""

# --- the morning page --------------------------------------------------------------------------------------------

MORNING_LINES = 3
"""Lines of the assistant on the morning page."""
MORNING_TOKENS = 200
"""Tokens that the model may write for them."""

# --- summaries -----------------------------------------------------------------------------------------------------

NEARLY_FULL_SHARE = 0.6
"""Share of the context; a prompt that fills so much of it makes a summary due."""
MANY_MESSAGES = MAX_MESSAGES * 3 // 4
"""Messages of one conversation that are in no summary; more make one due."""
UNSUMMARISED_QUESTIONS = 2
"""The newest questions, which stay word for word."""
MIN_SUMMARISED_QUESTIONS = 2
"""A summary of fewer questions is not worth it."""

# --- what one reply may do -----------------------------------------------------------------------------------------

MAX_INSTRUCTIONS = 20
"""Instructions of one reply."""
MAX_CHANGES_WITHOUT_ASKING = 5
"""Rows that one reply may change before the user is asked."""
MAX_ROWS_PER_INSTRUCTION = 100
"""Rows that one instruction may name by their ids."""
MAX_ROWS_BY_CONDITION = 500
"""Rows that one instruction may name by a condition; with a guard for each they fit into one batch."""
MAX_ROWS_NAMED_ON_CARD = 3
"""Rows that are named on the card of an instruction with a condition; of the others the number is told."""
MAX_CARDS_SHOWN = 5
"""Cards of one reply that the page shows before the others are unfolded (`LINES_SHOWN` of web)."""
MAX_ROUNDS = 5
"""Steps in which the model goes on after one question."""
MAX_RETRIES = 2
"""Times that the model may correct its instructions after one question."""
YES_BEFORE_OFFER = 3
"""How often the user agrees to proposals of one kind before a permission is offered."""
MAX_PERMISSIONS = 1_000
"""Permissions of a profile: one for each operation in each app."""
MAX_MACROS = 1_000
"""Macros of a profile among which one is looked for by its name."""
MAX_CARDS_COUNTED = 1_000
"""Cards, the newest, among which these are counted."""

# --- what comes back to the model from its instructions ------------------------------------------------------------

MAX_ROWS_PER_PAGE = 100
"""Rows of one list or search."""
MAX_PAGE_BYTES = 64_000
"""Bytes of the lines of one page."""
MAX_VALUE_OF_ONE_ROW = 2_000
"""Characters of one value, when a single row is read with `get`."""
MAX_SEARCH_TEXT = 500
"""Characters of the words to search for."""
MAX_FEEDBACK = 70_000
"""Characters of all results together, as JSON: the row of the next step keeps them."""
MAX_SHORT_FEEDBACK = MAX_FEEDBACK // 6
"""Characters of the reasons why nothing was done, and of the results of all native calls together."""

# --- what is kept in the store -------------------------------------------------------------------------------------

MAX_ROW_BYTES = 800_000
"""Bytes of text and reasoning of one answer together: the row must fit into one message of the bus."""
MAX_THINKING = 50_000
"""Characters of the reasoning of one answer."""
MAX_CALLS = 20_000
"""Characters of the native calls of one answer, as JSON."""
MAX_CARD_DETAIL = 90_000
"""Characters of a card's `detail` as JSON; a larger proposal cannot be shown, so the user cannot agree to it."""
MAX_CARD_CHANGES = 5_000
"""Changes of a started job that its card keeps."""
MAX_KEPT_INSTRUCTION = 15_000
"""Characters of one instruction in a card, as JSON."""
MAX_PROBLEM = 2_000
"""Characters of a problem's sentence."""
MAX_ARCHIVED_TURN = 100_000
"""Characters of one turn in the archive; more than fits into any context that is used."""
ARCHIVE_DAYS = 30
"""Days for which the archive keeps what the model was told."""

# --- what is kept in memory (messages: see the conversation) ------------------------------------------------------

MAX_LIVE_QUERIES = 32
"""Live queries; the one that was not used for the longest time is dropped first."""
MAX_ROWS = 200
"""Rows of one live query on a table."""
MAX_READ_ONLY_ROWS = 20
"""Rows of a table that can only be read; these are asked for each time."""
MAX_SETTINGS = 1_000
"""Settings."""

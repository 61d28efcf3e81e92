"""The types that a field can have: what its values are, in every process.

A new type is one entry here, its name in `TypeName`, and one entry in the `types.py` of each process that treats types
differently: `store/file/`, `services/agent/parse/` and `web/state/`. A test says which entry is missing.
"""

from typing import Literal

from apps.types.address import MAIL_ADDRESS, WEB_ADDRESS
from apps.types.date import DATE
from apps.types.duration import DURATION
from apps.types.json_value import JSON
from apps.types.kinds import FieldType
from apps.types.link import LINK
from apps.types.moment import MOMENT
from apps.types.money import MONEY
from apps.types.numbers import BOOLEAN, INTEGER, REAL
from apps.types.repeat import REPEAT
from apps.types.tags import TAGS
from apps.types.text import MARKDOWN, TEXT
from apps.types.unix_time import TIME
from apps.types.when import WHEN

TypeName = Literal[
    "text",
    "integer",
    "real",
    "boolean",
    "json",
    "time",
    "date",
    "moment",
    "when",
    "repeat",
    "duration",
    "money",
    "tags",
    "web",
    "mail",
    "markdown",
    "link",
]

FIELD_TYPES: dict[TypeName, FieldType] = {
    "text": TEXT,
    "integer": INTEGER,
    "real": REAL,
    "boolean": BOOLEAN,
    "json": JSON,
    "time": TIME,
    "date": DATE,
    "moment": MOMENT,
    "when": WHEN,
    "repeat": REPEAT,
    "duration": DURATION,
    "money": MONEY,
    "tags": TAGS,
    "web": WEB_ADDRESS,
    "mail": MAIL_ADDRESS,
    "markdown": MARKDOWN,
    "link": LINK,
}

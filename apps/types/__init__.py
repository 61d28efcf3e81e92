"""The types that a field can have: what its values are, in every process.

A new type is one entry here, its name in `TypeName`, and one entry in the `types.py` of each process that treats types
differently: `store/file/`, `services/agent/parse/` and `web/state/`. A test says which entry is missing.
"""

from typing import Literal

from apps.types.json_value import JSON
from apps.types.kinds import FieldType
from apps.types.numbers import BOOLEAN, INTEGER, REAL
from apps.types.text import TEXT
from apps.types.unix_time import TIME

TypeName = Literal["text", "integer", "real", "boolean", "json", "time"]

FIELD_TYPES: dict[TypeName, FieldType] = {
    "text": TEXT,
    "integer": INTEGER,
    "real": REAL,
    "boolean": BOOLEAN,
    "json": JSON,
    "time": TIME,
}

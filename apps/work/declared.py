"""Declare long work: its name, its arguments, and what people call it. All processes use the same declaration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.names import problem_of_table
from apps.sentences import shortened
from apps.tables import BadValue, Field, Row
from apps.types.address import names_user
from apps.work.words import value_words

TAKEN = ("progress", "app", "job", "once")
"""Names that no field of a job may have: its function and the page's form use them."""
LONGEST_ARGUMENT = 80
"""Characters of the first argument in the title of a run."""


@dataclass(frozen=True, slots=True)
class Job:
    """Long work of an app: an async function of this name in its `jobs.py`."""

    name: str
    label: str
    """What people call it: "Crawl a site"."""
    fields: tuple[Field, ...] = ()
    """Its arguments. The first one stands in the title of a run."""
    resumes: bool = False
    """It saves checkpoints (`progress.checkpoint`), so it can be paused, and goes on after a restart."""
    keys: tuple[str, ...] = ()
    """Names of the keys in `keys.toml` that the function is given (`progress.keys`)."""
    settings: tuple[str, ...] = ()
    """Names of settings whose values the function is given, as texts (`progress.settings`)."""
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The smallest and the largest value of fields that are numbers, by the field's name."""
    without_sign_in: tuple[str, ...] = ()
    """Names of fields for addresses that may name no user and no password: these would be stored."""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        names = [one.name for one in self.fields]
        if problem := problem_of_table(self.name):
            raise BadValue("bad_value", f"The job {self.name!r:.60} cannot be declared so: {problem}")
        if len(set(names)) < len(names) or set(names) & set(TAKEN):
            fault = f"each of its fields needs a name of its own, other than {', '.join(TAKEN)}"
            raise BadValue("bad_value", f"The job {self.name!r:.60} cannot be declared so: {fault}.")
        if unknown := [name for name in (*self.limits, *self.without_sign_in) if name not in names]:
            fault = f"it has a rule for {unknown[0]!r:.60}, which is none of its fields"
            raise BadValue("bad_value", f"The job {self.name!r:.60} cannot be declared so: {fault}.")

    def checked(self, arguments: Mapping[str, Any]) -> Row:
        """Return the arguments as the function gets them, with defaults; raise `BadValue` for what does not fit."""
        known = {one.name: one for one in self.fields}
        if unknown := [name for name in arguments if name not in known]:
            expected = f"It takes: {', '.join(known)}." if known else "It takes none."
            raise BadValue("unknown_field", f"{self.label} takes no {unknown[0]!r:.60}. {expected}")
        if missing := [name for name, one in known.items() if one.required and name not in arguments]:
            raise BadValue("missing_field", f"{self.label} needs `{missing[0]}`.")
        return {name: self._value(one, arguments) for name, one in known.items()}

    def _value(self, one: Field, arguments: Mapping[str, Any]) -> Any:
        value = one.checked(arguments[one.name]) if one.name in arguments else one.empty
        least, most = self.limits.get(one.name, (value, value))
        if not least <= value <= most:
            raise BadValue("bad_value", f"`{one.called}` is {value:,}. Expected a number from {least:,} to {most:,}.")
        if one.name in self.without_sign_in and names_user(str(value)):
            problem = "names a user or a password, which is used nowhere and would be stored. Write it without them."
            raise BadValue("bad_value", f"`{one.called}` {problem}", field=one.name)
        return value

    def title(self, arguments: Mapping[str, Any]) -> str:
        """Return what people call a run with these arguments: "Crawl a site: https://example.test"."""
        first = arguments.get(self.fields[0].name) if self.fields else None
        named = "" if first in (None, "") else shortened(value_words(first), LONGEST_ARGUMENT)
        return f"{self.label}: {named}" if named else self.label

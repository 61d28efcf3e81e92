"""The permissions of a profile, and what each says about a planned change: ask, allow or never. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from apps.permitted.words import app_called, kind_in_words
from apps.registry import Registry
from apps.tables import Row
from services.agent.act.planned import PlannedChange

OPERATION_OF = {"insert": "insert", "update": "update", "toggle": "update", "sort": "update", "delete": "delete"}
"""What a permission calls an operation on rows."""
ASK = "You want to be asked before it may {kind}."
NEVER = "You never let the assistant {kind}, so nothing was done. Settings, “What it may do”, changes that."
NEVER_TOLD = "Nothing was done: the user never lets you {kind}. Say so, and do not try it in another way."


class Kind(NamedTuple):
    """What a permission is about."""

    app: str
    operation: str


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the user lets the assistant do in a profile."""

    registry: Registry = field(default_factory=Registry)
    rules: Mapping[Kind, str] = field(default_factory=dict)

    @classmethod
    def of(cls, registry: Registry, rows: Iterable[Row]) -> "Permissions":
        """Return the permissions in rows of the table `permission`."""
        return cls(registry, {Kind(row["app"], row["operation"]): row["rule"] for row in rows})

    def kind(self, planned: PlannedChange) -> Kind | None:
        """Return what a change is, as permissions see it; None for one that is always asked, as a new app."""
        step = planned.step
        if work := step.work:
            return Kind(work.app or str(planned.before.get("app", "")), "run")
        owner = self.registry.app_of(planned.table_name)
        operation = OPERATION_OF.get(step.operation)
        return None if step.shapes or owner is None or operation is None else Kind(owner.name, operation)

    def rule(self, planned: PlannedChange) -> str:
        """Return the rule about a change: ask, allow or never; "" for none."""
        kind = self.kind(planned)
        return self.rules.get(kind, "") if kind else ""

    def words_about(self, planned: PlannedChange) -> str:
        """Return in words what a change is, as permissions see it: "delete rows in Todo"."""
        kind = self.kind(planned)
        return kind_in_words(self.label(kind.app), kind.operation) if kind else ""

    def label(self, app: str) -> str:
        """Return what people call an app."""
        found = self.registry.apps.get(app)
        return app_called(app, found.label if found else "")

"""What all kinds of message have in common: their fields are checked, and each is entered into the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform, get_type_hints

from bus.checks.fields import FieldCheck, check_of, checked
from bus.checks.senders import process_of

Values = dict[str, Any]

CATALOGUE: dict[str, type["Message"]] = {}
"""Kind to class, in the order of a click."""
REFUSAL = "bus.refused"
"""The kind that answers an order which cannot be read."""


class Message:
    """The base of all kinds. A body is a msgpack map of texts, numbers, booleans, lists and maps."""

    __slots__ = ()
    kind: ClassVar[str]
    receiver: ClassVar[str] = ""
    """For an order: the process that answers it."""
    answers: ClassVar[tuple[str, ...]] = ()
    """For an order: the kinds of message that answer it, with the order's id as their cause."""
    speaker: ClassVar[str] = ""
    """The only process that is believed when it says this kind; "" for any."""
    begins: ClassVar[bool] = False
    """Whether nothing may have caused it: then its cause may be empty."""
    checks: ClassVar[tuple[FieldCheck, ...]]

    @classmethod
    def from_body(cls, body: Values) -> Self:
        """Build the message from a decoded body, or raise `BadMessage`."""
        return cls(**checked(cls.kind, cls.checks, body))

    def body(self) -> Values:
        """Return the fields as the map that goes into the third frame."""
        return {check.name: getattr(self, check.name) for check in self.checks}

    def may_be_from(self, sender: str) -> bool:
        """Return whether a message is believed from this `sender`: others may have said it by mistake."""
        return not self.speaker or process_of(sender) == self.speaker

    @classmethod
    def refusal(cls, code: str, sentence: str, count: int) -> "Message":
        """Return the answer to an order of this kind that cannot be read or came too late.

        `count`: how many bad messages the process has received since its start.
        """
        return CATALOGUE[REFUSAL](reason=sentence, refused=count, code=code)  # type: ignore[call-arg]  # its fields


MessageType = TypeVar("MessageType", bound=Message)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def says(
    kind: str, *, receiver: str = "", answers: tuple[str, ...] = (), speaker: str = "", begins: bool = False
) -> Callable[[type[MessageType]], type[MessageType]]:
    """Make the class a message: a frozen dataclass, entered into the catalogue under its kind."""

    def enter(cls: type[MessageType]) -> type[MessageType]:
        cls.kind, cls.receiver, cls.answers, cls.speaker, cls.begins = kind, receiver, answers, speaker, begins
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        hints = get_type_hints(made, include_extras=True)
        made.checks = tuple(check_of(one, hints[one.name]) for one in fields(made))  # type: ignore[arg-type]  # a dataclass
        CATALOGUE[kind] = made
        return made

    return enter

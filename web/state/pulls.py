"""The downloads of models, as `llm.pulled` tells them: which run, and how the others ended. Pure."""

from dataclasses import dataclass, replace

from bus.messages import LlmPulled

MOST_PULLS = 20
"""Downloads in the dialog, at most; the oldest that has ended goes first."""
LONGEST_NAME = 200
"""Characters of a model's name that can be asked for; a message about a longer one comes from a stranger."""


@dataclass(frozen=True, slots=True)
class Pull:
    """One download."""

    now: LlmPulled
    title: str
    """What its offer calls it; the name of the model if there was none."""

    @property
    def model(self) -> str:
        """Name of the model, as it was asked for."""
        return self.now.model

    @property
    def runs(self) -> bool:
        """Whether bytes are still coming."""
        return self.now.state == "running"

    @property
    def percent(self) -> int | None:
        """How much has come; None while the size is not known."""
        done, total = self.now.done, self.now.total
        return min(100, 100 * done // total) if total > 0 else None


class Pulls:
    """All downloads since the start of the web process that the user has not put away, the oldest first."""

    def __init__(self) -> None:
        """None at first."""
        self._pulls: dict[str, Pull] = {}

    @property
    def all(self) -> tuple[Pull, ...]:
        """Return them, the oldest first."""
        return tuple(self._pulls.values())

    def of(self, model: str) -> Pull | None:
        """Return the download of a model, if there is one."""
        return self._pulls.get(model)

    def take(self, now: LlmPulled, title: str) -> bool:
        """Take over a message; return whether more has changed than the number of bytes.

        A download that is over when it is first heard of is left out: whoever ordered it has the answer. So is one that
        nobody can have asked for.
        """
        before = self._pulls.get(now.model)
        if before is None and (now.state != "running" or len(now.model) > LONGEST_NAME):
            return False
        if before:
            now, title = replace(now, host=now.host or before.now.host), before.title
        self._pulls[now.model] = Pull(now, title)
        self._drop_oldest()
        return before is None or before.now.state != now.state

    def break_off(self, problem: str) -> bool:
        """Say of all that run that they have failed; return whether any did."""
        running = [pull for pull in self._pulls.values() if pull.runs]
        for pull in running:
            self._pulls[pull.model] = replace(pull, now=replace(pull.now, state="failed", problem=problem))
        return bool(running)

    def forget(self, model: str) -> None:
        """Put away a download that has ended."""
        if (pull := self._pulls.get(model)) and not pull.runs:
            del self._pulls[model]

    def _drop_oldest(self) -> None:
        ended = [pull.model for pull in self._pulls.values() if not pull.runs]
        for model in ended[: max(0, len(self._pulls) - MOST_PULLS)]:
            del self._pulls[model]

"""Where and until when the user wants no remarks: the setting `silence`. Pure.

Its value is a map of `apps` (names of apps without remarks) and `until` (Unix seconds until which there are none in any
app). What is missing or of another type counts as no wish. No remarks anywhere, for good, is the mode quiet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

SILENCE = "silence"
"""Key of the setting."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What the user wants."""

    apps: tuple[str, ...] = ()
    until: float = 0.0
    """Unix seconds; 0.0: no limit."""

    def covers(self, app: str, now: float) -> bool:
        """Return whether there may be no remark about an app now (Unix seconds)."""
        return app in self.apps or now < self.until

    def with_app(self, app: str) -> "Silence":
        """Return the same with one app more."""
        return replace(self, apps=tuple(sorted({*self.apps, app})))

    def without_app(self, app: str) -> "Silence":
        """Return the same with one app less."""
        return replace(self, apps=tuple(one for one in self.apps if one != app))

    def as_value(self) -> dict[str, Any]:
        """Return the value of the setting."""
        return {"apps": list(self.apps), "until": self.until}


def silence_in(settings: Mapping[str, Any]) -> Silence:
    """Return what the user wants, according to the settings."""
    value = settings.get(SILENCE)
    value = value if type(value) is dict else {}
    apps, until = value.get("apps"), value.get("until")
    names = tuple(one for one in apps if type(one) is str) if type(apps) is list else ()
    return Silence(names, float(until) if isinstance(until, int | float) else 0.0)


def end_of_day(now: float) -> float:
    """Return the next midnight of this machine (Unix seconds)."""
    day = datetime.fromtimestamp(now).date() + timedelta(days=1)
    return datetime.combine(day, time()).timestamp()

"""The verdict on a wish, by the declaration that was proposed first. Pure.

A new app is right if each field that was named is there, under a label of the user's language, with a type that fits;
and if there are at most `MOST_OTHERS` besides. A change is right if it does what was said, and nothing else.
"""

from collections.abc import Sequence

from apps.own.words import called
from apps.tables import Row
from bench.real.own.wishes import Effect, Expected, Wish
from bus.text.normal import normal

MOST_OTHERS = 2


def problem_of(wish: Wish, declaration: Row | None) -> str:
    """Return what is wrong with a declaration, "" if it is right. None: nothing was proposed."""
    if declaration is None:
        return "nothing was proposed"
    fields = [field for table in declaration["tables"] for field in table["fields"]]
    if wish.before is None:
        return _problem_of_new(wish.fields, fields)
    return _problem_of_change(wish.right, wish.before["tables"][0]["fields"], fields)


def _problem_of_new(expected: Sequence[Expected], fields: Sequence[Row]) -> str:
    left = list(fields)
    for one in expected:
        named = [field for field in left if _is_called(field, one.labels)]
        fits = next((field for field in named if _fits(field, one)), None)
        if fits is None:
            found = f"it is {_told(named[0])}" if named else "there is none"
            return f"{one.labels[0]}: {found}, expected {' or '.join(one.types)}{_choices(one)}"
        left.remove(fits)
    return f"{len(left)} fields more than were named" if len(left) > MOST_OTHERS else ""


def _problem_of_change(right: Sequence[Effect], before: Sequence[Row], after: Sequence[Row]) -> str:
    now = {field["name"]: field for field in after}
    known = {field["name"] for field in before}
    added = [field for field in after if field["name"] not in known]
    effects = {one.field: one for one in right if one.field}
    for field in before:
        if problem := _problem_of_field(effects.get(called(field)), field, now.get(field["name"])):
            return problem
    wanted = [one.added for one in right if one.added]
    problem = _problem_of_new(wanted, added)
    return problem or ("a field was added that nobody named" if len(added) > len(wanted) else "")


def _problem_of_field(effect: Effect | None, before: Row, after: Row | None) -> str:
    """Return what is wrong with a field that was there before."""
    label = called(before)
    if after is None:
        return "" if effect and effect.do == "remove" else f"{label}: it was removed"
    if effect is None:
        return "" if after == before else f"{label}: it was changed"
    if effect.do == "remove":
        return f"{label}: it is still there"
    if effect.do == "rename":
        return "" if normal(effect.to) in normal(called(after)) else f"{label}: it is called {called(after)}"
    return "" if after.get("type", "text") in effect.types else f"{label}: it is {_told(after)}"


def _is_called(field: Row, labels: Sequence[str]) -> bool:
    label = normal(called(field))
    return any(normal(one) in label for one in labels)


def _fits(field: Row, one: Expected) -> bool:
    choices = {normal(choice) for choice in field.get("choices", ())}
    return field.get("type", "text") in one.types and {normal(choice) for choice in one.choices} <= choices


def _told(field: Row) -> str:
    choices = f" of {', '.join(field['choices'])}" if field.get("choices") else ""
    return f"{field.get('type', 'text')}{choices}"


def _choices(one: Expected) -> str:
    return f" of {', '.join(one.choices)}" if one.choices else ""

"""What a question wants for itself alone: another app than the open one, another model than the chosen one."""

from http import HTTPStatus

from apps.clients.access import Access
from apps.models import is_local
from bus.messages import Values
from bus.text.normal import normal
from web.api.problems import ApiProblem, bad_request, forbidden
from web.live.hub import Hub

UNKNOWN_YET = "The process that speaks with the models has not listed them yet. Ask again in a moment."


def wants_of(body: Values, access: Access, hub: Hub) -> dict[str, str]:
    """Return what is wanted, by name, for the `detail` of the question. Raises `ApiProblem` for what is not there."""
    wants = {"app": _app(body.get("app", ""), hub), "model": _model(body.get("model", ""), access, hub)}
    return {name: value for name, value in wants.items() if value}


def _app(name: object, hub: Hub) -> str:
    if name and (type(name) is not str or name not in hub.apps):
        raise bad_request(f"There is no app {name!r:.60}. There are: {', '.join(hub.apps.problems)}.", "app")
    return str(name or "")


def _model(name: object, access: Access, hub: Hub) -> str:
    """Return the name of a model. One on another machine is for the user to choose, who may; a key may not."""
    if not name:
        return ""
    listed = hub.shared.models
    if listed is None:
        raise ApiProblem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", UNKNOWN_YET)
    found = next((one for one in listed.models if normal(str(one["name"])) == normal(str(name))), None)
    if found is None:
        known = ", ".join(str(one["name"]) for one in listed.models) or "none"
        raise bad_request(f"There is no model {name!r:.80}. There are: {known}.", "model")
    chosen = str(found["name"])
    if access.client and not is_local(found) and chosen != hub.shared.model:
        raise forbidden(
            f"The model {chosen} runs on another machine, so all that it is told leaves this one. A key cannot choose "
            "it. Choose it in the page, then the questions of keys go to it as well."
        )
    return chosen

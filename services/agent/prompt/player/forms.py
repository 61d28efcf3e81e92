"""The forms of prompt that players of our own are taught, by number. A form never changes; a new one is a new file."""

from collections.abc import Mapping
from types import ModuleType

from services.agent.prompt.layers import PromptText, Situation
from services.agent.prompt.player import form1, form2
from services.agent.prompt.turns import COMMENT

FORMS: Mapping[int, ModuleType] = {1: form1, 2: form2}


def compose(situation: Situation) -> PromptText:
    """Return what a player is told, in the form that it was taught."""
    prompt: PromptText = FORMS[situation.form].compose(situation)
    return prompt


def remark(form: int) -> str:
    """Return how a remark is asked for; `form` 0: of a general model."""
    return str(FORMS[form].REMARK) if form else COMMENT

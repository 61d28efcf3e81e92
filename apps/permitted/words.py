"""Permissions in words."""

OPERATIONS = {"insert": "add rows", "update": "change rows", "delete": "delete rows", "run": "run jobs"}
"""What a permission is about, as a verb."""
RULES = {"ask": "Ask each time", "allow": "Do it without asking", "never": "Never do it"}


def app_called(app: str, label: str = "") -> str:
    """Return what people call an app. `label`: its own, if it has one."""
    return label or app.replace("_", " ").capitalize()


def kind_in_words(app: str, operation: str) -> str:
    """Return what a permission is about: "delete rows in Todo". `app`: what people call it."""
    return f"{OPERATIONS.get(operation, operation)} in {app}"

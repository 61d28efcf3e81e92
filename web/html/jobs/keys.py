"""The keys that a job needs, as HTML: whether each is set, and the dialog that sets one. What comes back is no key."""

from collections.abc import Collection, Mapping

from fastcore.xml import FT

from apps.work.declared import Job
from web.html.models.servers_dialog import key_field, problem_of
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Footer, P, Section, command_form, commands
from web.html.parts.fragments import replace

DIALOG = "job-key"
"""Id of the dialog that sets a key."""


def job_keys(app: str, job: Job, known: Collection[str]) -> FT:
    """Return a line for each key of a job. `known`: names of those that are set."""
    return Section(*(key_line(app, job, key, is_set=key in known) for key in job.keys), cls="job-keys")


def key_line(app: str, job: Job, key: str, *, is_set: bool) -> FT:
    """Return whether a key is set, and the button that opens its dialog."""
    label = "Change the key …" if is_set else "Set a key …"
    return P(
        f"The key “{key}” is set. " if is_set else f"The key “{key}” is not set. ",
        Button(
            label,
            type="button",
            id=f"key-{app}-{job.name}-{key}",
            cls="row-link",
            aria_label=f"{label} ({key})",
            **commands("job-ask-key", app=app, job=job.name, key=key),
        ),
        cls="note",
    )


def job_key_dialog(app: str, job: Job, key: str, *, is_set: bool) -> FT:
    """Return the dialog that sets, changes or removes a key of a job."""
    values: dict[str, object] = {"app": app, "job": job.name, "key": key}
    remove = Button(
        "Remove the key",
        type="button",
        data_stays=True,
        **commands("job-key", **values, secret="", remove="yes"),
    )
    where = "It is kept in keys.toml of your data folder, for you alone, and given only to jobs that need it"
    return dialog(
        DIALOG,
        f"Key “{key}”",
        P("A key is set. It is not shown; a new one replaces it." if is_set else "No key is set."),
        P(f"{where}, such as “{job.label}”.", cls="note"),
        command_form(
            "job-key",
            key_field(DIALOG, "New key"),
            problem_of(DIALOG, "", ""),
            Footer(
                Button("Save", type="submit", cls="primary"),
                Button("Cancel", type="button", data_close=True),
                remove if is_set else None,
                cls="tools",
            ),
            values=values,
            id=f"{DIALOG}-form",
            cls="fields",
            novalidate=True,
            data_stays=True,
        ),
    )


def draw_key_problems(problems: Mapping[str, str]) -> str:
    """Draw what is wrong with the key in the dialog, in place of what was wrong before."""
    return "".join(replace(problem_of(DIALOG, field, problems.get(field, ""))) for field in ("secret", ""))

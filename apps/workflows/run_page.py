"""The page of one run: finished steps folded, the current one open, later ones named."""

from collections.abc import Sequence
from urllib.parse import quote

from fastcore.xml import FT, H3, A, Button, Code, Details, Div, Form, Input, Li, Ol, P, Progress, Span, Summary

from apps.tables import Row
from apps.views import AppView, commands
from apps.work.runs import RUN, arguments_of, document, held_in, progress_of, shown_of
from apps.work.workflows import DRAFT, Step, Workflow
from apps.workflows.forms import labelled, of_run, rows_to_choose, step_form
from apps.workflows.reading import Page

TITLE = RUN.all_fields["title"]
MOST_IN_LINK = 500_000
"""Characters of a document that can be downloaded by a link that holds it."""
ANSWERS = {
    "waiting": "The model is asked. Its draft comes here.",
    "streaming": "The model writes a draft. When it is finished, it stands here.",
    "stopped": "The draft was stopped.",
    "failed": "The model wrote no draft.",
    "interrupted": "The draft was interrupted. Try it again.",
}
"""What is shown of the model's answer, by its state."""


def run_page(view: AppView, page: Page) -> FT:
    """Return the page of a run."""
    run = page.run
    if run is None:
        return Div(
            P("There is no run ", Code(page.key[:60]), " in this profile.", cls="problem"), deleted_hint(), back()
        )
    workflow = page.workflow
    if workflow is None:
        words = f"The workflow {run['workflow']!r} of this run is not installed. Its data is kept."
        return Div(head(page), P(words, cls="problem"), back(), cls="run")
    return Div(
        head(page),
        P(workflow.about, cls="run-about"),
        progress_line(workflow, run),
        Ol(*(one_step(view, page, workflow, step) for step in workflow.steps), cls="run-steps", id="run-steps"),
        end(page, workflow),
        back(),
        cls="run",
        data_turn=str(run["turn"]),
    )


def deleted_hint() -> FT:
    """Return where a run that was deleted can be found."""
    return P(
        "It may have been deleted: then ", A("the journal", href="/apps/journal", data_open=True), " brings it back."
    )


def back() -> FT:
    """Return the link to all runs."""
    return P(A("All workflows", href="/apps/workflows", data_open=True), cls="run-back")


def head(page: Page) -> FT:
    """Return the title of a run, which can be changed."""
    run = page.run or {}
    name = "run-title"
    form = Form(
        Input(
            type="text", name="title", id=f"{name}-edit", value=run["title"], required=True, maxlength=TITLE.limit,
            autocomplete="off", dir="auto", aria_label="Title",
        ),
        Button("Save", type="submit", cls="primary"),
        Button("Cancel", type="button", data_cancel=True),
        **commands("update", table=RUN.name, id=run["id"]),
        id=f"{name}-form",
        cls="edit",
        hidden=True,
    )  # fmt: skip
    item = Li(
        Span(run["title"], id=name, cls="title", dir="auto"),
        Span("finalised", cls="badge") if run["finalised"] else None,
        Span(*tools(run), cls="row-tools"),
        form,
        id=f"run-{run['id']}",
        cls="row",
        data_id=run["id"],
    )
    return Ol(item, cls="rows run-head", aria_label="This run")


def tools(run: Row) -> Sequence[FT]:
    """Return the buttons that change or delete a run."""
    title = run["title"]
    which = {"table": RUN.name, "id": run["id"]}
    return (
        icon("why", f"Why “{title}”?", id=f"why-{run['id']}", **commands("why", **which)),
        icon("edit", f"Rename “{title}”", id=f"edit-{run['id']}", data_edit=True),
        icon("delete", f"Delete “{title}”", id=f"delete-{run['id']}", **commands("delete", **which)),
    )


def icon(kind: str, label: str, **attributes: object) -> FT:
    """Return a button that shows an icon."""
    return Button(type="button", cls=f"icon icon-{kind}", aria_label=label, title=label, **attributes)


def progress_line(workflow: Workflow, run: Row) -> FT:
    """Return how far the run is."""
    step, total = progress_of(workflow, run)
    done = total if not run["step"] else step - 1
    words = "All steps are done" if not run["step"] else f"Step {step} of {total}"
    bar = Progress(value=str(done), max=str(total), aria_labelledby="run-progress")
    return P(Span(words, id="run-progress"), bar, cls="run-progress")


# --- the steps ---


def one_step(view: AppView, page: Page, workflow: Workflow, step: Step) -> FT:
    """Return a step: open, folded, or only named."""
    run = page.run or {}
    if step.id == run["step"] and not run["finalised"]:
        return Li(*current(view, page, workflow, step), cls="run-step", data_step=step.id, data_state="current")
    if step.id in run["data"]:
        contents = finished(view, page, workflow, step)
        return Li(*contents, cls="run-step", data_step=step.id, data_state="finished")
    return Li(H3(step.title), cls="run-step", data_step=step.id, data_state="later")


def finished(view: AppView, page: Page, workflow: Workflow, step: Step) -> tuple[object, ...]:
    """Return a finished step: folded, with what it shows and the way back to it."""
    run = page.run or {}
    shown = (
        document_of(view, page, str(held_in(run, step.id).get("text", "")))
        if step.result
        else shown_markdown(view, page, step)
    )
    return (
        Details(
            Summary(H3(step.title)),
            shown,
            None
            if run["finalised"]
            else Button(
                "Change this step",
                type="button",
                id=f"back-to-{step.id}",
                **commands("workflow-back", run=run["id"], turn=run["turn"], to=step.id),
            ),
            id=f"run-done-{step.id}",
            open=True if step.result else None,
        ),
    )


def shown_markdown(view: AppView, page: Page, step: Step) -> FT:
    """Return what a finished step shows."""
    workflow = page.workflow
    text = shown_of(workflow, page.run or {}, step) if workflow else ""
    return view.pieces.markdown(text) if text else P("Nothing.", cls="hint")


def current(view: AppView, page: Page, workflow: Workflow, step: Step) -> tuple[object, ...]:
    """Return the current step, open."""
    is_last = not workflow.after(step.id)
    submit = "Finish" if is_last else "Next"
    contents: tuple[object, ...]
    if step.rows:
        contents = rows_to_choose(page, step.rows)
    elif step.prompt:
        contents = prompt_fields(page)
    elif step.job:
        return (*heading(step), *job_step(view, page, workflow, step, submit))
    elif step.result:
        contents = (document_of(view, page, document(workflow, page.run or {}, step)),)
        submit = "Finish, and lock the run" if is_last else submit
    else:
        contents = tuple(labelled(page, one, one.empty) for one in step.fields)
    return (*heading(step), step_form(page, step, contents, submit))


def heading(step: Step) -> tuple[FT | None, ...]:
    """Return the heading of the current step."""
    return H3(step.title, id="run-step", tabindex="-1"), P(step.about, cls="run-about") if step.about else None


def prompt_fields(page: Page) -> tuple[object, ...]:
    """Return the text of a step with a prompt, and the button that lets the model draft it."""
    state = page.asked.get("state", "")
    words = ANSWERS.get(state, "")
    busy = state in ("waiting", "streaming")
    label = "Draft it again" if page.asked else "Let the model draft it"
    said = f"{words} {page.asked.get('problem', '')}".strip()
    return (
        Div(
            Button(label, type="button", id="run-draft", disabled=busy, **of_run(page, "workflow-draft")),
            *answer_buttons(page.asked, state),
            P(said, cls="hint", role="status") if words else None,
            cls="run-ask",
        ),
        labelled(page, DRAFT),
    )


def answer_buttons(answer: Row, state: str) -> tuple[FT, ...]:
    """Return the buttons about the model's answer: to stop it, and to see it in the conversation of the run."""
    if "id" not in answer:
        return ()
    stop = Button("Stop", type="button", id="run-stop", **commands("stop", message=answer["id"]))
    show = Button(
        "Show it in the chat", type="button", id="run-talk", **commands("reveal", table="message", id=answer["id"])
    )
    return (stop, show) if state == "streaming" else (show,)


def job_step(view: AppView, page: Page, workflow: Workflow, step: Step, submit: str) -> tuple[object, ...]:
    """Return the form of a job, or how far the job is."""
    state, begins = page.asked.get("state", ""), arguments_of(workflow, page.run or {}, step)
    ended = state in ("", "failed", "cancelled")
    fields = [labelled(page, one, begins.get(one.name) or one.empty) for one in (step.job.fields if step.job else ())]
    run_again = Form(
        *fields,
        Div(
            Button("Run it" if not state else "Run it again", type="submit", id="run-job", cls="primary"),
            cls="run-buttons",
        ),
        **of_run(page, "workflow-job"),
        id=f"run-job-form-{(page.run or {})['id']}-{(page.run or {})['turn']}",
        cls="run-form",
        data_run=(page.run or {})["id"],
        data_stays=True,
        aria_labelledby="run-step",
    )
    return (
        view.pieces.progress(page.asked) if state else None,
        run_again if ended else None,
        step_form(page, step, (), submit) if state == "done" else None,
    )


# --- the document, and the end ---


def document_of(view: AppView, page: Page, text: str) -> FT:
    """Return a document, with buttons that copy and download it."""
    name = f"{(page.run or {})['id']}.md"
    link = f"data:text/markdown;charset=utf-8,{quote(text)}"
    return Div(
        Div(view.pieces.markdown(text), cls="run-document", id="run-document"),
        Div(
            Button("Copy", type="button", id="run-copy", data_copy=text),
            A("Download", href=link, download=name, id="run-download", cls="button")
            if len(link) < MOST_IN_LINK
            else None,
            cls="run-buttons",
        ),
    )


def end(page: Page, workflow: Workflow) -> FT | None:
    """Return the button that locks a run whose steps are done, or unlocks it."""
    run = page.run or {}
    if run["finalised"]:
        return Div(
            P("This run is finalised: it is locked until you reopen it."),
            Button("Reopen", type="button", id="run-reopen", **commands("workflow-reopen", run=run["id"])),
            cls="run-end",
            tabindex="-1",
        )
    if run["step"] and workflow.step(run["step"]) is None:
        words = f"The workflow has no step {run['step']!r} any more. Go back to an earlier step to go on."
        return P(words, cls="problem")
    if run["step"]:
        return None
    button = Button("Finalise", type="button", id="run-finalise", cls="primary", **of_run(page, "workflow-finalise"))
    return Div(P("All steps are done. Finalise the run to lock it."), button, cls="run-end", tabindex="-1")

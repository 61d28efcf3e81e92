"""The two steps of an import from Botify: count, then export. And its key."""

from collections.abc import Iterable
from dataclasses import replace

from fastcore.xml import FT, H3, Button, Div, Form, P, Section

from apps.links.imports.export_limits import warnings
from apps.links.page.reading import OpenCount
from apps.links.store import IMPORT_BOTIFY
from apps.views import Pieces, commands

COUNT = replace(
    IMPORT_BOTIFY,
    fields=tuple(one for one in IMPORT_BOTIFY.fields if one.name != "agreed"),
    limits={name: both for name, both in IMPORT_BOTIFY.limits.items() if name != "agreed"},
)
"""The first step: what the page's form asks for."""


def botify(pieces: Pieces, counts: Iterable[OpenCount]) -> FT:
    """Return what an import from Botify needs, one after another."""
    return Section(
        H3("Import from Botify", id="links-botify-title"),
        P("It counts the links first, and asks you before it exports them.", cls="note"),
        pieces.keys(IMPORT_BOTIFY),
        *map(export_question, counts),
        pieces.run_form(COUNT),
        cls="links-imports",
        aria_labelledby="links-botify-title",
    )


def export_question(count: OpenCount) -> FT:
    """Return the question whether the links that a job has counted are to be exported. Two tabs start one export."""
    given, found = count.row["arguments"], count.row["result"]
    links, repeated = found["links"], found.get("with_repetitions", 0)
    run = {"app": "links", "job": IMPORT_BOTIFY.name, "agreed": links, "analysis": found["analysis"]}
    run |= {name: given[name] for name in ("user", "project", "depth")}
    warned = warnings(links, repeated)
    also = f" ({repeated:,} with those that pages repeat)" if repeated > links else ""
    return Form(
        Div(
            P(
                f"{given['user']}/{given['project']}, analysis {found['analysis']}: {links:,} different links{also} "
                f"within {given['depth']} clicks from the start. An export costs credits of your account at Botify."
            ),
            *(P(one, cls="problem") for one in warned),
        ),
        Button("Export all the same" if warned else "Export", type="submit", cls="danger" if warned else "primary"),
        id=f"botify-export-{count.row['id']}",
        cls="botify-export",
        data_once=True,
        aria_label=f"Export the links of {given['project']}",
        **commands("job-run", once=count.once, **run),
    )

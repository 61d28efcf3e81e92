"""The drafts of the rehearsal player for a step of a workflow: it strings together the notes in the prompt. Pure."""

ASKS_FOR_A_TEXT = "Write nothing but "
"""What the prompt of a step says when it wants a text alone."""
NOTHING = ("", "–", "nothing")


def is_for_a_draft(said: str) -> bool:
    """Return whether the user's words ask for a text alone, made from the notes below them."""
    return ASKS_FOR_A_TEXT in said and "\n\n" in said


def draft(said: str) -> str:
    """Return the notes as sentences: each line `Name: value`, and each list below a line `Name:`."""
    notes: dict[str, list[str]] = {}
    name = ""
    for line in said.partition("\n\n")[2].splitlines():
        if line.startswith("- "):
            notes.setdefault(name, []).append(line[2:].strip())
        elif ":" in line:
            name, _, value = line.partition(":")
            notes[name] = [value.strip()]
    sentences = []
    for label, values in notes.items():
        kept = [value.rstrip(".") for value in values if value not in NOTHING]
        if kept:
            sentences.append(f"{label}: {', '.join(kept)}." if label else f"{', '.join(kept)}.")
    return " ".join(sentences) or "Nothing stands in the notes yet."

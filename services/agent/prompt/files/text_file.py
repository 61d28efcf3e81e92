"""Read a file of the user as a text for the prompt, or say in one sentence why it cannot be one."""

from pathlib import Path

from bus.errors import PianolaError
from services.agent.limits import MAX_PROMPT_FILE_CHARACTERS

MAX_BYTES_PER_CHARACTER = 4
"""Of UTF-8."""


class BadPromptFile(PianolaError):
    """A file cannot be used for the prompt; the sentence says why and what to do."""


def read_text_file(file: Path, folder: Path) -> str:
    """Return the text of a file, or raise `BadPromptFile`. It must lie in `folder`, also behind a link."""
    _refuse_other_than_files(file, folder)
    most = MAX_PROMPT_FILE_CHARACTERS
    try:
        with file.open("rb") as opened:
            content = opened.read(most * MAX_BYTES_PER_CHARACTER + 1)
    except OSError as error:
        raise BadPromptFile(f"it cannot be read ({error.strerror}). Make it readable for you.") from error
    if len(content) > most * MAX_BYTES_PER_CHARACTER:
        raise BadPromptFile(f"it is longer than {most:,} characters. Shorten it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPromptFile(f"it is no text in UTF-8 (byte {error.start:,}). Save it as UTF-8.") from error
    if len(text) > most:
        raise BadPromptFile(f"it has {len(text):,} characters, at most {most:,} are used. Shorten it.")
    if "\0" in text:
        raise BadPromptFile("it has a NUL character, so it is no text. Save it as plain text in UTF-8.")
    if not (text := "\n".join(text.splitlines()).strip()):
        raise BadPromptFile("it is empty. Write a text into it, or remove it.")
    return text


def _refuse_other_than_files(file: Path, folder: Path) -> None:
    """Raise `BadPromptFile` for a link that leads elsewhere, and for what is no file. A pipe would block the reader."""
    try:
        place = file.resolve(strict=True)
    except (OSError, RuntimeError) as error:  # Python 3.11 and 3.12 raise RuntimeError for links in a circle
        raise BadPromptFile("it is a link to nothing. Put the file itself in its place.") from error
    if not place.is_relative_to(folder):
        raise BadPromptFile("it is a link out of the folder “prompts”. Put a copy of the file in its place.")
    if not place.is_file():
        kind = "a folder" if place.is_dir() else "no plain file"
        raise BadPromptFile(f"it is {kind}. Put a text file in its place.")

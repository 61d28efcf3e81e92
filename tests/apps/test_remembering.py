"""What people write when something is to be remembered at once."""

import pytest

from apps.known.asked import to_remember


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("remember that I am allergic to nuts", "I am allergic to nuts"),
        ("Please remember that I like tea.", "I like tea"),
        ("Remember: my sister is called Ada", "my sister is called Ada"),
        ("/remember I live in Rome\nand in Oslo", "I live in Rome\nand in Oslo"),
        ("/remember", ""),
        ("/remember …", ""),
        ("Merk dir, dass ich gern Tee trinke", "ich gern Tee trinke"),
        ("Merke dir: kurze Antworten", "kurze Antworten"),
        ("Souviens-toi que j’aime le thé", "j’aime le thé"),
        ("recuerda que vivo en Roma", "vivo en Roma"),
        ("remember to call the bank", None),
        ("Do you remember that I like tea?", None),
        ("remember that I like tea?", None),
        ("remember that I like tea. And add milk to the list", None),
        ("remember the milk", None),
        ("/rememberance", None),
        ("", None),
    ],
)
def test_only_a_message_that_asks_for_nothing_else_is_taken_at_its_word(message: str, text: str | None) -> None:
    assert to_remember(message) == text


def test_a_very_long_message_is_read_in_no_time() -> None:
    assert to_remember("remember that " + "x " * 50_000) == ("x " * 50_000).strip()
    assert to_remember("remember" + " " * 100_000 + "x") is None

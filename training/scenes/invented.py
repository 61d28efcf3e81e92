"""Words that mean nothing: names that a model cannot know, so that it must read the declaration. Pure."""

from random import Random

ONSETS = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "z",
)
VOWELS = ("a", "e", "i", "o", "u", "au", "ei")
CODAS = ("", "", "l", "m", "n", "r", "s", "t", "x", "nd", "rk")


def invented_word(rng: Random, syllables: int = 0) -> str:
    """Return a word like "glomerk". `syllables`: 0: two or three."""
    count = syllables or rng.choice((2, 2, 3))
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(count)) + rng.choice(CODAS)


def invented_name(rng: Random) -> str:
    """Return a name for a field or a table, sometimes of two words: "brando_lix"."""
    words = 2 if rng.random() < 0.3 else 1
    return "_".join(invented_word(rng, 2) for _ in range(words))

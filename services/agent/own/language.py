"""The language of a sentence, by its small words: a small model answers a French wish in English unless told. Pure."""

from services.agent.grounding.words import words_of

SMALL = {
    "English": "the a an my me for and with of to what when i it is if how which on who please make need",
    "German": "der die das ein eine einen mein meine meinen mir mich fur und mit ich ob wann was wie bei bitte mach",
    "French": "le la les l un une mes mon ma moi pour et avec je si quand de du des d que au fais cree voudrais il",
    "Spanish": "el la los las un una mis mi me para y con si cuando de del que cuanto hazme crea quiero necesito",
    "Italian": "il lo la gli un una i miei mie mio per e con se quando di del che fammi crea vorrei",
}
WORDS = {name: frozenset(words.split()) for name, words in SMALL.items()}


def language_of(text: str) -> str:
    """Return the English name of a language; "" where two are equally likely."""
    heard = words_of(text)
    scores = {name: sum(word in small for word in heard) for name, small in WORDS.items()}
    best = max(scores.values())
    found = [name for name, score in scores.items() if score == best]
    return found[0] if len(found) == 1 else ""

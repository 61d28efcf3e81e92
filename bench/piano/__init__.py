"""How much of what small models write is understood: a corpus of replies, and what each of them must lead to."""

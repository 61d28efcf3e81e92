"""How many replies of small models are understood: a corpus of replies, each with its correct outcome."""

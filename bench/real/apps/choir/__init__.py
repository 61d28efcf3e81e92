"""A choir: who sings, and what is sung."""

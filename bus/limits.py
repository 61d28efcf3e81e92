"""Limits of one order to the store. The store refuses what exceeds them; other processes divide their work by them."""

MAX_ANSWER_ROWS = 1_000
"""Rows in one answer; who needs more asks again with an `offset`."""

MAX_BATCH_ORDERS = 1_000
"""Orders in one batch."""

MAX_UNDONE_CHANGES = 1_000
"""Changes that one undo takes back."""

MAX_CHANGED_ROWS = 10_000
"""Rows that one order changes, also a batch: about a second, in which the store serves nobody else."""

MAX_CLIENT_CHARACTERS = 60
"""Length of the name of a client that gives an order."""
MAX_DIGEST_CHARACTERS = 64
"""In the digest of an order: as many as SHA-256 has in hexadecimal digits."""

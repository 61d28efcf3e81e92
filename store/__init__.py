"""The store: the only process that opens the SQLite file. It confirms a change after the commit, then tells all others.

Read in this order:
- `__main__`: what it hears and says. `writer`: orders in, one commit, answers out.
- `orders/`: carry out one order: verbs, batch, undo.
- `tables/`: rows, conditions, search, the history.
- `file/`: open the file, and bring its tables to the declared shape.
"""

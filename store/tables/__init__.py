"""The rows of a table, and the history.

Read in this order: `rows` (SQL for one table), `conditions` (`where` as SQL), `reading` (list, get, search), `search`
and `excerpt` (full text), `positions` (the user's order of rows), `recorder` (changes rows), `history` (what changed).
"""

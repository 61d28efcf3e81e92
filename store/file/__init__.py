"""The SQLite file: open and check it, back it up, bring its tables to the declared shape.

Read in this order: `database` (open, check, back up), `migrations` (the upgrade at the start), `steps` (of the core's
tables), `shape` (one declared table), `upgrade` (what an app's migration may do), `columns` (names and values).
"""

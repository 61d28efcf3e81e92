"""The commands of the terminal that know the apps: `pianola order`, `rows` and `search`, and the words to complete.

Each runs in a process of its own, since the command line knows no app. Read `__main__` first, then `session` (the bus,
the apps, who reads), `lookup` and `values` (from words to tables, rows and values), then one module for each command.
"""

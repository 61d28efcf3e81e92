"""The SQLite file: open, check and watch it, back it up, bring its tables to the declared shape.

Read in this order: `opening` (what a start does), `database` (open, check), `lock`, `mark` and `watch` (is it still the
same file?), `completeness` (is all there?), `backup/` (copies, restore), `migrations` (the upgrade at the start),
`steps` (of the core's tables), `shape` (one declared table), `upgrade` (what an app's migration may do), `columns`
(names and values).
"""

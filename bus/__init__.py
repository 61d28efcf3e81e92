"""The ground floor: the language that all processes share.

Read in this order: `messages` (what is said), `wire` (how it looks as bytes), `bus` (one process's connection),
`service` (the life of a process), `settings`, `errors`. Imports nothing else of ours.
"""

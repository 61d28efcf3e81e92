"""What all processes share: the messages, the connection to the bus, and how a process runs.

Read in this order:
- `messages`: the catalogue of all messages. `wire`: a message as bytes.
- `bus`: one process's connection. `store_client`: ask the store. `limits`: of one order to it.
- `service`: how a process runs. `role`: its lock and its beats.
- `settings`, `errors`, `token` (the secret that lets a browser in).
- Tools for those who listen: `message_line` (a message as one line), `gaps` and `overflows` (was something missed?),
  `transcript` (the text of a stream).
- `manual`: generates docs/messages.md and docs/settings.md.

Imports nothing else of ours.
"""

"""The agent decides what the model hears, when it speaks, and what it may do. docs/agent.md explains how.

`__main__` connects the parts and serves; `handlers` says which part handles each message. The rooms, from the top; each
uses only those below it:

- `talk/`: what the assistant says. `answers` (one question, one answer), `completions` (one row: prompt, text, end),
  `generations` (follow the model), `endings`, `summaries`, `comments`, `priority` (a question goes first), `recovery`.
- `act/`: what the model does. `actions` (carry out a reply), `planned`, `cards`, `proposals`, `undo`.
- `prompt/`: what the model is told. `build` (collect and build), `layers`, `turns`, `syntax`, `personas`, `describe`,
  `feedback`, `archive`; `files/` (texts that the user swaps).
- `state/`: what is known of the store. `store_client`, `live_query`, `scope` (open app, profile), `paths` (how a model
  writes instructions).
- `parse/`: what the model wrote. `scanner`, `json_reader`, `normalise`, `arguments`, `instructions`, `reply`, `spans`.

`wiring` in a room connects its parts. `limits` holds all limits of the prompt, of a reply, and of what is kept.
"""

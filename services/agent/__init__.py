"""The agent: decides what the model hears, when it speaks, and what it may do.

Read in this order: `__main__` (what it hears), `answers` (one question, one answer), `generations` (following the
model), `prompt` and `syntax` (what the model is told), `scanner`, `instructions`, `replies` and `actions` (what the
model does), `undos`, `comments` (remarks), `recovery` (what was left unfinished). `memory` and `orders` are its view of
the store.
"""

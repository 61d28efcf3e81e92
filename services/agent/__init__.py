"""The agent: decides what the model hears, when it speaks, and what it may do. docs/agent.md tells how it plays.

Read in this order: `__main__` (what it hears), `answers` (one question, one answer), `composer` (from a row to an order
to generate: `prompt`, `turns`, `syntax`, `personas`, `paths`), `generations` (following the model), `endings` (what its
row says then), `told` and `notes` (what is kept, what is summed up). What the model does: `scanner`, `reader`, `shapes`
(what it wrote), `fields` and `instructions` (what that means), `replies`, `deeds`, `actions`, `results`, `cards`; then
`proposals` and `undos` (what the user says to it). `comments` (remarks, `budgets`), `recovery` (what was left
unfinished). `memory` and `orders` are its view of the store.
"""

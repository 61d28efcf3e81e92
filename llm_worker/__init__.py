"""The process that asks the models: turns each order to generate into a stream of tokens.

Read in this order:
- `__main__`: what it hears and says. `generations`: all generations; `generation`: one; `spool`: their files.
- `players`: which model or player gets an order. `pieces`: a part of an answer. `problems`: what can go wrong.
- `ollama/`: the HTTP API of Ollama, and its list of models. `rehearsal/`: the built-in player, which needs no model.

A further kind of server would be a further folder beside `ollama/`.
"""

"""The process that asks the models: turns each order to generate into a stream of tokens.

Read in this order:
- `__main__`: what it hears and says. `generations`: all generations; `generation`: one; `spool`: their files.
- `players`: which model or player gets an order. `listing`: all models, and the default. `servers`: all servers.
- `pulls`: getting models, and taking them out of memory. `choice`: which model plays when nobody chose one.
- `contract`: what a kind of server must do. `ollama/`, `openai/`: the kinds. `http`, `keys`: what they share.
- `stream/`: what comes from a model. `problems`: what can go wrong.
- `rehearsal/`: the built-in player, which needs no model.

A further kind of server would be a further folder beside `ollama/` and `openai/`.
"""

"""The embedded engine: llama.cpp's own server, for machines without Ollama. Installed only where the user asks for it.

Two processes beside the bus, and a kind of server in the worker:
`engine` (waits for a wish, checks the file, starts and watches the next one), `serving` (holds one model, ends with
`engine`), `server` (the worker's side). Read also `library` (which files there are), `gguf` (what a file says of
itself), `memory`, `catalogue` and `offers` (models that can be got), `download`, `package`.
"""

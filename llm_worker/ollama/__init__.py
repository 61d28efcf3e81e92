"""Ollama over HTTP: its API, its lists of models, and the bytes of its answers."""

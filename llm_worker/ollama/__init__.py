"""Ollama over HTTP.

Read `server` (requests), `lines` (answers), `lists` (its lists of models).
"""

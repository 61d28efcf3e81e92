"""Ollama over HTTP.

Read `api` (requests and answers), `models` (the list, and the default model), `line_buffer` (bytes to lines).
"""

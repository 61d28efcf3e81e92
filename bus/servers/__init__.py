"""The servers of models beside Ollama: their tables, and the file of their keys."""

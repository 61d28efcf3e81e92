"""A small difference over quantised weights: taught with PyTorch, written as a GGUF adapter (`requirements.txt`)."""

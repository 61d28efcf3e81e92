"""Teach a small model to play any declared app: made-up orders, a trainer, and an exporter. No part of the product.

- `languages/`: how people speak, as files that a speaker edits. `speech`: reads them, and says things.
- `scenes`: apps, tables and rows that are made up. `orders`: what a user says there, and what is right.
- `prompt`: what the model is told, by the product's own composer. `check`: whether an answer leads to the right rows.
- `lora`: teaches the difference over quantised weights, and writes it as a file that llama.cpp loads beside them.
"""

"""The conversation as elements: messages, cards, notes, Markdown."""

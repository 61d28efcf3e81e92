"""The conversation as HTML elements: messages, cards, summaries, Markdown."""

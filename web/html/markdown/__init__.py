"""How Markdown is read: blocks, emphasis, formulas, and what models write beyond CommonMark."""

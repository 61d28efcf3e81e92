"""Data in the terminal: `pianola order`, `rows` and `search` (`handed_over`), and `sql`."""

"""Money: what was spent, and how much may be spent in a month."""

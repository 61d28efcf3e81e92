"""The SQLite file: open and check it, bring its tables to the declared shape, back it up."""

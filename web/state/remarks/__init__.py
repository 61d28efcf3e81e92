"""The assistant's remarks as plain data: which of them a page shows."""

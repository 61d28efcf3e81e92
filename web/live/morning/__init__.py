"""The morning page opens first, once a day."""

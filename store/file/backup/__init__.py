"""Backups of the database: the folder of them, how one is made, the one before an upgrade, and how one is restored."""

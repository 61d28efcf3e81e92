"""Processes that others of ours have started, seen from outside."""

"""Rows by one line of words; rows that are due later; rows under another one."""

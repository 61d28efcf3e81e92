"""Carry out one order. Read `orders` (verbs, answers), `writing` (insert …), `batch`, `undo`, `erase`, `redact`."""

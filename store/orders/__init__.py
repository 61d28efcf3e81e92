"""Carry out one order. Read `orders` (verbs, answers), `writing` (insert, update …), `batch`, `undo`."""

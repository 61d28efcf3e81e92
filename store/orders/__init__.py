"""Carry out an order: its verb, several orders in one (batch), writing, undo."""

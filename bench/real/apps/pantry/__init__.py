"""Pantry: what is in the house, where and how much, and what is to be bought."""

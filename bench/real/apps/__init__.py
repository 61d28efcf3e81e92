"""Six apps for the orders, as somebody may write them: choices, numbers, notes, and two tables each.

They are found by their entry points, like every app that pip has installed: see `bench/real/product.py`.
"""

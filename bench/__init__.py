"""Measurements, run by hand: `python -m bench.tokens` (orders, rows, footprint). Each prints its figures.

Speed is a ratio within one run: machines differ and are shared, so absolute figures mean little.
"""

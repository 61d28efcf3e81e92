"""Measurements, run by hand: `python -m bench.tokens`, `bench.orders`, `bench.rows`, `bench.footprint`, `bench.piano`.

Each prints its figures.

Speed is a ratio within one run: machines differ and are shared, so absolute figures mean little.
"""

"""Measurements, run by hand: `python -m bench.tokens`, `bench.orders`, `bench.rows`, `bench.footprint`, `bench.piano`.

Each prints its figures. Speed is given as a ratio within one run: machines differ and are shared by others, so absolute
figures say little. `bare_band` and `plain_bridge` are what Pianola is compared with in `tokens`.
"""

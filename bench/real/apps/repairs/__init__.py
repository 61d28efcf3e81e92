"""Repairs: the bikes in a small workshop, and the parts in its drawers."""

"""Bees: the hives of a beekeeper, and the honey."""

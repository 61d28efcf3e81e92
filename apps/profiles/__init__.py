"""Profiles: who is using Pianola. Rows of scoped tables belong to one of them."""

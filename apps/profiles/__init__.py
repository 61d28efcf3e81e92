"""Profiles: the people who use Pianola. Each row of a scoped table belongs to one profile."""

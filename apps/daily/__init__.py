"""A day at a glance, over all apps: what is due, what has changed and who did it, what waits, and what could be tidied.

Read first `reading`, which asks the store for all of it; the other modules are pure. `now` has the reader's zone.
"""

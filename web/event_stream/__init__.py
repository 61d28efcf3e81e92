"""`GET /events`: what happens on the bus, as server-sent events. Read `events`, `readers`, `reader`,
`route` first; then `position`, `tokens`, `facts` and `replay`: what a reader that comes back is told.
"""

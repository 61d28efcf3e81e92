"""`GET /events`: what happens on the bus, as server-sent events. Read `events`, `readers`, `route`."""

"""`pianola up --reload`: a changed file restarts the processes that use it. Read `sources`, `trial`, `reloader`."""

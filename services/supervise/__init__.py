"""Start, watch and stop the processes.

Read in this order: `procfile` (the list of processes), `launcher` (what `pianola up` runs), `supervisor` (starts and
asks supervisord), `configuration` (supervisord's), `supervisord` (ours, with small changes), `watchdog` (which process
hangs?); then `ports`, `memory`, `console`, and `reload/`.
"""

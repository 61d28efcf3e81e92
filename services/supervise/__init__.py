"""Start, watch and stop the processes: the launcher, supervisord, its configuration, the watchdog."""

"""The morning page: what the day has, over all apps; what has changed, what waits, what could be tidied."""

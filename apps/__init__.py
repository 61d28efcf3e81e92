"""Apps: the plugin surface (`hookspecs`, `tables`, `registry`), the tables of the core, and one folder per app.

The files of an app are named after the process that loads them: `store.py`, `agent.py`, `web.py`. Imports `bus` only.
"""

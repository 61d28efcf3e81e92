"""Apps: the interface for apps, the tables of the core, and one folder per app.

Read in this order:
- `hookspecs` (what an app can implement), `tables` (how it declares its tables), `views` (what its pages get).
- `core` (the tables of Pianola itself), `migrations` (upgrades of an app's tables), `names` (allowed names).
- `installed` (finds the apps), `registry` (loads them), `mistakes` and `failures` (report errors of apps).
- `causes`, `change_lookup`, `sentences`: describe a change and its cause in words. `starter`: `pianola new-app`.
- `words/`: reads what people write for dates, times, durations, money and repeats, in four languages.
- The apps: `todo/`, `profiles/`, `journal/`. Their files are named after the process that loads them: `store.py`,
  `agent.py`, `web.py`.

Imports `bus` only.
"""

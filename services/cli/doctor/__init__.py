"""`pianola doctor`: look at everything that keeps Pianola from working, and say what to do. It changes nothing.

Read `command` first, then `finding` (what a check gets and returns). The checks: `machine` (what lies outside the data
folder), `folder` (the data folder), `processes` (what runs), `data` (the database and its backups), `models` (their
servers, and what faces outside).
"""

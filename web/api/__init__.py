"""What programs use over HTTP: rows, orders, questions, and their description. docs/http.md is the manual.

Read `operations` (the table of all routes) first, then one file per subject: `rows`, `orders`, `ask`. `access` says
what a key may do.
"""

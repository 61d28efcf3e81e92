"""The command `pianola`.

Read `main` (the command line) first, then `commands/` (one file per command). They share `banner` (what `up` prints),
`browser` (opens the page), `terminal` (Ctrl-C), `bus_probe` (is there a bus?) and `health` (asks the web process).
"""

"""The command `pianola`.

Read `main` and `parser` (the command line) first, then `commands/` (one file per command); `doctor/`, `service/` and
`completion/` are commands with a folder of their own. They share `banner` (what `up` prints),
`browser` (opens the page), `terminal` (Ctrl-C), `bus_probe` (is there a bus?) and `health` (asks the web process).
"""

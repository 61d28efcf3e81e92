"""The smaller processes, and what starts and stops all of them.

Read in this order: `cli/` (the command `pianola`), `supervise/` (start, watch and stop the processes), `broker` (passes
all messages on), `agent/` (decides what the model hears and may do), `logger/` (writes all messages to a file).
"""

"""The logger: writes one line for each message on the bus to rotating files.

Read `__main__`, `lines`, `formats`, `log_file`.
"""

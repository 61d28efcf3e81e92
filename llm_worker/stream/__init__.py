"""What comes from a model, for every kind of server.

Read `pieces` (a part of an answer), `line_buffer` (bytes to lines), `json_values` (lines to checked values).
"""

"""What comes from a model, for every kind of server.

Read `pieces` (a part of an answer), `line_buffer` (bytes to lines), `json_values` (lines to checked values),
`calls` (calls of tools in one form), `reasoning` (what of the text is reasoning), `repetition` (a model that loops).
"""

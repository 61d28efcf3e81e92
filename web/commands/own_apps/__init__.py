"""Apps that the user declares in a form: a new one, a change of its tables and fields, its removal."""

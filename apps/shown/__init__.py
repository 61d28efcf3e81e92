"""How the rows of a table can be shown: views as data, their checks, and how an address names them."""

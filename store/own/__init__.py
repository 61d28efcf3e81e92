"""The tables of own apps: made and changed inside the transaction that writes the row of the table `app`."""

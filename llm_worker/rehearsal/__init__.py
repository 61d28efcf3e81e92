"""The built-in player, for the time before there is a model. Read `rules`, then `clauses` and `comments`."""

"""The built-in player for the time before there is a model: rules, sentences and comments."""

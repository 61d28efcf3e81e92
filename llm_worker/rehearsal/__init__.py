"""The built-in player that answers while there is no model: rules, sentences and comments."""

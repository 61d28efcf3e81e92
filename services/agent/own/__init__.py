"""An app by saying so: whether one is wanted, how a model is asked for it, and what its loose words declare."""

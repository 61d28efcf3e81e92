"""How the model is told of tools of other programs."""

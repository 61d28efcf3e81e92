"""Models and downloads of models, as every tab shows them."""

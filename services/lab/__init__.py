"""JupyterLab beside the bus, for `pianola up --lab`: `files` (its folder, token, address), `__main__` (its process)."""

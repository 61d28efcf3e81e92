"""Write a workflow app from a notebook: `cells` (read), `code` (what Python uses), `steps` (plan), `writing`."""

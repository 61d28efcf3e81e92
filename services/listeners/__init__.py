"""`python -m services.listeners NAME`: run a listener of the user's, a program in the folder `listeners`."""

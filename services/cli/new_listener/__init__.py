"""`pianola new-listener`: write a program that listens to the bus, and that runs with the processes."""

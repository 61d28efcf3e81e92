"""What is run by hand with `make test-long`."""

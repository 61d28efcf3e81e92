"""Tests of the broker, the logger, the supervisor and the command line."""

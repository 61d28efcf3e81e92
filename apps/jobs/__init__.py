"""One page for all jobs."""

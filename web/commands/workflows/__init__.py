"""Runs of workflows: begin, fill in a step, go back, finalise."""

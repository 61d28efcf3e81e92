"""Processes that belong to no single app: broker, agent, jobs, logger; and the supervisor and command that run all."""

"""Tests of services/agent/."""
